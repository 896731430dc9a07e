// The form that makes an endpoint.

import { sendJSON } from "./api.js";
import { typed } from "./craft-fields.js";
import { byId } from "./elements.js";
import { problemBox, tell } from "./status.js";

/// The members that are text or numbers, by the names of their fields.
const members = {
    "id": ["id"], "local-address": ["local", "address"], "local-port": ["local", "port"],
    "remote-address": ["remote", "address"], "remote-port": ["remote", "port"], "trigger": ["trigger"],
    "socket": ["socket"], "guard": ["guard"], "namespace": ["namespace"], "filter": ["filter"], "pace": ["pace"],
};
const textMembers = ["id", "local-address", "remote-address", "namespace", "filter", "pace"];

export class EndpointDialog {
    #dialog = byId("endpoint-dialog");
    #form = byId("endpoint-form");
    #fault = byId("endpoint-fault");
    #done;

    constructor(done) {
        this.#done = done;
        this.#form.addEventListener("submit", (event) => {
            event.preventDefault();
            this.#create();
        });
        byId("endpoint-cancel").addEventListener("click", () => this.#dialog.close());
        this.#form.addEventListener("change", () => this.#arrange());
    }

    open() {
        this.#fault.replaceChildren();
        this.#arrange();
        this.#dialog.showModal();
        this.#form.elements.id.focus();
    }

    #arrange() {
        const { role, anyPeer } = this.#form.elements;
        const isServer = role.value === "server";
        this.#placeholder("local-port", isServer ? "50000" : "50001");
        this.#placeholder("remote-port", isServer ? "50001" : "50000");
        anyPeer.disabled = !isServer;
        const isAny = isServer && anyPeer.checked;
        for (const name of ["remote-address", "remote-port"]) this.#form.elements[name].disabled = isAny;
    }

    #placeholder(name, text) {
        this.#form.elements[name].placeholder = text;
    }

    #definition() {
        const { elements } = this.#form;
        const definition = { role: elements.role.value };
        for (const [name, [first, second]] of Object.entries(members)) {
            const field = elements[name];
            const text = field.value.trim();
            if (text === "" || field.disabled) continue;
            const value = textMembers.includes(name) ? text : typed(text);
            if (second) (definition[first] ??= {})[second] = value;
            else definition[first] = value;
        }
        if (definition.role === "server" && elements.anyPeer.checked) definition.remote = null;
        if (!elements.start.checked) definition.start = false;
        for (const name of ["rules", "opening"]) {
            if (elements[name].value.trim() !== "") definition[name] = JSON.parse(elements[name].value);
        }
        return definition;
    }

    async #create() {
        this.#fault.replaceChildren();
        try {
            const endpoint = await sendJSON("POST", "/endpoints", this.#definition());
            this.#dialog.close();
            this.#form.reset();
            tell(`${endpoint.id} is ${endpoint.state}`);
            this.#done();
        } catch (error) {
            const isOurs = error instanceof SyntaxError;
            const told = isOurs ? { text: `Rules and opening are lists in JSON: ${error.message}` } : error;
            this.#fault.replaceChildren(problemBox(told));
        }
    }
}
