// The segments as they come, from some that the ring still has on, and resumed where the stream broke off.

import { fetchFrom, getJSON, Problem, query } from "./api.js";
import { EventParser } from "./event-parser.js";

/// How many of the latest numbers it begins with; with a filter or an endpoint, the whole ring is looked through.
const historyLimit = 5000;
/// How long one turn of reading may take, so that the page stays at hand; the daemon keeps the cursor meanwhile.
const turnMilliseconds = 8;
const longestDelay = 5000;

export class LiveSegments {
    #listener;
    #selection = { filter: "", endpoint: "" };
    #cursor = null;
    /// The latest number when it began: what comes before it is history.
    #historyEnd = 0;
    #isHistoryUnread = true;
    #instance = null;
    #abort = null;

    /// The listener has began(), segments(list), gap(losses) and state(name, problem).
    constructor(listener) {
        this.#listener = listener;
    }

    /// Begins anew with a filter and an endpoint, or all.
    select(selection) {
        this.#selection = selection;
        this.#cursor = null;
        this.resume();
    }

    pause() {
        this.#abort?.abort();
        this.#abort = null;
        this.#listener.state("paused");
    }

    resume() {
        this.#abort?.abort();
        this.#abort = new AbortController();
        this.#run(this.#abort.signal);
    }

    async #run(signal) {
        let delay = 250;
        while (!signal.aborted) {
            try {
                this.#listener.state("connecting");
                if (this.#cursor === null) await this.#begin(signal);
                await this.#follow(signal, () => { delay = 250; });
            } catch (error) {
                if (signal.aborted) return;
                if (this.#isStale(error)) {
                    this.#cursor = null;
                    continue;
                }
                if (error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429) {
                    this.#listener.state("failed", error);
                    return;
                }
            }
            if (signal.aborted) return;
            this.#listener.state("waiting");
            await pause(delay);
            delay = Math.min(delay * 2, longestDelay);
        }
    }

    /// Whether the cursor is of a daemon or a ring that is no more.
    #isStale(error) {
        return this.#cursor !== null && error instanceof Problem
            && (error.status === 410 || error.violationOf("instance") !== null || error.violationOf("after") !== null);
    }

    async #begin(signal) {
        const page = await getJSON(`/segments${query({ direction: "any", limit: 1 })}`, { signal });
        if (signal.aborted) return;
        const { filter, endpoint } = this.#selection;
        const history = filter || endpoint ? Infinity : historyLimit;
        this.#cursor = Math.max(page.oldest - 1, page.next - history);
        this.#historyEnd = page.next;
        this.#isHistoryUnread = true;
        this.#instance = page.instance;
        this.#listener.began();
    }

    async #follow(signal, heard) {
        const parameters = { ...this.#selection, direction: "any", after: this.#cursor, instance: this.#instance };
        const response = await fetchFrom(
            `/segments/stream${query(parameters)}`, { accept: "text/event-stream, application/problem+json", signal });
        this.#listener.state("live");
        heard();
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        const parser = new EventParser();
        let turnEnds = performance.now() + turnMilliseconds;
        while (true) {
            const { value, done } = await reader.read();
            if (done || signal.aborted) return;
            this.#take(parser.take(value));
            if (performance.now() > turnEnds) {
                await pause(turnMilliseconds);
                turnEnds = performance.now() + turnMilliseconds;
            }
        }
    }

    #take(events) {
        let segments = [];
        for (const event of events) {
            if (event.id !== null) this.#cursor = event.id;
            if (event.name === "gap") {
                this.#listener.segments(segments);
                segments = [];
                this.#takeGap(event.id, JSON.parse(event.data));
            } else if (event.data) {
                segments.push(JSON.parse(event.data));
                this.#isHistoryUnread = false;
            }
        }
        if (segments.length > 0) this.#listener.segments(segments);
    }

    /// What left the ring just before the beginning was read is older than anything that is shown.
    #takeGap(id, losses) {
        if (this.#isHistoryUnread && id < this.#historyEnd && losses.kernel === 0) return;
        this.#listener.gap(losses);
    }
}

function pause(milliseconds) {
    return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}
