// The endpoints: their state, guard and rates; start, stop, delete.

import { getJSON, query, sendJSON } from "./api.js";
import { byId, setText } from "./elements.js";
import { EndpointCard } from "./endpoint-card.js";
import { count, plural } from "./format.js";
import { tell, tellProblem } from "./status.js";
import { confirmed } from "./confirm.js";

const portion = 50;

export class Endpoints {
    #list = byId("endpoint-list");
    #empty = byId("endpoint-empty");
    #more = byId("endpoint-more");
    #cards = new Map();
    #shown = portion;
    #actions;
    #last = performance.now();

    /// The actions are changed(list), craft(id), only(id) and create(definition or null).
    constructor(actions) {
        this.#actions = actions;
        byId("endpoint-new").addEventListener("click", () => actions.create());
        byId("endpoint-pair").addEventListener("click", () => this.createPair());
        byId("endpoint-reset").addEventListener("click", () => this.#reset());
        this.#more.addEventListener("click", () => {
            this.#shown += portion;
            this.#actions.refresh();
        });
    }

    async ask() {
        const page = await getJSON(`/endpoints${query({ limit: this.#shown })}`);
        const at = performance.now();
        this.#show(page, (at - this.#last) / 1000);
        this.#last = at;
        this.#actions.changed(page.endpoints);
    }

    #show({ endpoints, next }, seconds) {
        this.#empty.hidden = endpoints.length > 0;
        byId("endpoint-reset").hidden = endpoints.length === 0;
        this.#more.hidden = next === null;
        setText(byId("endpoint-count"), endpoints.length === 0 ? "" : `${count(endpoints.length)}${next === null ? "" : "+"}`);
        const ids = new Set(endpoints.map((endpoint) => endpoint.id));
        for (const [id, card] of this.#cards) {
            if (ids.has(id)) continue;
            card.root.remove();
            this.#cards.delete(id);
        }
        for (const endpoint of endpoints) this.#card(endpoint.id).show(endpoint, seconds);
    }

    #card(id) {
        let card = this.#cards.get(id);
        if (!card) {
            card = new EndpointCard(id, {
                start: () => this.#do(`/endpoints/${id}/start`, "POST", `${id} runs`),
                stop: () => this.#do(`/endpoints/${id}/stop`, "POST", `${id} is stopped`),
                remove: () => this.#remove(id),
                craft: () => this.#actions.craft(id),
                only: () => this.#actions.only(id),
            });
            this.#cards.set(id, card);
            this.#list.append(card.root);
        }
        return card;
    }

    async createPair() {
        try {
            await sendJSON("POST", "/endpoints", [{ role: "server" }, { role: "client" }]);
            tell("A server and a client talk to each other");
        } catch (error) {
            tellProblem(error);
        }
        this.#actions.refresh();
    }

    async #remove(id) {
        if (await confirmed(`Delete the endpoint ${id}?`, "It is stopped and removed; its segments stay readable.", "Delete")) {
            await this.#do(`/endpoints/${id}`, "DELETE", `${id} is deleted`);
            this.#actions.focus();
        }
    }

    async #reset() {
        const isSure = await confirmed(
            "Remove everything?", "All endpoints, transmissions and runs end, and the ring is emptied.", "Remove everything");
        if (!isSure) return;
        try {
            const removed = await sendJSON("POST", "/reset");
            tell(`Removed ${plural(removed.endpoints, "endpoint")} and ${plural(removed.segments, "segment")}`);
        } catch (error) {
            tellProblem(error);
        }
        this.#actions.emptied();
        this.#actions.refresh();
    }

    async #do(path, method, done) {
        try {
            await sendJSON(method, path);
            tell(done);
        } catch (error) {
            tellProblem(error);
        }
        this.#actions.refresh();
    }
}
