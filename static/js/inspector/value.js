// A recorded value as HTML: a number, a matrix in brackets, or a heat map with its range where it is large.

/** @import { Nested, Scalar, Value } from "../types.js" */
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";

/** Characters of a number that two columns have room for in large type. */
const SHORT = 6;
/** Up to this many columns and rows, numbers are written out. */
const MOST_COLUMNS = 8;
const MOST_ROWS = 12;
const MOST_SLICES = 4;
const LEVELS = 5;
const MOST_CELLS = 64;

/** @typedef {{digits?: number, num?: string, whole?: boolean, tone?: "value" | "grad"}} Format */

/** "2 × 3", or "scalar". @param {number[]} shape */
export function shapeText(shape) {
  return shape.length ? (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`) : strings.scalar;
}

/** @param {Nested} data @returns {number[]} */
export function shapeOf(data) {
  /** @type {number[]} */
  const shape = [];
  let at = data;
  while (Array.isArray(at)) {
    shape.push(at.length);
    at = /** @type {Nested} */ (at[0] ?? null);
    if (at === null) break;
  }
  return shape;
}

/** @param {Value} value @param {Format} [format] */
export function valueBlock(value, format = {}) {
  const tone = format.tone ?? "value";
  if (value.kind === "summary") {
    const stats = [
      value.mean === null ? null : `mean ${numberText(value.mean, format)}`,
      value.std === null ? null : `std ${numberText(value.std, format)}`,
      value.zeros ? `${value.zeros} zeros` : null,
      value.nan ? `${value.nan} nan` : null,
      value.inf ? `${value.inf} inf` : null,
    ];
    return h(
      "div",
      { class: `quantity ${tone}` },
      heat(value.sample),
      range(value.min, value.max, format),
      h("p", { class: "caption", text: stats.filter(Boolean).join(" · ") }),
    );
  }
  const shape = shapeOf(value.data);
  if (!Array.isArray(value.data)) {
    const text = numberText(value.data, format);
    const kind = text.length > SHORT ? "number long" : "number";
    return h("div", { class: `quantity ${tone}` }, h("span", { class: kind, text }));
  }
  if (shape.includes(0)) return h("div", { class: `quantity ${tone}` }, h("span", { class: "number", text: "[ ]" }));
  return h("div", { class: `quantity ${tone}` }, ...slices(value.data, shape, format));
}

/**
 * Matrices of the last two dimensions, each under its index.
 * @param {Nested[]} data
 * @param {number[]} shape
 * @param {Format} format
 * @returns {HTMLElement[]}
 */
function slices(data, shape, format) {
  if (shape.length <= 2) {
    const rows = /** @type {Scalar[][]} */ (shape.length === 1 ? [data] : data);
    return [
      (rows[0]?.length ?? 0) <= MOST_COLUMNS && rows.length <= MOST_ROWS
        ? matrix(rows, format)
        : heatWithRange(rows, format),
    ];
  }
  /** @type {HTMLElement[]} */
  const blocks = [];
  /** @param {Nested} part @param {number[]} index @param {number} depth */
  const walk = (part, index, depth) => {
    if (blocks.length >= MOST_SLICES) return;
    if (depth === 2) {
      blocks.push(
        h(
          "figure",
          { class: "slice" },
          h("figcaption", { class: "caption", text: `[${index.join(", ")}]` }),
          ...slices(/** @type {Nested[]} */ (part), shape.slice(-2), format),
        ),
      );
    } else /** @type {Nested[]} */ (part).forEach((inner, k) => walk(inner, [...index, k], depth - 1));
  };
  walk(data, [], shape.length);
  const all = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  if (all > blocks.length) blocks.push(h("p", { class: "caption", text: strings.more(all - blocks.length) }));
  return blocks;
}

/** @param {Scalar[][]} rows @param {Format} format */
function matrix(rows, format) {
  return h(
    "table",
    {
      class: (rows[0]?.length ?? 0) > 2 ? "matrix dense" : "matrix",
      "aria-label": strings.matrixOf(`${rows.length} × ${rows[0]?.length ?? 0}`),
    },
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((x) => h("td", { text: numberText(x, format) }))))),
  );
}

/** @param {Scalar[][]} rows @param {Format} format */
function heatWithRange(rows, format) {
  const numbers = rows.flat().filter((x) => typeof x === "number");
  if (!numbers.length) return heat(rows);
  let [least, most] = [Infinity, -Infinity];
  for (const x of numbers) [least, most] = [Math.min(least, x), Math.max(most, x)];
  return h("div", {}, heat(rows), range(least, most, format));
}

/** @param {Scalar | null} least @param {Scalar | null} most @param {Format} format */
function range(least, most, format) {
  return h("p", { class: "caption", text: strings.range(numberText(least, format), numberText(most, format)) });
}

/** @param {Scalar[][]} rows */
function heat(rows) {
  const height = Math.min(rows.length, MOST_CELLS);
  const width = Math.min(rows[0]?.length ?? 0, MOST_CELLS);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "heat");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", height * 12 < width ? "none" : "xMinYMin meet");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", strings.matrixOf(`${rows.length} × ${rows[0]?.length ?? 0}`));
  const sizes = rows.flat().map((x) => (typeof x === "number" ? Math.abs(x) : typeof x === "boolean" ? Number(x) : 0));
  const most = sizes.reduce((a, b) => Math.max(a, b), 0) || 1;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const [name, value] of [
        ["x", j],
        ["y", i],
        ["width", 1],
        ["height", 1],
      ])
        rect.setAttribute(String(name), String(value));
      rect.setAttribute("class", heatClass(rows[i]?.[j] ?? 0, most));
      svg.append(rect);
    }
  }
  return svg.childElementCount ? h("div", { class: "heat-frame" }, svg) : h("div", {});
}

/** @param {Scalar} x @param {number} most */
function heatClass(x, most) {
  if (typeof x === "boolean") x = Number(x);
  if (typeof x !== "number") return "odd";
  const level = Math.ceil((Math.abs(x) / most) * LEVELS);
  return level === 0 ? "zero" : `${x > 0 ? "above" : "below"}-${level}`;
}
