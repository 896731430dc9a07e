// Crafting a segment: a form or JSON, what would leave as it is typed, the line of curl, and sending it.

import { Problem, sendJSON } from "./api.js";
import { ByteMap } from "./byte-map.js";
import { copy, curlLine } from "./curl.js";
import { byId, element } from "./elements.js";
import { plural } from "./format.js";
import { SegmentForm } from "./segment-form.js";
import { problemBox, tell } from "./status.js";

const patienceMilliseconds = 150;

export class Craft {
    #endpoint = byId("craft-endpoint");
    #form = new SegmentForm();
    #json = byId("craft-json");
    #map = new ByteMap("What would leave");
    #curl = byId("craft-curl");
    #result = byId("craft-result");
    #isJSON = false;
    #timer = null;
    #abort = null;

    constructor() {
        byId("craft-form").append(this.#form.root);
        byId("craft-preview").append(this.#map.root);
        byId("craft-tab").addEventListener("input", () => this.#changed());
        byId("craft-tab").addEventListener("change", () => this.#changed());
        byId("craft-as-form").addEventListener("click", () => this.#useForm());
        byId("craft-as-json").addEventListener("click", () => this.#useJSON());
        byId("craft-send").addEventListener("click", () => this.#send());
        byId("craft-copy").addEventListener("click", () => this.#copy());
        this.#form.value = { flags: ["SYN"], window: 64240, payload: "Hello" };
        this.#changed();
    }

    setEndpoints(endpoints) {
        const chosen = this.#endpoint.value;
        const ids = endpoints.map((endpoint) => endpoint.id);
        if (ids.join() === [...this.#endpoint.options].map((option) => option.value).join()) return;
        this.#endpoint.replaceChildren(...ids.map((id) => element("option", { value: id }, id)));
        const preferred = endpoints.find((endpoint) => endpoint.role === "client")?.id ?? ids[0] ?? "";
        this.#endpoint.value = ids.includes(chosen) ? chosen : preferred;
        this.#changed();
    }

    /// Takes a segment as it was recorded, to be sent by its endpoint, or by the one given.
    take(segment, endpoint) {
        if (endpoint) this.#endpoint.value = endpoint;
        if (segment) this.#fill(segment);
        this.#changed();
    }

    #fill(segment) {
        this.#form.value = segment;
        this.#json.value = JSON.stringify(this.#form.value, null, 2);
    }

    #useForm() {
        if (!this.#isJSON) return;
        try {
            const value = JSON.parse(this.#json.value);
            const isSegment = value !== null && typeof value === "object" && !Array.isArray(value);
            if (!isSegment) throw new Error("the form takes one segment, not a list");
            this.#form.value = value;
        } catch (error) {
            return tell(`This stays JSON: ${error.message}`, true);
        }
        this.#show(false);
    }

    #useJSON() {
        if (this.#isJSON) return;
        this.#json.value = JSON.stringify(this.#form.value, null, 2);
        this.#show(true);
    }

    #show(isJSON) {
        this.#isJSON = isJSON;
        byId("craft-form").hidden = isJSON;
        byId("craft-json-box").hidden = !isJSON;
        byId("craft-as-form").setAttribute("aria-pressed", String(!isJSON));
        byId("craft-as-json").setAttribute("aria-pressed", String(isJSON));
        this.#changed();
    }

    get #path() { return `/endpoints/${encodeURIComponent(this.#endpoint.value)}/segments`; }
    get #body() { return this.#isJSON ? this.#json.value : JSON.stringify(this.#form.value); }

    #changed() {
        const body = this.#isJSON ? compact(this.#body) : this.#body;
        this.#curl.textContent = this.#endpoint.value ? curlLine(this.#path, body) : "";
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#preview(), patienceMilliseconds);
        byId("craft-send").disabled = !this.#endpoint.value;
    }

    /// Asks what would leave. The daemon alone judges, so that page and API never differ.
    async #preview() {
        this.#abort?.abort();
        if (!this.#endpoint.value) return this.#showPreview(null);
        this.#abort = new AbortController();
        const { signal } = this.#abort;
        try {
            const preview = await sendJSON("POST", `${this.#path}?validate=true`, this.#body, { signal });
            if (!signal.aborted) this.#showPreview(preview);
        } catch (error) {
            if (signal.aborted) return;
            this.#showPreview(null);
            this.#showFault(error);
        }
    }

    #showPreview(preview) {
        this.#showFault(null);
        const [first, ...others] = preview?.segments ?? [];
        byId("craft-preview").hidden = !first;
        if (!first) return;
        this.#map.show(first.octets, first.fields, first.kernelFills);
        byId("craft-preview-title").textContent = `What would leave: ${plural(first.octets.length / 2, "octet")}`
            + `${others.length > 0 ? `, and ${plural(others.length, "other segment")} after it` : ""}`;
    }

    #showFault(error) {
        const violations = error instanceof Problem ? error.violations : [];
        const elsewhere = this.#isJSON ? violations : this.#form.showViolations(violations);
        const isTold = error === null || (violations.length > 0 && elsewhere.length === 0);
        byId("craft-fault").replaceChildren(...(isTold ? [] : [problemBox(error)]));
    }

    async #send() {
        const send = byId("craft-send");
        send.disabled = true;
        try {
            const answer = await sendJSON("POST", `${this.#path}?wait=2s`, this.#body);
            const outcomes = Object.entries(answer.outcomes).map(([name, number]) => `${name} ${number}`).join(", ");
            this.#tell(`Transmission ${answer.id} ${answer.state}: ${outcomes || "nothing left yet"}`
                + `${answer.firstError ? `. ${answer.firstError.detail}` : ""}`, answer.firstError !== null);
        } catch (error) {
            this.#showFault(error);
            this.#tell(error.text ?? error.message, true);
        } finally {
            send.disabled = !this.#endpoint.value;
        }
    }

    #tell(text, isBad) {
        this.#result.textContent = text;
        this.#result.classList.toggle("bad", isBad);
        tell(text, isBad);
    }

    async #copy() {
        const isCopied = await copy(this.#curl.textContent, this.#curl);
        tell(isCopied ? "The line is in the clipboard" : "The line is selected: copy it with the keyboard");
    }
}

function compact(text) {
    try {
        return JSON.stringify(JSON.parse(text));
    } catch {
        return text;
    }
}
