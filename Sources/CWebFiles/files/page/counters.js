// What all endpoints count, as small time series and as totals.

import { getJSON } from "./api.js";
import { byId, element, setText } from "./elements.js";
import { count, rate } from "./format.js";
import { Series } from "./series.js";

/// Each: title, kind, and the counter of which the change in a second is drawn.
const rates = [
    ["Received", "received", (total) => total.segmentsReceived],
    ["Sent", "sent", (total) => total.segmentsSent],
    ["Answers", "sent", (total) => total.replies],
    ["Lost", "loss", (total) => total.kernelDrops],
    ["Malformed", "malformed", (total) => total.malformed + total.checksums.incorrect],
    ["Kernel's resets", "reset", (total) => total.kernelResets],
];

const totals = [
    ["Received", (total) => total.segmentsReceived],
    ["Sent", (total) => total.segmentsSent],
    ["Not sent", (total) => Object.values(total.outcomes).reduce((sum, number) => sum + number, 0) - (total.outcomes.sent ?? 0)],
    ["Answers", (total) => total.replies],
    ["Answers suppressed", (total) => total.repliesSuppressed],
    ["Lost in the kernel", (total) => total.kernelDrops],
    ["Left the ring", (total) => total.ringEvictions],
    ["ICMP errors", (total) => total.icmpErrors],
];

export class Counters {
    #series = rates.map(([title, kind]) => new Series(title, kind, rate));
    #totals = totals.map(() => element("dd"));
    #last = null;

    constructor() {
        byId("series").append(...this.#series.map((series) => series.root));
        byId("totals").append(...totals.flatMap(([title], index) => [element("dt", {}, title), this.#totals[index]]));
    }

    async ask() {
        const { total } = await getJSON("/counters");
        const at = performance.now();
        totals.forEach(([, figure], index) => setText(this.#totals[index], count(figure(total))));
        if (this.#last) {
            const seconds = (at - this.#last.at) / 1000;
            rates.forEach(([, , figure], index) => {
                this.#series[index].add(Math.max(0, figure(total) - figure(this.#last.total)) / seconds);
            });
        }
        this.#last = { total, at };
    }
}
