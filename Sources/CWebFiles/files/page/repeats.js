// Which segments were seen before: the same direction of a connection, and numbers that have been there already.

const mostDirections = 2048;
const mostRanges = 64;
const half = 2 ** 31;
const whole = 2 ** 32;

export class Repeats {
    /// Of each direction the ranges of sequence numbers seen, as [first, length].
    #directions = new Map();

    clear() {
        this.#directions.clear();
    }

    /// Remembers a segment, and says whether any of its numbers had been seen. One without a length has none.
    see(summary) {
        if (typeof summary.sequenceNumber !== "number" || summary.error) return false;
        const length = summary.length + (summary.flags.includes("SYN") ? 1 : 0) + (summary.flags.includes("FIN") ? 1 : 0);
        if (length === 0 || summary.flags.includes("RST")) return false;
        const ranges = this.#rangesOf(summary);
        const first = summary.sequenceNumber;
        const isRepeat = ranges.some((range) => overlaps(range, first, length));
        // A SYN with other numbers begins another connection.
        if (!isRepeat && summary.flags.includes("SYN")) ranges.length = 0;
        remember(ranges, first, length);
        return isRepeat;
    }

    #rangesOf(summary) {
        const key = `${summary.source} ${summary.sourcePort} ${summary.destination} ${summary.destinationPort}`;
        let ranges = this.#directions.get(key);
        if (!ranges) {
            if (this.#directions.size >= mostDirections) this.#directions.delete(this.#directions.keys().next().value);
            ranges = [];
            this.#directions.set(key, ranges);
        }
        return ranges;
    }
}

/// How far a number is after another, modulo 2^32 (RFC 9293, section 3.4).
function distance(from, to) {
    return (to - from + whole) % whole;
}

function overlaps([first, length], other, otherLength) {
    const ahead = distance(first, other);
    return ahead < half ? ahead < length : distance(other, first) < otherLength;
}

/// Adds a range, to the one it follows where there is one: an orderly exchange keeps a single range.
function remember(ranges, first, length) {
    const before = ranges.find((range) => distance(range[0], first) <= range[1]);
    if (before) {
        before[1] = Math.min(Math.max(before[1], distance(before[0], first) + length), half - 1);
        return;
    }
    if (ranges.length >= mostRanges) ranges.shift();
    ranges.push([first, length]);
}
