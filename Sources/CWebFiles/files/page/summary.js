// What the page keeps of a segment: a few short fields, however long its payload is.

import { count, instant } from "./format.js";

const previewLength = 48;

export function summaryOf(segment) {
    const payload = segment.payload ?? { length: 0 };
    const ip = segment.ip ?? {};
    return {
        id: segment.id,
        endpoint: segment.endpoint,
        direction: segment.direction,
        time: instant(segment.timestamp),
        source: ip.source ?? "?",
        destination: ip.destination ?? "?",
        sourcePort: segment.sourcePort,
        destinationPort: segment.destinationPort,
        identification: ip.identification ?? null,
        sequenceNumber: segment.sequenceNumber,
        acknowledgmentNumber: segment.acknowledgmentNumber,
        flags: segment.flags ?? [],
        window: segment.window,
        length: payload.length,
        preview: previewOf(payload),
        checksum: segment.checksum?.status ?? null,
        malformed: segment.malformed,
        options: (segment.options ?? []).length,
        error: segment.error ?? null,
    };
}

function previewOf(payload) {
    if (payload.length === 0) return "";
    if (payload.text === undefined) return "binary";
    const line = payload.text.slice(0, previewLength).replace(/[\r\n\t]/g, "·");
    return `“${line}${payload.text.length > previewLength ? "…" : ""}”`;
}

/// The flags as an arrow carries them.
export function flagsText(summary) {
    if (summary.error) return `ICMP ${summary.error.icmpType}/${summary.error.icmpCode}`;
    if (summary.sequenceNumber === null || summary.sequenceNumber === undefined) return "cut short";
    return summary.flags.length > 0 ? summary.flags.join(" ") : "no flags";
}

/// The numbers and the beginning of the payload.
export function numbersText(summary) {
    if (summary.error) return `${summary.error.errno}${summary.error.offender ? ` from ${summary.error.offender}` : ""}`;
    const parts = [];
    if (typeof summary.sequenceNumber === "number") parts.push(`seq ${summary.sequenceNumber}`);
    if (summary.flags.includes("ACK")) parts.push(`ack ${summary.acknowledgmentNumber}`);
    if (typeof summary.window === "number") parts.push(`win ${summary.window}`);
    if (summary.length > 0) parts.push(`len ${count(summary.length)} ${summary.preview}`);
    return parts.join("  ");
}

export function sourceText(summary) {
    return `${summary.source}:${summary.sourcePort ?? "?"}`;
}

export function destinationText(summary) {
    return `${summary.destination}:${summary.destinationPort ?? "?"}`;
}
