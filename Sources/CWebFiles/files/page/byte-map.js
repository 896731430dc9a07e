// A datagram octet by octet, and its fields: what is pointed at in one lights up in the other.

import { button, element, rove } from "./elements.js";
import { fieldTitle, layer, meaning } from "./fields.js";
import { hexadecimal, octetsOfHexadecimal, printable } from "./format.js";

const firstOctets = 256;
const moreOctets = 1024;
const narrow = 560;
const advice = "Point at an octet or a field, or move with the arrow keys.";

export class ByteMap {
    root;
    #lines;
    #list;
    #caption;
    #more;
    #octets = new Uint8Array();
    #fields = [];
    /// The index of the field of each octet, or -1.
    #owners = new Int16Array();
    #shown = firstOctets;
    #perLine = 16;
    /// The index of the field that is pointed at, or null.
    #lit = null;

    constructor(label) {
        this.#lines = element("div", { class: "octets", role: "group", "aria-label": `${label}: octets` });
        this.#caption = element("p", { class: "caption", "aria-hidden": "true" });
        this.#list = element("div", { class: "fields", role: "group", "aria-label": `${label}: fields` });
        this.#more = button("", () => this.#showMore(), { class: "quiet" });
        this.root = element("div", { class: "byte-map" }, this.#lines, this.#more, this.#caption, this.#list);
        rove(this.#lines, () => [...this.#lines.querySelectorAll("button")], () => this.#perLine);
        rove(this.#list, () => [...this.#list.querySelectorAll("button")]);
        for (const name of ["pointerover", "focusin"]) this.root.addEventListener(name, (event) => this.#point(event));
        for (const name of ["pointerleave", "focusout"]) this.root.addEventListener(name, () => this.#light(null));
        new ResizeObserver(() => this.#resized()).observe(this.root);
    }

    /// Shows a datagram given in hex; the kernel fills some of its fields itself.
    show(text, fields, kernelFills = []) {
        this.#octets = octetsOfHexadecimal(text);
        this.#fields = fields.map((field) => ({
            ...field,
            octets: this.#octets.subarray(field.offset, field.offset + field.length),
            isFilled: kernelFills.includes(field.name),
        }));
        this.#owners = new Int16Array(this.#octets.length).fill(-1);
        this.#fields.forEach((field, index) => this.#owners.fill(index, field.offset, field.offset + field.length));
        this.#shown = firstOctets;
        this.#drawLines();
        this.#drawFields();
        this.#light(null);
    }

    #resized() {
        const perLine = this.root.clientWidth >= narrow ? 16 : 8;
        if (perLine === this.#perLine) return;
        this.#perLine = perLine;
        this.#drawLines();
        this.#light(this.#lit);
    }

    #showMore() {
        this.#shown += moreOctets;
        this.#drawLines();
        this.#light(this.#lit);
    }

    #drawLines() {
        const end = Math.min(this.#shown, this.#octets.length);
        const lines = [];
        for (let start = 0; start < end; start += this.#perLine) {
            lines.push(this.#line(start, Math.min(start + this.#perLine, end)));
        }
        this.#lines.replaceChildren(...lines);
        const first = this.#lines.querySelector("button");
        if (first) first.tabIndex = 0;
        this.#more.textContent = `Show more of the other ${this.#octets.length - end} octets`;
        this.#more.hidden = end === this.#octets.length;
    }

    #line(start, end) {
        const places = Array.from({ length: end - start }, (_, index) => start + index);
        return element("div", { class: "line" },
            element("span", { class: "offset", "aria-hidden": "true" }, start.toString(16).padStart(4, "0")),
            element("span", { class: "hex" }, places.map((place) => this.#octet(place))),
            element("span", { class: "ascii", "aria-hidden": "true" }, places.map((place) => element("span", {
                "data-field": this.#owners[place], class: `layer-${layer(this.#nameAt(place))}`,
            }, printable(this.#octets[place])))));
    }

    #octet(place) {
        const name = this.#nameAt(place);
        return element("button", {
            type: "button", tabindex: "-1", "data-field": this.#owners[place], class: `octet layer-${layer(name)}`,
            "aria-label": `octet ${place}, ${hexadecimal(this.#octets[place])}, ${name ? fieldTitle(name) : "no field"}`,
        }, hexadecimal(this.#octets[place]));
    }

    #nameAt(place) {
        return this.#fields[this.#owners[place]]?.name ?? null;
    }

    #drawFields() {
        this.#list.replaceChildren(...this.#fields.map((field, index) => element("button", {
            type: "button", tabindex: index === 0 ? "0" : "-1", "data-field": index, class: `field layer-${layer(field.name)}`,
        },
        element("span", { class: "name" }, fieldTitle(field.name)),
        element("span", { class: "meaning" }, meaning(field.name, field.octets)),
        element("span", { class: "place" }, placeOf(field)))));
    }

    #point(event) {
        const target = event.target.closest("[data-field]");
        this.#light(target ? Number(target.dataset.field) : null);
    }

    #light(index) {
        this.#lit = index;
        for (const lit of this.root.querySelectorAll(".lit")) lit.classList.remove("lit");
        const field = this.#fields[index];
        this.#caption.textContent = field ? this.#captionOf(field) : advice;
        if (!field) return;
        for (const part of this.root.querySelectorAll(`[data-field="${index}"]`)) part.classList.add("lit");
    }

    #captionOf(field) {
        const place = `${field.length === 1 ? "octet" : "octets"} ${placeOf(field)}`;
        const writer = field.isFilled ? ", written by the kernel" : "";
        return `${fieldTitle(field.name)}: ${meaning(field.name, field.octets)} (${place}${writer})`;
    }
}

function placeOf({ offset, length }) {
    return length === 1 ? String(offset) : `${offset}–${offset + length - 1}`;
}
