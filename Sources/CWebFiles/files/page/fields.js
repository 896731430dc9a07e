// What the octets of a field say, and to which layer the field belongs.

import { hexadecimal, plural } from "./format.js";

const flagBits = { SYN: 0x02, ACK: 0x10, FIN: 0x01, RST: 0x04, PSH: 0x08, URG: 0x20, ECE: 0x40, CWR: 0x80 };

function number(octets) {
    return octets.reduce((value, octet) => value * 256 + octet, 0);
}

const readers = {
    "ip.version+headerLength": ([octet]) => `version ${octet >> 4}, ${(octet & 15) * 4} octets of header`,
    "ip.dscp+ecn": ([octet]) => `DSCP ${octet >> 2}, ECN ${octet & 3}`,
    "ip.totalLength": (octets) => plural(number(octets), "octet"),
    "ip.identification": (octets) => String(number(octets)),
    "ip.flags+fragmentOffset": (octets) => {
        const bits = octets[0] >> 5;
        const names = [bits & 4 && "reserved", bits & 2 && "do not fragment", bits & 1 && "more fragments"].filter(Boolean);
        return `${names.join(", ") || "no flags"}, offset ${number(octets) & 0x1fff}`;
    },
    "ip.timeToLive": ([octet]) => `${octet} hops`,
    "ip.protocol": ([octet]) => (octet === 6 ? "6, TCP" : String(octet)),
    "ip.checksum": (octets) => `0x${[...octets].map(hexadecimal).join("")}`,
    "ip.source": (octets) => octets.join("."),
    "ip.destination": (octets) => octets.join("."),
    "dataOffset+reservedBits": ([octet]) => `${octet >> 4} words, ${(octet >> 4) * 4} octets; reserved ${octet & 15}`,
    "flags": ([octet]) => Object.keys(flagBits).filter((name) => octet & flagBits[name]).join(" ") || "none",
    "checksum": (octets) => `0x${[...octets].map(hexadecimal).join("")}`,
    "options.maximumSegmentSize": (octets) => plural(number(octets.slice(2, 4)), "octet"),
    "options.windowScale": (octets) => `shift ${octets[2]}`,
    "options.timestamps": (octets) => `${number(octets.slice(2, 6))}, echo ${number(octets.slice(6, 10))}`,
    "options.noOperation": () => "padding",
    "options.endOfOptionList": () => "end",
    "options.sackPermitted": () => "yes",
    "payload": (octets) => plural(octets.length, "octet"),
};

/// What a field says; octets that nobody explains are shown as they are.
export function meaning(name, octets) {
    const reader = readers[name];
    const isWhole = !name.startsWith("options.") || octets.length === octets[1] || octets.length === 1;
    if (reader && isWhole) return reader(octets);
    if (octets.length <= 4 && !name.startsWith("options.") && !name.startsWith("ip.options")) return String(number(octets));
    const shown = [...octets.slice(0, 12)].map(hexadecimal).join(" ");
    return octets.length > 12 ? `${shown} …` : shown;
}

export function layer(name) {
    if (name === null) return "none";
    if (name.startsWith("ip.")) return "internet";
    if (name.startsWith("options.")) return "options";
    return name === "payload" ? "payload" : "transport";
}

/// "acknowledgmentNumber" as "acknowledgment number".
export function fieldTitle(name) {
    return name.replace(/^options\./, "option ").replace(/^ip\./, "IP ").replace("+", " and ")
        .replace("dscp", "DSCP").replace("ecn", "ECN")
        .replace(/([a-z])([A-Z])(?=[a-z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
}
