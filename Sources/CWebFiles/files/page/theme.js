// Light, dark, or as the system has it.

import { byId, setText } from "./elements.js";

const key = "segmentd.theme";
const kinds = ["system", "light", "dark"];

export function setUpTheme() {
    const button = byId("theme");
    let kind = kinds.includes(localStorage.getItem(key)) ? localStorage.getItem(key) : "system";
    const apply = () => {
        document.documentElement.dataset.theme = kind;
        setText(button, `Theme: ${kind}`);
    };
    button.addEventListener("click", () => {
        kind = kinds[(kinds.indexOf(kind) + 1) % kinds.length];
        localStorage.setItem(key, kind);
        apply();
    });
    apply();
}
