// A scenario to begin with, for the endpoints that there are.

export function exampleScenario(endpoints) {
    const sender = endpoints.find((endpoint) => endpoint.role === "client") ?? endpoints[0];
    const id = sender?.id ?? "client";
    const receiver = endpoints.find((endpoint) => endpoint.local.port === sender?.remote?.port
        && endpoint.local.address === sender?.remote?.address);
    const steps = [{ send: { endpoint: id, segment: { flags: ["SYN"], sequenceNumber: 100, window: 64240 } } }];
    if (receiver) {
        steps.push({ expect: { endpoint: receiver.id, segment: { flags: ["SYN"], sequenceNumber: 100 }, within: "1s" } });
    }
    steps.push({ expect: { endpoint: id, segment: { flags: ["SYN"] }, within: "1s" } });
    steps.push({ expectNone: { endpoint: id, segment: { flags: ["RST"] }, for: "200ms" } });
    return { name: "a SYN is answered, not reset", steps };
}
