// The exchange as a ladder: a column for each endpoint, an arrow for each segment.

import { element, setText } from "./elements.js";
import { clock, duration, nanosecondsBetween } from "./format.js";
import { gapText, sentence } from "./sentence.js";
import { flagsText, numbersText } from "./summary.js";
import { VirtualList } from "./virtual-list.js";

const narrowest = 620;
const narrowestLane = { wide: 112, narrow: 76 };
const narrowestText = 210;
const timeWidth = { wide: 120, narrow: 92 };

export class Ladder extends VirtualList {
    #places;
    #head;
    #lines;
    #columns = [];
    #positions = new Map();
    #time = "clock";
    #isWide = true;
    #textLeft = 0;

    constructor(scroller, exchange, places, listener) {
        super(scroller, exchange, listener);
        this.#places = places;
        this.#head = element("div", { class: "ladder-head", "aria-hidden": "true" });
        this.#lines = element("div", { class: "lifelines", "aria-hidden": "true" });
        scroller.prepend(this.#head);
        this.body.append(this.#lines);
    }

    get rowHeight() { return this.#isWide ? 30 : 46; }
    get headHeight() { return this.#head.offsetHeight; }

    showTime(kind) {
        this.#time = kind;
        this.refresh();
    }

    /// Puts the columns where they belong.
    prepare() {
        const width = this.scroller.clientWidth;
        const columns = this.#places.columns();
        // Where columns and text do not fit side by side, the text goes under the arrow.
        this.#isWide = width >= narrowest && width - timeWidth.wide - columns.length * narrowestLane.wide >= narrowestText;
        this.scroller.classList.toggle("is-narrow", !this.#isWide);
        const texts = columns.map((column) => `${column.key} ${column.detail} ${column.endpoint?.state}`);
        const key = `${width} ${texts.join()}`;
        if (key === this.#columns.key) return;
        this.#columns = columns;
        this.#columns.key = key;
        this.#arrange(width);
    }

    #arrange(width) {
        const count = Math.max(this.#columns.length, 1);
        const left = timeWidth[this.#isWide ? "wide" : "narrow"];
        // The columns have the room they need, the text has what is left, in bounds.
        const needed = count * narrowestLane[this.#isWide ? "wide" : "narrow"];
        const room = this.#isWide ? Math.max(Math.min(width * 0.46, width - left - needed), narrowestText) : 0;
        const lanes = Math.max(width - left - room, needed);
        const lane = lanes / count;
        this.#positions = new Map(this.#columns.map((column, index) => [column.key, left + lane * (index + 0.5)]));
        this.#textLeft = this.#isWide ? left + lanes + 8 : left;
        const total = left + lanes + room;
        this.body.style.width = `${total}px`;
        this.#head.style.width = `${total}px`;
        this.#head.replaceChildren(...this.#columns.map((column) => this.#title(column, lane)));
        this.#lines.replaceChildren(...this.#columns.map((column) => {
            const line = element("div", { class: "lifeline" });
            line.style.left = `${this.#positions.get(column.key)}px`;
            return line;
        }));
    }

    #title(column, lane) {
        const state = column.endpoint?.state ?? "none";
        const title = element("div", { class: "column", title: `${column.title}, ${column.detail}` },
            element("span", { class: `name state-${state}` }, column.title),
            element("span", { class: "detail" }, column.detail));
        title.style.left = `${this.#positions.get(column.key) - lane / 2}px`;
        title.style.width = `${lane}px`;
        return title;
    }

    make() {
        const parts = {
            time: element("span", { class: "time" }),
            arrow: element("span", { class: "arrow" }),
            flags: element("span", { class: "flags" }),
            text: element("span", { class: "numbers" }),
            remarks: element("span", { class: "remarks" }),
        };
        const inner = element("div", { class: "inner", "aria-hidden": "true" },
            parts.time, parts.arrow, parts.flags, element("span", { class: "text" }, parts.remarks, parts.text));
        parts.textBox = inner.lastChild;
        return { root: element("div", { role: "option" }, inner), ...parts };
    }

    fill(node, row, index, before) {
        const kinds = new Set(row.remarks.map((remark) => remark.kind));
        const kind = ["malformed", "reset", "loss", "again"].find((one) => kinds.has(one)) ?? "plain";
        node.root.className = `row ${row.kind} is-${kind}${node.number === this.selected ? " selected" : ""}`;
        node.root.setAttribute("aria-label", sentence(row, this.#places));
        node.root.setAttribute("aria-setsize", this.exchange.rows.length);
        node.root.setAttribute("aria-posinset", index + 1);
        node.textBox.style.left = `${this.#textLeft}px`;
        this.#fillRemarks(node, row);
        if (row.kind === "gap") this.#fillGap(node, row);
        else this.#fillSegment(node, row, before);
    }

    #fillRemarks(node, row) {
        const text = row.remarks.map((remark) => `${remark.kind} ${remark.text}`).join();
        if (node.remarksText === text) return;
        node.remarksText = text;
        node.remarks.replaceChildren(
            ...row.remarks.map((remark) => element("span", { class: `remark ${remark.kind}` }, remark.text)));
    }

    #fillGap(node, row) {
        setText(node.time, "");
        setText(node.flags, "");
        node.arrow.className = "arrow none";
        setText(node.text, gapText(row.losses));
    }

    #fillSegment(node, row, before) {
        setText(node.time, this.#timeText(row, before));
        setText(node.flags, flagsText(row.first));
        setText(node.text, numbersText(row.first));
        const from = this.#positions.get(row.from) ?? 0;
        const to = this.#positions.get(row.to) ?? 0;
        const isLost = row.isOverdue && !row.arrival;
        const [start, length] = from === to ? [from - 14, 28] : [Math.min(from, to), Math.abs(to - from)];
        node.arrow.className = `arrow ${to < from ? "left" : "right"}${isLost ? " lost" : ""}${from === to ? " stub" : ""}`;
        node.arrow.style.left = `${start}px`;
        node.arrow.style.width = `${length}px`;
        node.flags.style.left = `${(from + to) / 2}px`;
    }

    #timeText(row, before) {
        if (this.#time === "clock") return clock(row.first.time);
        const since = this.#time === "before" ? before : this.exchange.rows.find((one) => one.kind === "segment");
        if (!since?.first) return "0";
        return `+${duration(nanosecondsBetween(since.first.time, row.first.time))}`.replace("+-", "-");
    }
}
