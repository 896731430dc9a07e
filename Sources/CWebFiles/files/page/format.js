// Numbers, times and octets as text.

const plain = new Intl.NumberFormat("en");

export function count(number) {
    return plain.format(number);
}

/// Segments in a second, with three digits.
export function rate(perSecond) {
    if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(perSecond < 1e7 ? 2 : 1)} M/s`;
    if (perSecond >= 1e4) return `${(perSecond / 1e3).toFixed(perSecond < 1e5 ? 1 : 0)} k/s`;
    if (perSecond >= 100 || Number.isInteger(perSecond)) return `${count(Math.round(perSecond))}/s`;
    return `${perSecond.toFixed(1)}/s`;
}

/// Seconds since 1970 and nanoseconds of a time such as 2026-11-22T16:45:01.123456789Z.
export function instant(text) {
    return { seconds: Date.parse(`${text.slice(0, 19)}Z`) / 1000, nanoseconds: Number(text.slice(20, 29)) };
}

export function nanosecondsBetween(earlier, later) {
    return (later.seconds - earlier.seconds) * 1e9 + (later.nanoseconds - earlier.nanoseconds);
}

let lastSecond = null;
let lastText = "";

/// The time of day here, to the microsecond.
export function clock({ seconds, nanoseconds }) {
    if (seconds !== lastSecond) {
        const date = new Date(seconds * 1000);
        lastSecond = seconds;
        lastText = [date.getHours(), date.getMinutes(), date.getSeconds()]
            .map((part) => String(part).padStart(2, "0")).join(":");
    }
    return `${lastText}.${String(Math.floor(nanoseconds / 1000)).padStart(6, "0")}`;
}

/// A span of time in the unit that suits it.
export function duration(nanoseconds) {
    const size = Math.abs(nanoseconds);
    if (size < 1e3) return `${nanoseconds} ns`;
    if (size < 1e6) return `${(nanoseconds / 1e3).toFixed(size < 1e4 ? 1 : 0)} µs`;
    if (size < 1e9) return `${(nanoseconds / 1e6).toFixed(size < 1e7 ? 2 : 1)} ms`;
    return `${(nanoseconds / 1e9).toFixed(size < 1e10 ? 3 : 1)} s`;
}

/// Nanoseconds of a duration as the daemon writes it, such as 20001ns.
export function nanoseconds(text) {
    const match = /^([0-9.]+)(ns|us|ms|s|m|h)$/.exec(text ?? "");
    if (!match) return 0;
    return Number(match[1]) * { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 }[match[2]];
}

export function hexadecimal(octet) {
    return octet.toString(16).padStart(2, "0");
}

export function octetsOfHexadecimal(text) {
    const octets = new Uint8Array(text.length >> 1);
    for (let index = 0; index < octets.length; index += 1) {
        octets[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16);
    }
    return octets;
}

/// A printable ASCII character, or a dot.
export function printable(octet) {
    return octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : "·";
}

export function address(place) {
    return place ? `${place.address}:${place.port}` : "any peer";
}

/// "1 octet", "2 octets".
export function plural(number, noun) {
    return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}
