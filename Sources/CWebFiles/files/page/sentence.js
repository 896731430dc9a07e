// A row in words: for screen readers, and for the titles of what is shown shortly.

import { clock, plural } from "./format.js";
import { flagsText } from "./summary.js";

export function sentence(row, places) {
    if (row.kind === "gap") return `Lost here: ${gapText(row.losses)}.`;
    const { first } = row;
    const remarks = row.remarks.map((remark) => remark.text).join(", ");
    const payload = first.length > 0 ? `, ${plural(first.length, "octet")} of payload ${first.preview}` : "";
    return `${clock(first.time)}, ${places.title(row.from)} to ${places.title(row.to)}: ${flagsText(first)}`
        + `${typeof first.sequenceNumber === "number" ? `, sequence number ${first.sequenceNumber}` : ""}`
        + `${first.flags.includes("ACK") ? `, acknowledgment number ${first.acknowledgmentNumber}` : ""}`
        + `${payload}${remarks ? `. ${remarks}` : ""}.`;
}

export function gapText({ kernel, ring }) {
    const parts = [];
    if (kernel > 0) parts.push(`${kernel} dropped by the kernel, the socket's buffer was full`);
    if (ring > 0) parts.push(`${ring} left the ring before they were read`);
    return parts.join("; ");
}
