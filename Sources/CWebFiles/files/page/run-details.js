// One run: its verdict, its steps along a line of time, and what came nearest to what did not come.

import { button, element } from "./elements.js";
import { clock, duration, instant, nanoseconds, nanosecondsBetween } from "./format.js";
import { fieldTitle } from "./fields.js";
import { flagsText, numbersText, summaryOf } from "./summary.js";

const signs = { passed: "✓", failed: "✗", inconclusive: "?", skipped: "–", running: "…", pending: "·" };
const verbs = { send: "send", expect: "expect", expectNone: "expect none", pause: "pause" };

/// The run as an element; `openSegment` is told the number of a segment that is to be shown.
export function runDetails(run, openSegment) {
    const span = spanOf(run);
    return element("div", { class: "run-details" },
        element("p", { class: `verdict verdict-${run.verdict ?? run.state}` },
            element("strong", {}, verdictText(run)), run.reason ? ` ${run.reason}` : ""),
        run.lost.kernel + run.lost.ring > 0 && element("p", { class: "remark-list" },
            element("span", { class: "remark loss" }, `lost: ${run.lost.kernel} in the kernel, ${run.lost.ring} from the ring`)),
        element("ol", { class: "steps", start: "0" },
            run.steps.map((step, index) => stepItem(run, step, index, span, openSegment))),
        element("p", { class: "hint" }, timesText(run, span)));
}

export function verdictText(run) {
    return run.verdict ?? run.state;
}

function timesText(run, span) {
    if (!run.startedAt) return "It waits for an earlier run that has one of its endpoints.";
    return `Began ${clock(instant(run.startedAt))}${run.endedAt ? `, took ${duration(span)}` : ""}.`;
}

/// From the beginning to the end, or to the last step that was decided, in nanoseconds.
function spanOf(run) {
    const last = run.endedAt ?? run.steps.map((step) => step.at).filter(Boolean).at(-1);
    return run.startedAt && last ? Math.max(nanosecondsBetween(instant(run.startedAt), instant(last)), 1) : 1;
}

function stepItem(run, step, index, span, openSegment) {
    const took = nanoseconds(step.took);
    const item = element("li", { class: `step step-${step.state}` },
        element("div", { class: "step-head" },
            element("span", { class: "sign", "aria-hidden": "true" }, signs[step.state]),
            element("span", { class: "what" }, `${index}. ${verbs[step.kind]}${step.endpoint ? ` at ${step.endpoint}` : ""}`),
            element("span", { class: "step-state" }, step.state),
            element("span", { class: "took" }, step.took ? duration(took) : "")),
        timeBar(run, step, took, span),
        step.reason && element("p", { class: "reason" }, step.reason),
        step.outcomes && element("p", { class: "hint" },
            Object.entries(step.outcomes).map(([name, number]) => `${name} ${number}`).join(", ")),
        step.segment && segmentLine(step.segment, openSegment),
        step.nearMisses.map((miss) => nearMiss(miss, openSegment)));
    return item;
}

/// The part of the run's time that the step took, where both are known.
function timeBar(run, step, took, span) {
    if (!step.at || !run.startedAt) return null;
    const end = nanosecondsBetween(instant(run.startedAt), instant(step.at));
    const bar = element("span", { class: "span" });
    bar.style.left = `${Math.min(Math.max((end - took) / span, 0), 1) * 100}%`;
    bar.style.width = `${Math.min(Math.max(took / span, 0), 1) * 100}%`;
    return element("div", { class: "track", "aria-hidden": "true" }, bar);
}

function segmentLine(segment, openSegment) {
    const summary = summaryOf(segment);
    const text = `${flagsText(summary)}  ${numbersText(summary)}`;
    if (segment.id === null) return element("p", { class: "segment-line" }, text);
    return element("p", { class: "segment-line" },
        button(text, () => openSegment(segment.id), { class: "link", title: "Show this segment" }));
}

function nearMiss(miss, openSegment) {
    return element("div", { class: "near-miss" },
        element("p", { class: "near-title" }, "Came near:"), segmentLine(miss.segment, openSegment),
        element("table", {},
            element("thead", {}, element("tr", {},
                ["Field", "Expected", "Actual"].map((title) => element("th", { scope: "col" }, title)))),
            element("tbody", {}, miss.differences.map((difference) => [
                element("tr", {},
                    element("th", { scope: "row" }, fieldTitle(difference.field)),
                    element("td", {}, valueText(difference.expected)), element("td", {}, valueText(difference.actual))),
                difference.hint && element("tr", { class: "hint-row" }, element("td", { colspan: "3" }, difference.hint)),
            ]).flat())));
}

function valueText(value) {
    return typeof value === "string" ? value : JSON.stringify(value);
}
