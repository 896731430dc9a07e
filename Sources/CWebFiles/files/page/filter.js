// Which segments are shown: a pcap filter expression, and one endpoint or all.

import { fetchFrom, Problem, query } from "./api.js";
import { byId, element, setText } from "./elements.js";

export class FilterBar {
    #input = byId("filter");
    #endpoint = byId("filter-endpoint");
    #fault = byId("filter-fault");
    #applied = { filter: "", endpoint: "" };
    #changed;
    #turn = 0;

    constructor(changed) {
        this.#changed = changed;
        byId("filter-form").addEventListener("submit", (event) => {
            event.preventDefault();
            this.#apply();
        });
        this.#endpoint.addEventListener("change", () => this.#apply());
        byId("filter-clear").addEventListener("click", () => {
            this.set({ filter: "", endpoint: "" });
            this.#input.focus();
        });
    }

    get selection() { return { ...this.#applied }; }

    setEndpoints(endpoints) {
        const ids = endpoints.map((endpoint) => endpoint.id);
        // One that was removed stays chosen until another is, so that the choice never changes by itself.
        if (this.#endpoint.value && !ids.includes(this.#endpoint.value)) ids.unshift(this.#endpoint.value);
        const known = [...this.#endpoint.options].slice(1).map((option) => option.value);
        if (ids.join() === known.join()) return;
        const chosen = this.#endpoint.value;
        this.#endpoint.replaceChildren(
            element("option", { value: "" }, "all endpoints"), ...ids.map((id) => element("option", { value: id }, id)));
        this.#endpoint.value = chosen;
    }

    set({ filter = this.#input.value, endpoint = this.#endpoint.value }) {
        this.#input.value = filter;
        if (endpoint && ![...this.#endpoint.options].some((option) => option.value === endpoint)) {
            this.#endpoint.append(element("option", { value: endpoint }, endpoint));
        }
        this.#endpoint.value = endpoint;
        return this.#apply();
    }

    /// Shows a fault of the daemon's at the field.
    showFault(text) {
        setText(this.#fault, text ?? "");
        if (text) this.#input.setAttribute("aria-invalid", "true");
        else this.#input.removeAttribute("aria-invalid");
    }

    /// Asks the daemon first: a filter that is none changes nothing but the message.
    async #apply() {
        this.#turn += 1;
        const turn = this.#turn;
        const wanted = { filter: this.#input.value.trim(), endpoint: this.#endpoint.value };
        try {
            await fetchFrom(`/segments${query({ ...wanted, limit: 1 })}`);
        } catch (error) {
            if (turn !== this.#turn) return;
            return this.showFault(error instanceof Problem ? error.violationOf("filter") ?? error.text : String(error));
        }
        if (turn !== this.#turn) return;
        this.showFault(null);
        this.#applied = wanted;
        byId("filter-clear").hidden = wanted.filter === "" && wanted.endpoint === "";
        this.#changed(wanted);
    }
}
