// What has just been done or has failed, for eyes and for screen readers, without interrupting either.

import { byId, element, setText } from "./elements.js";

const shownMilliseconds = 5000;
let timer = null;

export function tell(text, isBad = false) {
    const status = byId("status");
    status.classList.toggle("bad", isBad);
    setText(status, text);
    status.classList.add("shown");
    clearTimeout(timer);
    timer = setTimeout(() => status.classList.remove("shown"), isBad ? shownMilliseconds * 1.5 : shownMilliseconds);
}

export function tellProblem(error) {
    tell(error.text ?? String(error), true);
}

/// A problem in the place where it was caused, with each violation on its own.
export function problemBox(error) {
    const violations = (error.violations ?? []).map((violation) => element("li", {},
        violation.pointer !== undefined ? `${violation.pointer || "the body"}: ` : "", violation.detail));
    return element("div", { class: "error", role: "alert" },
        element("p", {}, violations.length > 0 ? error.title : error.text ?? String(error)),
        violations.length > 0 && element("ul", {}, violations),
        violations.length > 0 && error.remedy && element("p", {}, error.remedy));
}
