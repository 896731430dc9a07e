// A small time series: the last two minutes of one figure.

import { element, graphic, setText } from "./elements.js";

const length = 120;
const width = 120;
const height = 28;

export class Series {
    root;
    #points = [];
    #line = graphic("polyline", { class: "line" });
    #area = graphic("polygon", { class: "area" });
    #value = element("span", { class: "value" });
    #most = element("span", { class: "most" });
    #graph;
    #write;

    /// `write` makes text of a figure.
    constructor(title, kind, write) {
        this.#write = write;
        this.#graph = graphic("svg", {
            viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", class: "graph", role: "img",
            "aria-label": `${title}: nothing counted yet`,
        }, this.#area, this.#line);
        this.root = element("div", { class: `series ${kind}` },
            element("div", { class: "series-head" }, element("span", { class: "title" }, title), this.#value),
            this.#graph, this.#most);
        this.title = title;
    }

    add(figure) {
        this.#points.push(figure);
        if (this.#points.length > length) this.#points.shift();
        this.#draw();
    }

    #draw() {
        const most = Math.max(...this.#points);
        const scale = most > 0 ? (height - 3) / most : 0;
        const start = length - this.#points.length;
        const points = this.#points.map((figure, index) =>
            `${((start + index) * width / (length - 1)).toFixed(1)},${(height - 1 - figure * scale).toFixed(1)}`);
        const first = (start * width / (length - 1)).toFixed(1);
        this.#line.setAttribute("points", points.join(" "));
        this.#area.setAttribute("points", `${first},${height} ${points.join(" ")} ${width},${height}`);
        const now = this.#write(this.#points.at(-1));
        setText(this.#value, now);
        setText(this.#most, `most ${this.#write(most)}`);
        this.#graph.setAttribute("aria-label", `${this.title}: ${now} now, at most ${this.#write(most)} in two minutes`);
    }
}
