// Asks for the token that the daemon wants. It goes into memory, not into any storage.

import { byId, setText } from "./elements.js";

export function askForToken(problem) {
    const dialog = byId("token-dialog");
    const input = byId("token");
    setText(byId("token-fault"), problem ? "The daemon does not know this token." : "");
    input.value = "";
    dialog.showModal();
    input.focus();
    return new Promise((resolve) => {
        byId("token-form").addEventListener("submit", (event) => {
            event.preventDefault();
            const token = input.value.trim();
            input.value = "";
            dialog.close();
            resolve(token);
        }, { once: true });
        // There is nothing to see without one.
        dialog.addEventListener("cancel", (event) => event.preventDefault());
    });
}
