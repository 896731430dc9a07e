// The form of a segment, and the JSON that it stands for. Members that it has no field for are kept as they are.

import {
    at, flagNames, headerFields, internetFields, internetSwitches, numberFields, put, repeatFields, shown, take, typed,
} from "./craft-fields.js";
import { element } from "./elements.js";
import { OptionRows } from "./option-rows.js";
import { PayloadField } from "./payload-field.js";

/// What received segments have and a segment to send does not.
const readOnly = ["/id", "/endpoint", "/direction", "/timestamp", "/malformed", "/octets", "/fields", "/error",
    "/ip/headerLength", "/ip/totalLength"];

export class SegmentForm {
    root;
    #flags = new Map();
    #inputs = new Map();
    #switches = new Map();
    #options = new OptionRows();
    #payload = new PayloadField();
    #rest = {};

    constructor() {
        this.root = element("div", { class: "segment-form" },
            this.#flagChips(),
            element("div", { class: "grid" }, numberFields.map((field) => this.#input(...field))),
            this.#payload.root,
            this.#group("TCP options", this.#options.root),
            this.#group("Rest of the TCP header", this.#grid(headerFields)),
            this.#group("IPv4 header", this.#grid(internetFields), this.#switchChips()),
            this.#group("Repeat", this.#grid(repeatFields)));
    }

    get value() {
        const segment = structuredClone(this.#rest);
        const flags = flagNames.filter((name) => this.#flags.get(name).checked);
        if (flags.length > 0) segment.flags = flags;
        for (const [pointer, input] of this.#inputs) {
            if (input.value.trim() !== "") put(segment, pointer, typed(input.value));
        }
        for (const [pointer, , usual] of internetSwitches) {
            const { checked } = this.#switches.get(pointer);
            if (checked !== usual) put(segment, pointer, checked);
        }
        const options = this.#options.value;
        if (options.length > 0) segment.options = options;
        const payload = this.#payload.value;
        if (payload !== null) segment.payload = payload;
        return segment;
    }

    /// Takes a segment to send, or one that was received.
    set value(segment) {
        const rest = structuredClone(segment);
        for (const pointer of readOnly) take(rest, pointer);
        for (const [name, input] of this.#flags) input.checked = (segment.flags ?? []).includes(name);
        for (const [pointer, input] of this.#inputs) {
            input.value = shown(at(segment, pointer));
            take(rest, pointer);
        }
        for (const [pointer, , usual] of internetSwitches) {
            this.#switches.get(pointer).checked = at(segment, pointer) ?? usual;
            take(rest, pointer);
        }
        if (segment.checksum && typeof segment.checksum === "object") {
            this.#inputs.get("/checksum").value = segment.checksum.status === "incorrect" ? String(segment.checksum.value) : "";
        }
        this.#options.value = segment.options ?? [];
        this.#payload.value = segment.payload ?? null;
        for (const pointer of ["/flags", "/options", "/payload"]) take(rest, pointer);
        this.#rest = rest;
        for (const group of this.root.querySelectorAll("details")) group.open ||= this.#isFilled(group);
    }

    /// Shows what is wrong at the fields; answers what has no field.
    showViolations(violations) {
        for (const place of this.root.querySelectorAll("[data-pointer]")) this.#mark(place, null);
        return violations.filter((violation) => {
            const pointer = (violation.pointer ?? "").replace(/^\/0(?=\/|$)/, "");
            const places = [...this.root.querySelectorAll("[data-pointer]")]
                .filter((place) => pointer === place.dataset.pointer || pointer.startsWith(`${place.dataset.pointer}/`));
            const place = places.sort((one, other) => other.dataset.pointer.length - one.dataset.pointer.length)[0];
            if (!place) return true;
            this.#mark(place, violation.detail);
            place.closest("details")?.setAttribute("open", "");
            return false;
        });
    }

    #mark(place, detail) {
        const message = place.querySelector(".violation");
        message.textContent = detail ?? "";
        for (const input of place.querySelectorAll("input, select, textarea")) {
            if (detail === null) input.removeAttribute("aria-invalid");
            else input.setAttribute("aria-invalid", "true");
        }
    }

    #isFilled(group) {
        return [...group.querySelectorAll("input:not([type=checkbox])")].some((input) => input.value !== "")
            || group.querySelector(".option-row") !== null;
    }

    #flagChips() {
        return element("fieldset", { class: "chips", "data-pointer": "/flags" }, element("legend", {}, "Flags"),
            flagNames.map((name) => this.#chip(name, this.#flags, name)), element("p", { class: "violation" }));
    }

    #switchChips() {
        return element("fieldset", { class: "chips", "data-pointer": "/ip" }, element("legend", {}, "IPv4 flags"),
            internetSwitches.map(([pointer, label, usual]) => this.#chip(label, this.#switches, pointer, usual)),
            element("p", { class: "violation" }));
    }

    #chip(label, into, key, checked = false) {
        const input = element("input", { type: "checkbox", checked });
        into.set(key, input);
        return element("label", { class: "chip" }, input, element("span", {}, label));
    }

    #grid(fields) {
        return element("div", { class: "grid" }, fields.map((field) => this.#input(...field)));
    }

    #input(pointer, label, usual) {
        const id = `craft${pointer.replaceAll("/", "-")}`;
        const input = element("input", {
            id, type: "text", placeholder: usual, autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-violation`,
        });
        this.#inputs.set(pointer, input);
        return element("div", { class: "control", "data-pointer": pointer },
            element("label", { for: id }, label), input, element("p", { class: "violation", id: `${id}-violation` }));
    }

    #group(title, ...children) {
        return element("details", { class: "group" }, element("summary", {}, title), ...children);
    }
}
