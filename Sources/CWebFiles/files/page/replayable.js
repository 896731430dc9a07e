// A recorded segment as one to send: by whom, and without what is worked out anyway.

/// The segment to begin with, and the id of the endpoint that would send it.
export function replayable(segment, places) {
    const { ip, sourcePort, destinationPort } = segment;
    const recorder = places.endpoints.get(segment.endpoint) ?? null;
    const sender = segment.direction === "received"
        ? places.endpointAt(ip?.source, sourcePort, ip?.destination, destinationPort, recorder?.namespace ?? null) ?? recorder
        : recorder;
    const copy = structuredClone(segment);
    if (!copy.malformed.some((fault) => fault.startsWith("dataOffset"))) delete copy.dataOffset;
    if (copy.ip) dropUsual(copy, sender);
    for (const [name, usual] of [["urgentPointer", 0], ["reservedBits", 0]]) {
        if (copy[name] === usual) delete copy[name];
    }
    return [copy, sender?.id ?? null];
}

/// Takes away the addresses and numbers that the endpoint would give it itself.
function dropUsual(copy, sender) {
    const { ip } = copy;
    for (const [name, usual] of [["timeToLive", 64], ["dscp", 0], ["ecn", 0], ["fragmentOffset", 0]]) {
        if (ip[name] === usual) delete ip[name];
    }
    if (ip.dontFragment && ip.identification === 0) delete ip.identification;
    if (sender && ip.source === sender.local.address) delete ip.source;
    if (sender && copy.sourcePort === sender.local.port) delete copy.sourcePort;
    if (sender?.remote && ip.destination === sender.remote.address) delete ip.destination;
    if (sender?.remote && copy.destinationPort === sender.remote.port) delete copy.destinationPort;
}
