// The rows of the exchange: segments, of which the sending and the receiving are one row, and losses between them.

import { nanosecondsBetween } from "./format.js";
import { Repeats } from "./repeats.js";
import { summaryOf } from "./summary.js";

const capacity = 20000;
/// How many rows leave at a time, so that leaving costs little.
const portion = 2000;
/// How long a segment may be under way before the row says that it was not seen to arrive.
const patienceMilliseconds = 1000;
const mostUnderWay = 4096;

export class Exchange extends EventTarget {
    rows = [];
    /// How many rows have left since the beginning: the number of a row is this and its index.
    left = 0;
    #places;
    #repeats = new Repeats();
    /// What was sent to an endpoint of ours and not seen there, by what tells a segment from others.
    #underWay = new Map();
    /// How long the stream has been read, which stands still with it.
    #clock = 0;
    #showsBothEnds = true;

    constructor(places) {
        super();
        this.#places = places;
    }

    /// Empties it; with an endpoint selected, the other ends are not read and cannot be missed.
    clear({ showsBothEnds = this.#showsBothEnds } = {}) {
        this.left += this.rows.length;
        this.rows = [];
        this.#showsBothEnds = showsBothEnds;
        this.#repeats.clear();
        this.#underWay.clear();
        this.#places.clear();
        this.#changed();
    }

    add(segments) {
        for (const segment of segments) this.#addSegment(summaryOf(segment));
        this.#makeRoom();
        this.#changed();
    }

    /// Datagrams are missing here; what was under way may be among them.
    addGap(losses) {
        for (const row of this.#underWayRows()) row.isExpected = false;
        this.#underWay.clear();
        this.#append({ kind: "gap", losses, remarks: [{ kind: "loss", text: "lost" }] });
        this.#changed();
    }

    /// So much time has passed in which the stream was read.
    tick(milliseconds) {
        this.#clock += milliseconds;
        const overdue = [...this.#underWayRows()].filter(
            (row) => row.isExpected && !row.isOverdue && this.#clock - row.addedAt > patienceMilliseconds);
        for (const row of overdue) {
            row.isOverdue = true;
            row.remarks.push({ kind: "loss", text: `not seen at ${this.#places.title(row.to)}` });
        }
        if (overdue.length > 0) this.#changed();
    }

    * #underWayRows() {
        for (const rows of this.#underWay.values()) yield* rows;
    }

    #addSegment(summary) {
        if (summary.direction === "received" && this.#arrive(summary)) return;
        const { from, to, receiver } = this.#ends(summary);
        const row = {
            kind: "segment", first: summary, arrival: null, from, to, remarks: remarksOn(summary),
            addedAt: this.#clock, isUnderWay: false, isExpected: false, isOverdue: false,
        };
        if (this.#repeats.see(summary)) row.remarks.push({ kind: "again", text: "again" });
        if (summary.direction === "sent") this.#expect(row, receiver);
        this.#append(row);
    }

    #ends(summary) {
        const isSent = summary.direction !== "received";
        const ours = this.#places.endpoints.get(summary.endpoint);
        const [address, port, ownAddress, ownPort] = isSent
            ? [summary.destination, summary.destinationPort, summary.source, summary.sourcePort]
            : [summary.source, summary.sourcePort, summary.destination, summary.destinationPort];
        if (!ours) this.#places.learn(summary.endpoint, ownAddress, ownPort);
        const other = this.#places.endpointAt(address, port, ownAddress, ownPort, ours?.namespace ?? null);
        const own = this.#places.keyOf(summary.endpoint);
        const far = this.#places.keyOf(other?.id ?? null, address, port);
        // An ICMP error comes back from where the segment went.
        return summary.direction === "sent" ? { from: own, to: far, receiver: other } : { from: far, to: own };
    }

    #expect(row, receiver) {
        row.isUnderWay = true;
        row.isExpected = this.#showsBothEnds && receiver?.state === "running" && receiver.filter === null;
        if (this.#underWay.size >= mostUnderWay) this.#underWay.delete(this.#underWay.keys().next().value);
        const key = keyOf(row.first);
        const rows = this.#underWay.get(key);
        if (rows) rows.push(row);
        else this.#underWay.set(key, [row]);
    }

    /// Completes the row of a segment that was sent; false when there is none.
    #arrive(summary) {
        const key = keyOf(summary);
        const rows = this.#underWay.get(key);
        if (!rows) return false;
        // Of several that are alike, the one that left last before: so one that was lost stays the one that was lost.
        const latest = rows.findLastIndex((row) => nanosecondsBetween(row.first.time, summary.time) >= 0);
        const [row] = rows.splice(Math.max(latest, 0), 1);
        if (rows.length === 0) this.#underWay.delete(key);
        row.arrival = summary;
        row.isUnderWay = false;
        row.remarks = row.remarks.filter((remark) => remark.kind !== "loss");
        for (const remark of remarksOn(summary)) {
            if (!row.remarks.some((known) => known.text === remark.text)) row.remarks.push(remark);
        }
        this.#move(row, `endpoint ${summary.endpoint}`);
        return true;
    }

    #move(row, to) {
        if (row.to === to) return;
        this.#places.release(row.to);
        row.to = to;
        this.#places.use(to);
    }

    #append(row) {
        if (row.kind === "segment") {
            this.#places.use(row.from);
            this.#places.use(row.to);
        }
        this.rows.push(row);
    }

    #makeRoom() {
        if (this.rows.length <= capacity) return;
        const leaving = this.rows.splice(0, Math.max(portion, this.rows.length - capacity));
        this.left += leaving.length;
        for (const row of leaving) {
            this.#forget(row);
            if (row.kind !== "segment") continue;
            this.#places.release(row.from);
            this.#places.release(row.to);
        }
    }

    #forget(row) {
        const rows = row.isUnderWay ? this.#underWay.get(keyOf(row.first)) : null;
        // The oldest of those that are alike stand first.
        if (rows?.[0] === row) rows.shift();
        if (rows?.length === 0) this.#underWay.delete(keyOf(row.first));
    }

    #changed() {
        this.dispatchEvent(new Event("change"));
    }
}

/// Two records are of one datagram when these agree; what a router changes is not among them.
function keyOf(summary) {
    return [
        summary.source, summary.sourcePort, summary.destination, summary.destinationPort, summary.sequenceNumber,
        summary.acknowledgmentNumber, summary.flags.join(), summary.window, summary.length, summary.identification,
    ].join(" ");
}

function remarksOn(summary) {
    const remarks = [];
    if (summary.error) remarks.push({ kind: "loss", text: "ICMP error" });
    if (summary.flags.includes("RST")) remarks.push({ kind: "reset", text: "reset" });
    if (summary.checksum === "incorrect") remarks.push({ kind: "malformed", text: "bad checksum" });
    for (const fault of summary.malformed) remarks.push({ kind: "malformed", text: wordsOf(fault) });
    return remarks;
}

/// "dataOffsetTooSmall" as "data offset too small".
function wordsOf(name) {
    return name.replace(/([a-z])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`)
        .replace(/not T ?C ?P/i, "not TCP").replace("i pv", "IPv");
}
