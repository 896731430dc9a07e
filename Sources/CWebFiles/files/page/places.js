// The columns of the ladder: endpoints, and the peers that are none.

const mostIdleColumns = 8;
const mostPeers = 12;
const mostLearned = 256;
const otherPeers = "peer *";

export class Places {
    /// The endpoints as the daemon last listed them, by their ids.
    endpoints = new Map();
    /// Those that have segments and are not listed: beyond the page of the list, new, or removed.
    #learned = new Map();
    #byAddress = new Map();
    /// How many rows have an end in a column.
    #uses = new Map();
    #columns = null;
    /// Called when a segment is of an endpoint that is not among these.
    onUnknown = () => {};

    setEndpoints(list) {
        const before = [...this.endpoints.keys()].join();
        this.endpoints = new Map(list.map((endpoint) => [endpoint.id, endpoint]));
        for (const id of this.endpoints.keys()) this.#learned.delete(id);
        this.#byAddress.clear();
        for (const endpoint of [...list, ...this.#learned.values()]) this.#index(endpoint);
        if ([...this.endpoints.keys()].join() !== before) this.#columns = null;
    }

    /// Remembers where an endpoint is that is not listed, as its segments tell.
    learn(id, address, port) {
        if (this.#learned.has(id) || this.#learned.size >= mostLearned) return;
        const endpoint = { id, state: "unknown", namespace: null, filter: null, remote: null, local: { address, port } };
        this.#learned.set(id, endpoint);
        this.#index(endpoint);
        this.onUnknown();
    }

    #index(endpoint) {
        const key = `${endpoint.local.address}:${endpoint.local.port}`;
        this.#byAddress.set(key, [...(this.#byAddress.get(key) ?? []), endpoint]);
    }

    clear() {
        this.#uses.clear();
        this.#columns = null;
    }

    /// The endpoint that plays an address towards a peer, as far as one can tell from outside.
    endpointAt(address, port, peerAddress, peerPort, namespace) {
        const all = this.#byAddress.get(`${address}:${port}`) ?? [];
        const near = address?.startsWith("127.") ? all.filter((one) => one.namespace === namespace) : all;
        return near.find((one) => one.remote && one.remote.address === peerAddress && one.remote.port === peerPort)
            ?? near.find((one) => one.remote === null) ?? near[0] ?? null;
    }

    /// The column of an endpoint, given by its id, or of a peer.
    keyOf(endpoint, address, port) {
        if (endpoint) return `endpoint ${endpoint}`;
        const key = `peer ${address}:${port ?? "?"}`;
        if (this.#uses.has(key)) return key;
        const peers = [...this.#uses.keys()].filter((used) => used.startsWith("peer ")).length;
        return peers < mostPeers ? key : otherPeers;
    }

    use(key) {
        const uses = this.#uses.get(key) ?? 0;
        this.#uses.set(key, uses + 1);
        if (uses === 0) this.#columns = null;
    }

    release(key) {
        const uses = (this.#uses.get(key) ?? 1) - 1;
        if (uses > 0) return void this.#uses.set(key, uses);
        this.#uses.delete(key);
        this.#columns = null;
    }

    /// The columns from left to right, each {key, title, detail, endpoint}: clients, servers, peers.
    columns() {
        this.#columns ??= this.#arranged();
        return this.#columns;
    }

    title(key) {
        if (key === otherPeers) return "other peers";
        return key.slice(key.indexOf(" ") + 1);
    }

    #arranged() {
        const keys = new Set(this.#uses.keys());
        for (const id of this.endpoints.keys()) {
            if (keys.size >= mostIdleColumns) break;
            keys.add(`endpoint ${id}`);
        }
        const rank = (key) => {
            if (!key.startsWith("endpoint ")) return key === otherPeers ? 3 : 2;
            return this.endpoints.get(key.slice(9))?.role === "server" ? 1 : 0;
        };
        return [...keys].sort((one, other) => rank(one) - rank(other)).map((key) => this.#column(key));
    }

    #column(key) {
        const title = this.title(key);
        if (key.startsWith("endpoint ")) {
            const endpoint = this.endpoints.get(title) ?? null;
            return { key, endpoint, title, detail: endpoint ? `${endpoint.local.address}:${endpoint.local.port}` : "removed" };
        }
        // The port tells peers apart where there is little room.
        const [address, port] = title.split(":");
        return { key, endpoint: null, title: port ? `:${port}` : title, detail: port ? address : "" };
    }
}
