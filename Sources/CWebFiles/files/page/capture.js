// Downloads what the filter shows as a capture file.

import { fetchFrom, query } from "./api.js";
import { element } from "./elements.js";

/// The file is read by `fetch`, which can carry a token, and then handed to the browser.
export async function download(path, name, accept) {
    const response = await fetchFrom(path, { accept });
    const url = URL.createObjectURL(await response.blob());
    const link = element("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function downloadCapture(selection) {
    const path = `/segments.pcapng${query({ ...selection, direction: "any" })}`;
    return download(path, "segments.pcapng", "application/x-pcapng, application/problem+json");
}
