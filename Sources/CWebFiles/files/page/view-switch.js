// On narrow screens one part of the page is shown at a time.

import { byId } from "./elements.js";

const views = ["endpoints", "exchange", "inspector"];

export class ViewSwitch {
    constructor() {
        for (const view of views) byId(`to-${view}`).addEventListener("click", () => this.show(view, false));
        this.show("exchange", false);
    }

    show(view, movesFocus = true) {
        document.body.dataset.view = view;
        for (const one of views) byId(`to-${one}`).setAttribute("aria-pressed", String(one === view));
        if (movesFocus) byId(view).focus({ preventScroll: true });
    }
}
