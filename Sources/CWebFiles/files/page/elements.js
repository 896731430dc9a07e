// Builds elements. What comes from the wire or from the daemon only ever becomes text: nothing here takes markup.

/// An element with attributes, listeners (given as functions) and children.
export function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    assign(made, attributes);
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return made;
}

/// The same for SVG.
export function graphic(name, attributes = {}, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    assign(made, attributes);
    made.append(...children);
    return made;
}

function assign(made, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined) continue;
        if (typeof value === "function") made.addEventListener(name, value);
        else if (name === "value" || name === "checked") made[name] = value;
        else if (typeof value === "boolean") made.toggleAttribute(name, value);
        else made.setAttribute(name, value);
    }
}

export function byId(id) {
    return document.getElementById(id);
}

/// Changes text only where it differs, so that unchanged rows cost nothing.
export function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
}

export function button(label, click, attributes = {}) {
    return element("button", { type: "button", click, ...attributes }, label);
}

/// A row of a description list.
export function entry(term, ...description) {
    return [element("dt", {}, term), element("dd", {}, ...description)];
}

/// Lets arrow keys move among the items of a group, of which one at a time can be reached by the tabulator.
export function rove(group, items, step = () => 1) {
    group.addEventListener("keydown", (event) => {
        const all = items();
        const current = all.indexOf(document.activeElement);
        if (current < 0) return;
        const moves = {
            ArrowRight: 1, ArrowLeft: -1, ArrowDown: step(), ArrowUp: -step(), Home: -all.length, End: all.length,
        };
        const move = moves[event.key];
        if (move === undefined) return;
        event.preventDefault();
        const next = all[Math.min(Math.max(current + move, 0), all.length - 1)];
        for (const item of all) item.tabIndex = item === next ? 0 : -1;
        next.focus();
    });
}
