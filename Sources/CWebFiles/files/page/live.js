// The segments as they come: what the ring has, and then the stream, resumed where it broke off.

import { fetchFrom, getJSON, Problem, query } from "./api.js";
import { EventParser } from "./event-parser.js";

const historyLimit = 5000;
/// How long one turn of reading may take, so that the page stays at hand; the daemon keeps the cursor meanwhile.
const turnMilliseconds = 8;
const longestDelay = 5000;

export class LiveSegments {
    #listener;
    #selection = { filter: "", endpoint: "" };
    #cursor = null;
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
                if (this.#cursor === null) await this.#load(signal);
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

    async #load(signal) {
        const page = await getJSON(
            `/segments${query({ ...this.#selection, direction: "any", limit: historyLimit })}`, { signal });
        if (signal.aborted) return;
        this.#cursor = page.next;
        this.#instance = page.instance;
        this.#listener.began();
        this.#listener.segments(page.segments);
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
                this.#listener.gap(JSON.parse(event.data));
            } else if (event.data) {
                segments.push(JSON.parse(event.data));
            }
        }
        if (segments.length > 0) this.#listener.segments(segments);
    }
}

function pause(milliseconds) {
    return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}
