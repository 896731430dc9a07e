// Asks again and again, no faster than the answers come, and not at all while nobody looks.

/// Calls `ask` every so often, less often when it takes long. `now()` of what is returned asks at once.
export function poll(ask, milliseconds) {
    let timer = null;
    let isAsking = false;
    let isWanted = false;

    async function turn() {
        clearTimeout(timer);
        if (isAsking) {
            isWanted = true;
            return;
        }
        isAsking = true;
        const began = performance.now();
        try {
            await ask();
        } catch {
            // The next turn may succeed; the page's head says whether the daemon answers.
        }
        isAsking = false;
        const delay = isWanted ? 0 : Math.max(milliseconds, (performance.now() - began) * 10);
        isWanted = false;
        if (!document.hidden) timer = setTimeout(turn, delay);
    }

    document.addEventListener("visibilitychange", () => {
        if (!document.hidden) turn();
    });
    turn();
    return { now: turn };
}
