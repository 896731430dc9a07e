// The TCP options of the form that crafts a segment: a row each, in the order in which they leave.

import { optionMembers, shown, typed } from "./craft-fields.js";
import { button, element } from "./elements.js";
import { fieldTitle } from "./fields.js";

export class OptionRows {
    root;
    #list = element("div", { class: "option-list" });
    #kind = element("select", { "aria-label": "Kind of the option to add" },
        Object.keys(optionMembers).map((kind) => element("option", { value: kind }, fieldTitle(kind))));

    constructor() {
        this.root = element("div", { class: "options", "data-pointer": "/options" }, this.#list,
            element("div", { class: "actions" }, this.#kind, button("Add option", () => this.#addChosen())),
            element("p", { class: "violation" }));
    }

    get value() {
        return [...this.#list.children].map((row) => {
            const kind = row.dataset.kind;
            // An option whose members the form does not know goes as it came.
            if (row.dataset.whole) return typed(row.querySelector("input").value);
            const option = kind === "other" ? {} : { kind };
            for (const input of row.querySelectorAll("input")) {
                const text = input.value.trim();
                const isText = ["data", "cookie"].includes(input.name);
                if (text !== "" || isText) option[input.name] = isText ? text : typed(text);
            }
            return option;
        });
    }

    set value(options) {
        this.#list.replaceChildren(...options.map((option) => this.#rowOf(option)));
    }

    #rowOf(option) {
        const kind = typeof option.kind === "number" ? "other" : option.kind;
        const members = optionMembers[kind];
        const isKnown = members && Object.keys(option).every((name) => name === "kind" || name in members);
        if (!isKnown) return this.#row("option", { option: JSON.stringify(option) }, true);
        return this.#row(kind, Object.fromEntries(Object.keys(members).map((name) => [name, shown(option[name])])));
    }

    #addChosen() {
        const row = this.#row(this.#kind.value, optionMembers[this.#kind.value]);
        this.#list.append(row);
        (row.querySelector("input") ?? row.querySelector("button")).focus();
        this.#changed();
    }

    #row(kind, members, isWhole = false) {
        const row = element("div", { class: "option-row", "data-kind": kind, "data-whole": isWhole ? "true" : null },
            element("span", { class: "name" }, fieldTitle(kind)),
            Object.entries(members).map(([name, value]) => element("label", {},
                element("span", {}, fieldTitle(name)),
                element("input", { type: "text", name, value, spellcheck: "false", autocomplete: "off" }))),
            button("Remove", () => {
                row.remove();
                this.#changed();
            }, { class: "quiet", "aria-label": `Remove the option ${fieldTitle(kind)}` }));
        return row;
    }

    #changed() {
        this.root.dispatchEvent(new Event("input", { bubbles: true }));
    }
}
