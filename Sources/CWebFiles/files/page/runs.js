// Runs: the list, the one that is chosen, and beginning one from JSON.

import { getJSON, query, sendJSON } from "./api.js";
import { download } from "./capture.js";
import { button, byId, element, setText } from "./elements.js";
import { clock, instant } from "./format.js";
import { runDetails, verdictText } from "./run-details.js";
import { exampleScenario } from "./scenario.js";
import { problemBox, tell, tellProblem } from "./status.js";

const mostShown = 200;

export class Runs {
    #list = byId("run-list");
    #details = byId("run-details");
    #json = byId("scenario");
    #runs = new Map();
    #items = new Map();
    #chosen = null;
    #drawn = "";
    #told = new Set();
    #openSegment;
    #refresh;
    #endpoints = [];

    constructor({ openSegment, refresh }) {
        this.#openSegment = openSegment;
        this.#refresh = refresh;
        byId("run-begin").addEventListener("click", () => this.#begin());
        byId("run-example").addEventListener("click", () => this.#fillExample());
        byId("run-file").addEventListener("change", (event) => this.#read(event.target));
        byId("run-cancel").addEventListener("click", () => this.#end());
        byId("run-xml").addEventListener("click", () => this.#download());
    }

    setEndpoints(endpoints) {
        this.#endpoints = endpoints;
    }

    get isLive() {
        return [...this.#runs.values()].some(isLive);
    }

    /// Reads what is new, and those anew that were live.
    async ask() {
        const live = [...this.#runs.values()].filter(isLive);
        // From the first live one on, or from the last one known: what has ended does not change.
        const numbers = (live.length > 0 ? live : [...this.#runs.values()]).map(numberOf);
        let after = live.length > 0 ? Math.min(...numbers) - 1 : Math.max(0, ...numbers);
        while (after !== null) {
            const page = await getJSON(`/runs${query({ after, limit: 100 })}`);
            for (const id of live.map((run) => run.id)) this.#forgetUnless(page, id);
            for (const run of page.runs) this.#runs.set(run.id, run);
            after = page.next;
        }
        for (const id of [...this.#runs.keys()].slice(0, -mostShown)) this.#runs.delete(id);
        this.#draw();
    }

    /// The daemon has forgotten all of them.
    clear() {
        this.#runs.clear();
        this.#draw();
    }

    /// A run that was removed meanwhile is not in the page that begins at it.
    #forgetUnless(page, id) {
        const last = page.runs.at(-1);
        const isPassed = page.next === null || (last && numberOf(last) >= Number(id.slice(1)));
        if (isPassed && !page.runs.some((run) => run.id === id)) this.#runs.delete(id);
    }

    #draw() {
        const runs = [...this.#runs.values()].reverse();
        byId("run-empty").hidden = runs.length > 0;
        for (const [id, item] of this.#items) {
            if (this.#runs.has(id)) continue;
            item.remove();
            this.#items.delete(id);
        }
        for (const run of [...runs].reverse()) this.#drawItem(run);
        this.#drawChosen();
    }

    #drawItem(run) {
        let item = this.#items.get(run.id);
        if (!item) {
            item = element("li", {}, button("", () => this.#choose(run.id), { class: "run" }));
            item.firstChild.append(...["verdict", "name", "time"].map((name) => element("span", { class: name })));
            this.#items.set(run.id, item);
            this.#list.prepend(item);
        }
        const [verdict, name, time] = item.firstChild.children;
        verdict.className = `verdict verdict-${run.verdict ?? run.state}`;
        setText(verdict, verdictText(run));
        setText(name, run.name ?? run.id);
        setText(time, clock(instant(run.createdAt)).slice(0, 8));
        item.firstChild.setAttribute("aria-pressed", String(run.id === this.#chosen));
    }

    #drawChosen() {
        const run = this.#runs.get(this.#chosen);
        byId("run-chosen").hidden = !run;
        if (!run) return;
        const text = JSON.stringify(run);
        if (text === this.#drawn) return;
        this.#drawn = text;
        setText(byId("run-title"), run.name ?? run.id);
        setText(byId("run-cancel"), isLive(run) ? "Cancel" : "Forget");
        this.#details.replaceChildren(runDetails(run, this.#openSegment));
        if (isLive(run) || !this.#told.delete(run.id)) return;
        tell(`The run ${run.name ?? run.id} is ${verdictText(run)}`, run.verdict === "unsatisfied");
    }

    #choose(id) {
        this.#chosen = id;
        this.#drawn = "";
        this.#draw();
        byId("run-chosen").scrollIntoView({ block: "nearest" });
    }

    async #begin() {
        const fault = byId("run-fault");
        fault.replaceChildren();
        try {
            const run = await sendJSON("POST", "/runs", this.#json.value);
            this.#runs.set(run.id, run);
            this.#told.add(run.id);
            this.#choose(run.id);
            this.#refresh();
        } catch (error) {
            fault.replaceChildren(problemBox(error));
        }
    }

    async #end() {
        const id = this.#chosen;
        try {
            const run = await sendJSON("DELETE", `/runs/${id}`);
            if (run) this.#runs.set(id, run);
            else this.#runs.delete(id);
            tell(run ? `The run ${id} is cancelled` : `The run ${id} is forgotten`);
        } catch (error) {
            tellProblem(error);
        }
        this.#draw();
    }

    async #download() {
        try {
            await download(`/runs/${this.#chosen}`, `${this.#chosen}.xml`, "application/xml, application/problem+json");
        } catch (error) {
            tellProblem(error);
        }
    }

    #fillExample() {
        this.#json.value = JSON.stringify(exampleScenario(this.#endpoints), null, 2);
        this.#json.focus();
    }

    async #read(input) {
        const [file] = input.files;
        if (file) this.#json.value = await file.text();
        input.value = "";
    }
}

function isLive(run) {
    return run.state === "queued" || run.state === "running";
}

function numberOf(run) {
    return Number(run.id.slice(1));
}
