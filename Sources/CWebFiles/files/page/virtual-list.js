// A long list of which only what is seen is in the document. Subclasses make the rows and say what is in them.

import { element } from "./elements.js";

/// Rows beyond the edges, so that scrolling meets them ready.
const margin = 6;

export class VirtualList {
    exchange;
    scroller;
    /// The number of the row that is selected, or null.
    selected = null;
    #nodes = [];
    #body;
    #isFollowing = true;
    #frame = null;
    #onSelect;
    #onFollow;
    #left = 0;
    #pressed = null;

    /// `onSelect` is told the row, its number, and by what it shall be opened, `pointer` or `key`, if it shall;
    /// `onFollow` whether the newest is kept in sight.
    constructor(scroller, exchange, { onSelect, onFollow }) {
        this.scroller = scroller;
        this.exchange = exchange;
        this.#onSelect = onSelect;
        this.#onFollow = onFollow;
        this.#body = element("div", { class: "rows", role: "presentation" });
        this.scroller.append(this.#body);
        scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
        scroller.addEventListener("keydown", (event) => this.#key(event));
        this.#body.addEventListener("pointerdown", (event) => { this.#pressed = this.#numberAt(event); });
        this.#body.addEventListener("click", (event) => this.#click(event));
        new ResizeObserver(() => this.refresh()).observe(scroller);
    }

    get body() { return this.#body; }
    get isFollowing() { return this.#isFollowing; }
    get isShown() { return this.scroller.offsetParent !== null; }

    /// Draws in the next frame, however often it is asked before.
    refresh() {
        this.#frame ??= requestAnimationFrame(() => {
            this.#frame = null;
            if (this.isShown) this.draw();
        });
    }

    follow() {
        this.#setFollowing(true);
        this.refresh();
    }

    /// Brings the row that is selected into sight, or the newest.
    resume(isFollowing) {
        const index = this.selected === null ? -1 : this.selected - this.exchange.left;
        this.#setFollowing(isFollowing || index < 0);
        this.draw();
        if (!this.#isFollowing) this.#reveal(index);
        this.refresh();
    }

    select(number, opener = null) {
        this.selected = number;
        const row = number === null ? null : this.exchange.rows[number - this.exchange.left];
        if (row) {
            this.#reveal(number - this.exchange.left);
            this.#onSelect(row, number, opener);
        }
        this.refresh();
    }

    draw() {
        const { rows, left } = this.exchange;
        const before = this.rowHeight;
        this.prepare();
        const height = this.rowHeight;
        this.#body.style.height = `${rows.length * height}px`;
        if (this.#isFollowing) this.scroller.scrollTop = this.scroller.scrollHeight;
        else if (left !== this.#left || before !== height) {
            // What is in sight stays there when rows leave or become higher.
            this.scroller.scrollTop = (this.scroller.scrollTop / before - (left - this.#left)) * height;
        }
        this.#left = left;
        const top = this.scroller.scrollTop;
        const first = Math.max(0, Math.floor(top / height) - margin);
        const last = Math.min(rows.length, Math.ceil((top + this.scroller.clientHeight) / height) + margin);
        this.#have(last - first);
        for (let index = first; index < last; index += 1) this.#place(this.#nodes[index - first], index, height);
        this.#describe();
    }

    #have(count) {
        while (this.#nodes.length < count) {
            const node = this.make();
            node.root.classList.add("row");
            this.#nodes.push(node);
            this.#body.append(node.root);
        }
        for (const [index, node] of this.#nodes.entries()) node.root.hidden = index >= count;
    }

    #place(node, index, height) {
        const number = this.exchange.left + index;
        const row = this.exchange.rows[index];
        node.root.style.transform = `translateY(${index * height}px)`;
        node.root.style.height = `${height}px`;
        node.root.id = `${this.scroller.id}-${number}`;
        node.number = number;
        const isSelected = number === this.selected;
        node.root.classList.toggle("selected", isSelected);
        node.root.setAttribute("aria-selected", String(isSelected));
        this.fill(node, row, index, this.exchange.rows[index - 1] ?? null);
    }

    #describe() {
        const node = this.#nodes.find((one) => !one.root.hidden && one.number === this.selected);
        if (node) this.scroller.setAttribute("aria-activedescendant", node.root.id);
        else this.scroller.removeAttribute("aria-activedescendant");
    }

    #scrolled() {
        const distance = this.scroller.scrollHeight - this.scroller.clientHeight - this.scroller.scrollTop;
        if (this.#left === this.exchange.left) this.#setFollowing(distance < this.rowHeight);
        this.refresh();
    }

    #setFollowing(isFollowing) {
        if (this.#isFollowing === isFollowing) return;
        this.#isFollowing = isFollowing;
        this.#onFollow(isFollowing);
    }

    #reveal(index) {
        const height = this.rowHeight;
        const inset = this.headHeight;
        const { scrollTop, clientHeight } = this.scroller;
        const top = index * height;
        if (top >= scrollTop && top + height + inset <= scrollTop + clientHeight) return;
        this.#setFollowing(false);
        this.scroller.scrollTop = top < scrollTop ? top : top + height + inset - clientHeight;
    }

    #numberAt(event) {
        const root = event.target.closest(".row");
        return this.#nodes.find((one) => one.root === root)?.number ?? null;
    }

    /// Chooses what was under the pointer when it went down: rows may have moved on since.
    #click(event) {
        const number = this.#pressed ?? this.#numberAt(event);
        this.#pressed = null;
        if (number !== null) this.select(number, "pointer");
    }

    #key(event) {
        if (event.altKey || event.ctrlKey || event.metaKey || event.target !== this.scroller) return;
        const { rows, left } = this.exchange;
        const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight) - 2);
        const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length };
        const current = this.selected === null ? rows.length : this.selected - left;
        let next = null;
        if (event.key in steps) next = current + steps[event.key];
        else if (event.key === "n" || event.key === "N") next = this.#remarkable(current, event.key === "n" ? 1 : -1);
        else if ((event.key === "Enter" || event.key === " ") && this.selected !== null) next = current;
        if (next === null || rows.length === 0) return;
        event.preventDefault();
        const opens = event.key === "Enter" || event.key === " ";
        this.select(left + Math.min(Math.max(next, 0), rows.length - 1), opens ? "key" : null);
    }

    /// The next row that has a remark other than that it was seen before.
    #remarkable(from, step) {
        const { rows } = this.exchange;
        for (let index = from + step; index >= 0 && index < rows.length; index += step) {
            if (rows[index].remarks.some((remark) => remark.kind !== "again")) return index;
        }
        return null;
    }
}
