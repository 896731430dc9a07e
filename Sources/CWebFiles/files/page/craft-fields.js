// The fields of the form that crafts a segment, by the pointers that the daemon names them by.

export const flagNames = ["SYN", "ACK", "FIN", "RST", "PSH", "URG", "ECE", "CWR"];

/// Each field: [pointer, label, what an empty one means].
export const numberFields = [
    ["/sequenceNumber", "Sequence number", "0"],
    ["/acknowledgmentNumber", "Acknowledgment number", "0"],
    ["/window", "Window", "0"],
    ["/urgentPointer", "Urgent pointer", "0"],
];

export const headerFields = [
    ["/sourcePort", "Source port", "the endpoint's"],
    ["/destinationPort", "Destination port", "its remote's"],
    ["/checksum", "Checksum", "correct"],
    ["/dataOffset", "Data offset", "worked out"],
    ["/reservedBits", "Reserved bits", "0"],
    ["/truncate", "Truncate after octets", "not"],
];

export const internetFields = [
    ["/ip/source", "Source", "the endpoint's"],
    ["/ip/destination", "Destination", "its remote's"],
    ["/ip/timeToLive", "Time to live", "64"],
    ["/ip/dscp", "DSCP", "0"],
    ["/ip/ecn", "ECN", "0"],
    ["/ip/identification", "Identification", "worked out"],
    ["/ip/fragmentOffset", "Fragment offset", "0"],
    ["/ip/options", "Options in hex", "none"],
];

/// Each switch: [pointer, label, what is the case without it].
export const internetSwitches = [
    ["/ip/dontFragment", "Do not fragment", true],
    ["/ip/moreFragments", "More fragments", false],
    ["/ip/reservedFlag", "Reserved flag", false],
];

export const repeatFields = [
    ["/repeat/count", "Count", "once"],
    ["/repeat/interval", "Interval, such as 10ms", "none"],
    ["/repeat/rate", "Rate, such as 500/s", "as fast as can be"],
    ["/repeat/record", "Recorded of them", "100"],
];

/// The members of each kind of option that the form knows.
export const optionMembers = {
    maximumSegmentSize: { value: "1460" },
    windowScale: { shift: "7" },
    sackPermitted: {},
    timestamps: { value: "1", echoReply: "0" },
    noOperation: {},
    endOfOptionList: {},
    fastOpenCookie: { cookie: "0011223344556677" },
    other: { kind: "254", length: "", data: "f00dcafe" },
};

/// What was typed, as JSON: a number, an object, or the text for the daemon to judge.
export function typed(text) {
    const trimmed = text.trim();
    if (/^(0|[1-9][0-9]{0,14})$/.test(trimmed)) return Number(trimmed);
    if (!trimmed.startsWith("{") && !trimmed.startsWith("[")) return trimmed;
    try {
        return JSON.parse(trimmed);
    } catch {
        return trimmed;
    }
}

export function shown(value) {
    if (value === undefined || value === null) return "";
    return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/// The member at a pointer.
export function at(value, pointer) {
    return pointer.split("/").slice(1).reduce((part, name) => part?.[name], value);
}

/// Puts a member at a pointer, with the objects above it.
export function put(value, pointer, member) {
    const names = pointer.split("/").slice(1);
    const last = names.pop();
    let part = value;
    for (const name of names) part = part[name] ??= {};
    part[last] = member;
}

/// Takes the member at a pointer away, and what it leaves empty.
export function take(value, pointer) {
    const names = pointer.split("/").slice(1);
    const last = names.pop();
    const parent = names.reduce((part, name) => part?.[name], value);
    if (parent === null || typeof parent !== "object") return;
    delete parent[last];
    if (names.length > 0 && Object.keys(parent).length === 0) take(value, `/${names.join("/")}`);
}
