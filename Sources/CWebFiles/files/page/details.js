// One segment: what it says, its octets, and what to do with it.

import { getJSON, Problem } from "./api.js";
import { ByteMap } from "./byte-map.js";
import { button, byId, element, entry } from "./elements.js";
import { duration, nanosecondsBetween } from "./format.js";
import { gapText } from "./sentence.js";
import { destinationText, flagsText, numbersText, sourceText } from "./summary.js";

export class Details {
    #root = byId("segment-details");
    #places;
    #actions;
    #map = new ByteMap("Datagram");
    #shown = 0;

    /// The actions are craft(segment) and follow(filter).
    constructor(places, actions) {
        this.#places = places;
        this.#actions = actions;
    }

    /// Shows a row of the exchange, as it was sent or as it arrived.
    async showRow(row) {
        if (row.kind === "gap") return this.#showGap(row);
        await this.#show(row.first, row);
    }

    /// Shows a segment by its number, such as a run names.
    async showNumber(id) {
        const turn = this.#begin();
        try {
            const segment = await getJSON(`/segments/${id}`);
            if (turn === this.#shown) this.#fill(segment, null, null);
        } catch (error) {
            if (turn === this.#shown) this.#fail(error);
        }
    }

    #begin() {
        this.#shown += 1;
        return this.#shown;
    }

    async #show(summary, row) {
        const turn = this.#begin();
        try {
            const segment = await getJSON(`/segments/${summary.id}`);
            if (turn === this.#shown) this.#fill(segment, summary, row);
        } catch (error) {
            if (turn !== this.#shown) return;
            if (error instanceof Problem && error.status === 404) this.#fillKept(summary, row);
            else this.#fail(error);
        }
    }

    #showGap(row) {
        this.#begin();
        this.#root.replaceChildren(
            element("h3", {}, "Segments are missing here"), element("p", {}, `${gapText(row.losses)}.`),
            element("p", { class: "hint" },
                "A larger --receive-buffer helps against the former, a larger --ring-segments against the latter."));
    }

    #fail(error) {
        this.#root.replaceChildren(element("p", { class: "error", role: "alert" }, error.text ?? error.message));
    }

    #fill(segment, summary, row) {
        this.#map.show(segment.octets, segment.fields);
        this.#root.replaceChildren(
            this.#head(segment, summary, row),
            this.#map.root,
            element("div", { class: "actions" },
                button("Craft from this one", () => this.#actions.craft(segment)),
                button("Only this connection", () => this.#actions.follow(filterOf(segment)), { disabled: !segment.ip })),
            element("details", {}, element("summary", {}, "As JSON"),
                element("pre", { tabindex: "0" }, JSON.stringify(segment, null, 2))));
    }

    #fillKept(summary, row) {
        this.#root.replaceChildren(
            this.#head(null, summary, row),
            element("p", { class: "hint" }, "It has left the daemon's ring; this is what the page keeps of it."),
            element("dl", { class: "facts" }, ...entry("Numbers", numbersText(summary) || "none"),
                ...entry("From", sourceText(summary)), ...entry("To", destinationText(summary))));
    }

    #head(segment, summary, row) {
        const shown = segment ?? summary;
        const remarks = row ? row.remarks : (segment?.malformed ?? []).map((text) => ({ kind: "malformed", text }));
        return element("div", { class: "segment-head" },
            element("h3", {}, row ? `${this.#places.title(row.from)} → ${this.#places.title(row.to)}` : `Segment ${shown.id}`,
                " ", element("span", { class: "flags" }, flagsText(summary ?? { ...segment, flags: segment.flags ?? [] }))),
            remarks.length > 0 && element("p", { class: "remark-list" },
                remarks.map((remark) => element("span", { class: `remark ${remark.kind}` }, remark.text))),
            row?.arrival && this.#records(shown, row),
            element("p", { class: "hint" },
                `No. ${shown.id}, ${shown.direction} at ${shown.endpoint}`
                + `${segment ? `, ${segment.timestamp.slice(11, 29)} UTC` : ""}`
                + `${row?.arrival ? `, ${duration(nanosecondsBetween(row.first.time, row.arrival.time))} on its way` : ""}`));
    }

    #records(shown, row) {
        const choice = (label, record) => button(label, () => this.#show(record, row), {
            "aria-pressed": String(record.id === shown.id),
        });
        return element("div", { class: "choice", role: "group", "aria-label": "Which record" },
            choice("As sent", row.first), choice("As received", row.arrival));
    }
}

/// A filter for a segment's connection, both ways.
function filterOf({ ip, sourcePort, destinationPort }) {
    const hosts = `host ${ip.source} and host ${ip.destination}`;
    return sourcePort === null || sourcePort === undefined
        ? hosts : `${hosts} and port ${sourcePort} and port ${destinationPort}`;
}
