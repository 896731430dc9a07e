// One endpoint among the others.

import { button, element, entry, setText } from "./elements.js";
import { address, count, rate } from "./format.js";

export class EndpointCard {
    root;
    #state = element("span", { class: "state" });
    #role = element("span", { class: "role" });
    #path = element("p", { class: "path" });
    #facts = element("p", { class: "guard" });
    #received = element("span");
    #sent = element("span");
    #lost = element("span", { class: "remark loss" });
    #warning = element("p", { class: "warning" });
    #switch;
    #definition = element("pre", { tabindex: "0" });
    #more;
    #last = null;
    #isRunning = false;

    /// The actions are start, stop, remove, craft and only.
    constructor(id, actions) {
        this.#switch = button("Stop", () => (this.#isRunning ? actions.stop() : actions.start()), { class: "switch" });
        this.#more = element("details", {}, element("summary", {}, "Definition"), this.#definition);
        this.root = element("li", { class: "endpoint", "data-endpoint": id },
            element("div", { class: "endpoint-head" },
                element("h3", {}, id), this.#role, this.#state),
            this.#path, this.#facts,
            element("dl", { class: "rates" },
                ...entry("in", this.#received), ...entry("out", this.#sent), ...entry("", this.#lost)),
            this.#warning,
            element("div", { class: "actions", role: "group", "aria-label": `Actions of ${id}` },
                this.#switch, button("Craft", actions.craft), button("Show only", actions.only),
                button("Delete", actions.remove, { class: "danger" })),
            this.#more);
        this.#more.addEventListener("toggle", () => this.#showDefinition());
        this.#lost.parentElement.previousElementSibling.remove();
    }

    show(endpoint, seconds) {
        this.#isRunning = endpoint.state === "running";
        this.#state.className = `state state-${endpoint.state}`;
        setText(this.#state, endpoint.state);
        setText(this.#role, endpoint.role);
        const namespace = endpoint.namespace ? ` in ${endpoint.namespace}` : "";
        setText(this.#path, `${address(endpoint.local)} ⇄ ${address(endpoint.remote)}${namespace}`);
        setText(this.#facts, this.#guardText(endpoint));
        setText(this.#switch, this.#isRunning ? "Stop" : "Start");
        this.#showRates(endpoint.counters, seconds);
        const warning = [endpoint.reason, ...endpoint.warnings].filter(Boolean).join("; ");
        setText(this.#warning, warning);
        this.#warning.hidden = warning === "";
        this.endpoint = endpoint;
        if (this.#more.open) this.#showDefinition();
    }

    #guardText(endpoint) {
        const parts = [`guard ${endpoint.guard.active ?? "not active"}`, endpoint.trigger];
        if (endpoint.socket === "own") parts.push("own socket");
        if (endpoint.filter) parts.push(`filter ${endpoint.filter}`);
        return parts.join(" · ");
    }

    #showRates(counters, seconds) {
        const change = (name) => (this.#last ? Math.max(0, counters[name] - this.#last[name]) / seconds : 0);
        setText(this.#received, `${rate(change("segmentsReceived"))} (${count(counters.segmentsReceived)})`);
        setText(this.#sent, `${rate(change("segmentsSent"))} (${count(counters.segmentsSent)})`);
        this.#lost.hidden = counters.kernelDrops === 0;
        setText(this.#lost, `${count(counters.kernelDrops)} lost`);
        this.#last = counters;
    }

    #showDefinition() {
        const { counters, cursor, warnings, createdAt, startedAt, state, ...definition } = this.endpoint;
        setText(this.#definition, JSON.stringify(definition, null, 2));
    }
}
