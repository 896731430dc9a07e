// The line of `curl` that makes the same request as the page.

import { hasToken } from "./api.js";

export function curlLine(path, body) {
    const parts = ["curl", quoted(`${location.origin}${path}`)];
    // The token itself is shown nowhere.
    if (hasToken()) parts.push(`-H "Authorization: Bearer $TOKEN"`);
    parts.push("-d", quoted(body));
    return parts.join(" ");
}

/// A word for a POSIX shell.
function quoted(text) {
    return /^[A-Za-z0-9_:/.,@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/// Copies text; where the browser grants no clipboard (pages that are neither local nor TLS), selects it.
export async function copy(text, node) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        getSelection().selectAllChildren(node);
        return false;
    }
}
