// Server-sent events out of pieces of text (HTML Living Standard §9.2), as far as this daemon writes them.

export class EventParser {
    #rest = "";

    /// The events that a piece completes, each {name, id, data} or {comment}.
    take(piece) {
        const text = this.#rest + piece;
        const events = [];
        let start = 0;
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n", start)) {
            events.push(this.#event(text.slice(start, end)));
            start = end + 2;
        }
        this.#rest = text.slice(start);
        return events;
    }

    #event(block) {
        const event = { name: "message", id: null, data: "", comment: null };
        for (const line of block.split("\n")) {
            const colon = line.indexOf(":");
            const field = line.slice(0, colon);
            const value = line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
            if (field === "") event.comment = value;
            else if (field === "event") event.name = value;
            else if (field === "id") event.id = Number(value);
            else if (field === "data") event.data += value;
        }
        return event;
    }
}
