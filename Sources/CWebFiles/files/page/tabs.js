// Tabs as the ARIA Authoring Practices have them: one of them in the order of the tabulator, arrows go to the others.

import { byId, rove } from "./elements.js";

export class Tabs {
    #tabs;

    /// `shown` is told the panel that is shown, by its id.
    constructor(list, shown = () => {}) {
        this.#tabs = [...list.querySelectorAll("[role=tab]")];
        this.shown = shown;
        rove(list, () => this.#tabs);
        for (const tab of this.#tabs) {
            tab.addEventListener("click", () => this.show(tab.getAttribute("aria-controls")));
            tab.addEventListener("focus", () => this.show(tab.getAttribute("aria-controls")));
        }
    }

    show(panel) {
        for (const tab of this.#tabs) {
            const isShown = tab.getAttribute("aria-controls") === panel;
            tab.setAttribute("aria-selected", String(isShown));
            tab.tabIndex = isShown ? 0 : -1;
            byId(tab.getAttribute("aria-controls")).hidden = !isShown;
        }
        this.shown(panel);
    }
}
