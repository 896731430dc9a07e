// Asks before what cannot be undone.

import { byId, setText } from "./elements.js";

/// Whether the question was answered by what it asks for.
export function confirmed(question, consequence, verb) {
    const dialog = byId("confirm");
    setText(byId("confirm-title"), question);
    setText(byId("confirm-text"), consequence);
    setText(byId("confirm-yes"), verb);
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
        dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
}
