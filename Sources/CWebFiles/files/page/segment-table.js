// The exchange as a table: the same rows, for those who would rather read than look.

import { element, setText } from "./elements.js";
import { clock, count } from "./format.js";
import { gapText } from "./sentence.js";
import { flagsText } from "./summary.js";
import { VirtualList } from "./virtual-list.js";

const columns = [
    ["number", "No."], ["time", "Time"], ["from", "From"], ["to", "To"], ["flags", "Flags"], ["remarks", "Remarks"],
    ["sequence", "Sequence"], ["acknowledgment", "Acknowl."], ["window", "Window"], ["length", "Length"],
    ["payload", "Payload"],
];

export class SegmentTable extends VirtualList {
    #places;
    #head;

    constructor(scroller, exchange, places, listener) {
        super(scroller, exchange, listener);
        this.#places = places;
        this.#head = element("div", { class: "table-head", role: "row", "aria-rowindex": "1" },
            columns.map(([name, title]) => element("span", { class: `cell ${name}`, role: "columnheader" }, title)));
        scroller.prepend(element("div", { role: "rowgroup", class: "table-top" }, this.#head));
        this.body.setAttribute("role", "rowgroup");
    }

    get rowHeight() { return 26; }
    get headHeight() { return this.#head.offsetHeight; }

    prepare() {
        this.scroller.setAttribute("aria-rowcount", this.exchange.rows.length + 1);
    }

    make() {
        const cells = Object.fromEntries(
            columns.map(([name]) => [name, element("span", { class: `cell ${name}`, role: "gridcell" })]));
        return { root: element("div", { role: "row" }, ...Object.values(cells)), cells };
    }

    fill(node, row, index) {
        node.root.setAttribute("aria-rowindex", index + 2);
        const kind = ["malformed", "reset", "loss", "again"].find((one) => row.remarks.some((remark) => remark.kind === one));
        node.root.className = `row is-${kind ?? "plain"}${node.number === this.selected ? " selected" : ""}`;
        const texts = row.kind === "gap" ? { remarks: `lost: ${gapText(row.losses)}` } : this.#texts(row);
        for (const [name, cell] of Object.entries(node.cells)) setText(cell, texts[name] ?? "");
    }

    #texts(row) {
        const { first } = row;
        return {
            number: String(first.id),
            time: clock(first.time),
            from: this.#places.title(row.from),
            to: this.#places.title(row.to),
            flags: flagsText(first),
            sequence: String(first.sequenceNumber ?? ""),
            acknowledgment: String(first.acknowledgmentNumber ?? ""),
            window: String(first.window ?? ""),
            length: count(first.length),
            payload: first.preview,
            remarks: row.remarks.map((remark) => remark.text).join(", "),
        };
    }
}
