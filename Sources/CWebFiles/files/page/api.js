// Requests to the daemon that served this page. The token lives in this module's memory and nowhere else.

/// An answer that is not 2xx (RFC 9457), or none at all (status 0).
export class Problem extends Error {
    constructor(status, document = {}) {
        super(document.detail ?? document.title ?? `The daemon answered ${status}.`);
        this.status = status;
        this.title = document.title ?? "The request failed";
        this.type = document.type ?? null;
        this.violations = document.violations ?? [];
        this.remedy = document.option ? `segmentd ${document.option} would allow it.` : null;
    }

    /// What is wrong with one parameter of the query, if that is what was wrong.
    violationOf(parameter) {
        return this.violations.find((violation) => violation.parameter === parameter)?.detail ?? null;
    }

    get text() {
        return [this.title, this.message, this.remedy].filter(Boolean).join(". ").replaceAll("..", ".");
    }
}

/// Says `reachable` and `unreachable`.
export const connection = new EventTarget();
let isReachable = null;

let token = null;
let askForToken = async () => null;
let asking = null;

/// Who is asked for a token when the daemon wants one.
export function onTokenWanted(ask) {
    askForToken = ask;
}

export function hasToken() {
    return token !== null;
}

export function forgetToken() {
    token = null;
}

function note(reachable) {
    if (reachable === isReachable) return;
    isReachable = reachable;
    connection.dispatchEvent(new Event(reachable ? "reachable" : "unreachable"));
}

/// A response with a status of 2xx; anything else is thrown as a `Problem`.
export async function fetchFrom(path, { method = "GET", body, type = "application/json", accept, signal } = {}) {
    while (true) {
        const used = token;
        const headers = { Accept: accept ?? "application/json, application/problem+json" };
        if (used !== null) headers.Authorization = `Bearer ${used}`;
        if (body !== undefined) headers["Content-Type"] = type;
        const response = await send(path, { method, body, headers, signal });
        if (response.ok) return response;
        const problem = await problemOf(response);
        if (response.status !== 401) throw problem;
        if (token === used) await newToken(used === null ? null : problem);
        if (signal?.aborted) throw problem;
    }
}

async function send(path, options) {
    try {
        const response = await fetch(path, { ...options, cache: "no-store", redirect: "error", credentials: "omit" });
        note(true);
        return response;
    } catch (error) {
        if (options.signal?.aborted) throw error;
        note(false);
        throw new Problem(0, { title: "The daemon does not answer", detail: "is segmentd still running?" });
    }
}

async function problemOf(response) {
    try {
        return new Problem(response.status, await response.json());
    } catch {
        return new Problem(response.status);
    }
}

/// One question for all requests that wait for its answer.
async function newToken(problem) {
    asking ??= askForToken(problem).then((answer) => {
        token = answer;
        asking = null;
    });
    await asking;
}

export async function getJSON(path, options) {
    return (await fetchFrom(path, options)).json();
}

/// Sends JSON, given as a value or as text; the answer is JSON, or null where it has no content.
export async function sendJSON(method, path, value, options = {}) {
    const body = typeof value === "string" ? value : value === undefined ? undefined : JSON.stringify(value);
    const response = await fetchFrom(path, { ...options, method, body });
    return response.status === 204 ? null : response.json();
}

/// A query of what is given; what is empty or null is left out.
export function query(parameters) {
    const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== "");
    const text = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    return text ? `?${text}` : "";
}
