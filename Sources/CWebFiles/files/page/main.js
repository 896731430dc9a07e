// The page of segmentd: puts its parts together.

import { connection, forgetToken, getJSON, hasToken, onTokenWanted } from "./api.js";
import { Counters } from "./counters.js";
import { Craft } from "./craft.js";
import { Details } from "./details.js";
import { byId, setText } from "./elements.js";
import { EndpointDialog } from "./endpoint-dialog.js";
import { Endpoints } from "./endpoints.js";
import { ExchangeView } from "./exchange-view.js";
import { Places } from "./places.js";
import { poll } from "./poll.js";
import { replayable } from "./replayable.js";
import { Runs } from "./runs.js";
import { Tabs } from "./tabs.js";
import { setUpTheme } from "./theme.js";
import { askForToken } from "./token-dialog.js";
import { ViewSwitch } from "./view-switch.js";

setUpTheme();
onTokenWanted(askForToken);

const places = new Places();
const views = new ViewSwitch();
const tabs = new Tabs(byId("inspector-tabs"), (panel) => {
    if (panel === "runs-tab") runPolling?.now();
});

const details = new Details(places, {
    craft(segment) {
        const [copy, endpoint] = replayable(segment, places);
        openCraft(endpoint, copy);
    },
    follow: (filter) => exchange.filter.set({ filter, endpoint: "" }),
});
const exchange = new ExchangeView(places, (row, opener) => {
    tabs.show("segment-tab");
    details.showRow(row);
    if (opener) views.show("inspector", false);
    if (opener === "key") byId("segment-tab").focus();
});
const craft = new Craft();
const counters = new Counters();
const dialog = new EndpointDialog(() => endpointPolling.now());
const endpoints = new Endpoints({
    changed(list) {
        places.setEndpoints(list);
        exchange.filter.setEndpoints(list);
        exchange.refresh();
        craft.setEndpoints(list);
        runs.setEndpoints(list);
    },
    create: () => dialog.open(),
    craft: (id) => openCraft(id, null),
    only: (id) => exchange.filter.set({ filter: "", endpoint: id }).then(() => views.show("exchange")),
    emptied() {
        runs.clear();
        exchange.reload();
    },
    focus: () => byId("endpoint-new").focus(),
    refresh: () => endpointPolling.now(),
});
const runs = new Runs({
    openSegment(id) {
        tabs.show("segment-tab");
        details.showNumber(id);
    },
    refresh: () => runPolling.now(),
});

function openCraft(endpoint, segment) {
    views.show("inspector");
    tabs.show("craft-tab");
    craft.take(segment, endpoint);
}

byId("segment-tab").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    views.show("exchange", false);
    exchange.focus();
});
connection.addEventListener("unreachable", () => { byId("unreachable").hidden = false; });
connection.addEventListener("reachable", () => { byId("unreachable").hidden = true; });
byId("keys-open").addEventListener("click", () => byId("keys").showModal());
byId("forget-token").addEventListener("click", () => {
    forgetToken();
    location.reload();
});

async function showVersion() {
    const { version } = await getJSON("/version");
    setText(byId("version"), version);
    byId("forget-token").hidden = !hasToken();
}

places.onUnknown = () => endpointPolling?.now();

// The endpoints come first: segments are drawn between them.
let runPolling = null;
let endpointPolling = null;
await showVersion().catch(() => {});
await endpoints.ask().catch(() => {});
exchange.begin();
endpointPolling = poll(() => endpoints.ask(), 1000);
poll(() => counters.ask(), 1000);
runPolling = poll(async () => {
    if (!byId("runs-tab").hidden || runs.isLive) await runs.ask();
}, 500);
document.documentElement.dataset.ready = "true";
