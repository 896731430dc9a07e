// Light, dark, or as the system has it.

import { byId, setText } from "./elements.js";

const key = "segmentd.theme";
const kinds = ["system", "light", "dark"];

export function setUpTheme() {
    const button = byId("theme");
    let kind = remembered();
    const apply = () => {
        document.documentElement.dataset.theme = kind;
        setText(button, `Theme: ${kind}`);
    };
    button.addEventListener("click", () => {
        kind = kinds[(kinds.indexOf(kind) + 1) % kinds.length];
        remember(kind);
        apply();
    });
    apply();
}

// A browser may keep nothing for the page; then the choice lasts as long as the page.

function remembered() {
    try {
        const kind = localStorage.getItem(key);
        return kinds.includes(kind) ? kind : "system";
    } catch {
        return "system";
    }
}

function remember(kind) {
    try {
        localStorage.setItem(key, kind);
    } catch {
        return;
    }
}
