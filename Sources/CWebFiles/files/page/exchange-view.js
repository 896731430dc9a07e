// The exchange on the page: live rows in the ladder or the table, paused and resumed.

import { byId, setText } from "./elements.js";
import { Exchange } from "./exchange.js";
import { FilterBar } from "./filter.js";
import { downloadCapture } from "./capture.js";
import { plural } from "./format.js";
import { Ladder } from "./ladder.js";
import { LiveSegments } from "./live.js";
import { SegmentTable } from "./segment-table.js";
import { tell, tellProblem } from "./status.js";

const tickMilliseconds = 250;
const stateTexts = {
    live: "live", connecting: "connecting", waiting: "connection lost, trying again", paused: "paused", failed: "stopped",
};

export class ExchangeView {
    filter;
    #exchange;
    #views;
    #live;
    #state = "connecting";

    constructor(places, onSelect) {
        this.#exchange = new Exchange(places);
        const listener = {
            onSelect: (row, number, opener) => {
                for (const view of Object.values(this.#views)) view.selected = number;
                onSelect(row, opener);
            },
            onFollow: () => this.#describe(),
        };
        this.#views = {
            ladder: new Ladder(byId("ladder"), this.#exchange, places, listener),
            table: new SegmentTable(byId("table"), this.#exchange, places, listener),
        };
        this.#live = new LiveSegments({
            began: () => this.#exchange.clear({ showsBothEnds: this.filter.selection.endpoint === "" }),
            segments: (segments) => this.#exchange.add(segments),
            gap: (losses) => this.#exchange.addGap(losses),
            state: (state, problem) => this.#setState(state, problem),
        });
        this.filter = new FilterBar((selection) => this.#live.select(selection));
        this.#exchange.addEventListener("change", () => this.#changed());
        this.#listen();
    }

    begin() {
        this.#live.select(this.filter.selection);
        setInterval(() => {
            if (this.#state === "live") this.#exchange.tick(tickMilliseconds);
        }, tickMilliseconds);
    }

    /// The columns may have changed.
    refresh() {
        for (const view of Object.values(this.#views)) view.refresh();
    }

    focus() {
        this.#shown.scroller.focus();
    }

    /// Reads anew what the ring has.
    reload() {
        this.#live.select(this.filter.selection);
    }

    #listen() {
        byId("pause").addEventListener("click", () => this.#togglePause());
        byId("newest").addEventListener("click", () => this.#shown.follow());
        byId("clear").addEventListener("click", () => this.#exchange.clear());
        byId("capture").addEventListener("click", () => this.#download());
        byId("time-kind").addEventListener("change", (event) => this.#views.ladder.showTime(event.target.value));
        for (const kind of Object.keys(this.#views)) {
            byId(`as-${kind}`).addEventListener("click", () => this.#show(kind));
            byId(kind).addEventListener("keydown", (event) => this.#key(event));
        }
    }

    get #shown() {
        return byId("ladder").hidden ? this.#views.table : this.#views.ladder;
    }

    #show(kind) {
        const { isFollowing } = this.#shown;
        for (const one of Object.keys(this.#views)) {
            byId(one).hidden = one !== kind;
            byId(`as-${one}`).setAttribute("aria-pressed", String(one === kind));
        }
        byId("time-kind").disabled = kind === "table";
        this.#shown.resume(isFollowing);
        this.#describe();
    }

    #key(event) {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        if (event.key === "p") this.#togglePause();
        else if (event.key === "g") this.#shown.follow();
        else if (event.key === "/") byId("filter").focus();
        else return;
        event.preventDefault();
    }

    #togglePause() {
        if (this.#state === "paused") this.#live.resume();
        else this.#live.pause();
    }

    #setState(state, problem) {
        this.#state = state;
        byId("pause").setAttribute("aria-pressed", String(state === "paused"));
        setText(byId("pause"), state === "paused" ? "Resume" : "Pause");
        byId("live-state").className = `live-state ${state}`;
        if (problem) this.filter.showFault(problem.violationOf("filter") ?? problem.text);
        this.#describe();
    }

    #changed() {
        this.refresh();
        const { filter, endpoint } = this.filter.selection;
        const isEmpty = this.#exchange.rows.length === 0;
        byId("exchange-empty").hidden = !isEmpty;
        setText(byId("exchange-empty"), filter || endpoint
            ? "No segment passes the filter yet." : "No segment yet. They appear here as they are sent and received.");
        this.#describe();
    }

    #describe() {
        const { rows } = this.#exchange;
        setText(byId("live-state"), stateTexts[this.#state]);
        setText(byId("row-count"), plural(rows.length, "row"));
        byId("newest").hidden = this.#shown.isFollowing;
    }

    async #download() {
        try {
            await downloadCapture(this.filter.selection);
            tell("The capture is downloaded");
        } catch (error) {
            tellProblem(error);
        }
    }
}
