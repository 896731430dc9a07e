// The payload of the form that crafts a segment, in the forms that the daemon takes.

import { typed } from "./craft-fields.js";
import { element } from "./elements.js";

export class PayloadField {
    root;
    #form = element("select", { "aria-label": "Form of the payload" },
        ["text", "hex", "base64", "random octets"].map((form) => element("option", {}, form)));
    #text = element("textarea", {
        id: "craft-payload", rows: "2", spellcheck: "false", "aria-describedby": "craft-payload-violation",
    });
    #seed = element("input", {
        type: "text", "aria-label": "Seed of the random octets", placeholder: "seed 0", autocomplete: "off",
    });

    constructor() {
        this.root = element("div", { class: "control payload", "data-pointer": "/payload" },
            element("div", { class: "label-line" },
                element("label", { for: "craft-payload" }, "Payload"), this.#form, this.#seed),
            this.#text, element("p", { class: "violation", id: "craft-payload-violation" }));
        this.#form.addEventListener("change", () => this.#arrange());
        this.#arrange();
    }

    /// The payload as JSON; null, none.
    get value() {
        const text = this.#text.value;
        if (text === "") return null;
        switch (this.#form.value) {
        case "hex": return { hex: text.replace(/\s+/g, "") };
        case "base64": return { base64: text.trim() };
        case "random octets": return { length: typed(text), random: typed(this.#seed.value || "0") };
        default: return text;
        }
    }

    set value(payload) {
        const [form, text, seed] = partsOf(payload);
        this.#form.value = form;
        this.#text.value = text;
        this.#seed.value = seed ?? "";
        this.#arrange();
    }

    #arrange() {
        const isRandom = this.#form.value === "random octets";
        this.#seed.hidden = !isRandom;
        this.#text.placeholder = isRandom ? "how many octets" : "none";
    }
}

function partsOf(payload) {
    if (payload === null || payload === undefined) return ["text", ""];
    if (typeof payload === "string") return ["text", payload];
    if (payload.hex !== undefined) return ["hex", payload.hex];
    if (payload.text !== undefined) return ["text", payload.text];
    if (payload.base64 !== undefined) return ["base64", payload.base64];
    return ["random octets", String(payload.length ?? ""), String(payload.random ?? "")];
}
