// A tensor as a grid of cells that can be pointed at and walked with the arrow keys: numbers where they fit, else shades.

/** @import { Nested, Scalar, Value } from "../types.js" */
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";

/** Beyond this many cells a tensor is shown as a picture that can't be walked. */
export const MOST_WALKED = 1024;
const MOST_COLUMNS = 6;
const MOST_ROWS = 10;
const MOST_SLICES = 6;
const LEVELS = 5;

/**
 * @typedef {{
 *   name: string,
 *   shape: number[],
 *   values: (Scalar | null)[],
 *   tone?: "value" | "grad",
 *   format?: {digits?: number, num?: string, whole?: boolean},
 *   numbers?: boolean,
 *   heads?: {rows: string[], columns: string[]},
 *   title?: (place: number) => string,
 *   label?: string,
 *   key?: string,
 *   point?: (place: number | null) => void,
 *   choose?: (place: number) => void,
 * }} GridOptions `numbers`: false for shades at any size; `heads`: of a matrix; `title`: what a cell is called; `key`: where focus returns to when it is drawn anew
 */

/** @typedef {{element: HTMLElement, light: (places: Iterable<number>, kind?: string) => void, clear: () => void}} Grid */

/** The elements of a full value in row-major order. @param {Nested} data @returns {Scalar[]} */
export function flat(data) {
  return Array.isArray(data) ? data.flatMap(flat) : [data];
}

/** @param {number} place @param {number[]} shape @returns {number[]} */
export function unravel(place, shape) {
  const index = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = Math.max(shape[axis] ?? 1, 1);
    index.unshift(place % size);
    place = Math.floor(place / size);
  }
  return index;
}

/** @param {number[]} index @param {number[]} shape */
export function ravel(index, shape) {
  return shape.reduce((place, size, axis) => place * size + (index[axis] ?? 0), 0);
}

/** `w[0, 1]`; a scalar is called by its name alone. @param {string} name @param {number[]} index */
export const elementName = (name, index) => (index.length ? `${name}[${index.join(", ")}]` : name);

/** @param {number[]} shape */
export const count = (shape) => shape.reduce((product, size) => product * size, 1);

/** Whether a tensor's value can be walked cell by cell. @param {Value} value @param {number[]} shape */
export function walkable(value, shape) {
  return value.kind === "full" && count(shape) > 0 && count(shape) <= MOST_WALKED;
}

/** The shade of a number among others. @param {Scalar | null} x @param {number} most largest size among them */
export function shade(x, most) {
  if (typeof x === "boolean") x = Number(x);
  if (typeof x !== "number") return "odd";
  const level = Math.ceil((Math.abs(x) / (most || 1)) * LEVELS);
  return level === 0 ? "zero" : `${x > 0 ? "above" : "below"}-${level}`;
}

/** @param {(Scalar | null)[]} values */
export function largest(values) {
  let most = 0;
  for (const x of values) {
    const size = typeof x === "number" ? Math.abs(x) : typeof x === "boolean" ? Number(x) : 0;
    if (size > most) most = size;
  }
  return most;
}

/** @param {GridOptions} options @returns {Grid} */
export function cellGrid(options) {
  const { shape, values, format = {} } = options;
  const rank = shape.length;
  const columns = rank ? (shape[rank - 1] ?? 1) : 1;
  const rows = rank > 1 ? (shape[rank - 2] ?? 1) : 1;
  const slices = count(shape.slice(0, -2));
  const numbers = options.numbers ?? (columns <= MOST_COLUMNS && rows <= MOST_ROWS);
  const most = numbers ? 1 : largest(values);
  /** @type {Map<number, HTMLElement>} */
  const cells = new Map();
  const titleOf = options.title ?? ((/** @type {number} */ place) => elementName(options.name, unravel(place, shape)));
  const { heads } = options;
  const tables = [];
  for (let slice = 0; slice < Math.min(slices, MOST_SLICES); slice++) {
    const lines = [];
    for (let i = 0; i < rows; i++) {
      const row = h("tr", {}, heads ? h("th", { scope: "row", text: heads.rows[i] ?? "" }) : null);
      for (let j = 0; j < columns; j++) {
        const place = (slice * rows + i) * columns + j;
        const text = numberText(values[place] ?? null, format);
        const cell = h("td", {
          class: numbers ? "cell" : `cell shade ${shade(values[place] ?? null, most)}`,
          "data-place": place,
          tabindex: "-1",
          "data-focus": options.key ? `${options.key}-${place}` : null,
          "aria-label": `${titleOf(place)} = ${text}`,
          text: numbers ? text : null,
        });
        cells.set(place, cell);
        row.append(cell);
      }
      lines.push(row);
    }
    const table = h(
      "table",
      {
        class: numbers ? `cells matrix${heads ? " headed" : ""}` : "cells shades",
        role: "grid",
        "aria-label": options.label ?? strings.gridOf(options.name),
      },
      heads
        ? h("thead", {}, h("tr", {}, h("td"), ...heads.columns.map((head) => h("th", { scope: "col", text: head }))))
        : null,
      h("tbody", {}, ...lines),
    );
    tables.push(
      rank > 2
        ? h(
            "figure",
            { class: "slice" },
            h("figcaption", { class: "caption", text: `[${unravel(slice, shape.slice(0, -2)).join(", ")}]` }),
            table,
          )
        : table,
    );
  }
  if (slices > MOST_SLICES) tables.push(h("p", { class: "caption", text: strings.more(slices - MOST_SLICES) }));
  const element = h(
    "div",
    { class: `grid ${options.tone ?? "value"}`, "data-grid": options.key },
    ...tables,
  );
  cells.get(0)?.setAttribute("tabindex", "0");
  walk(element, cells, options, { rows, columns });
  /** @type {Set<HTMLElement>} */
  const lit = new Set();
  return {
    element,
    light(places, kind = "lit") {
      for (const place of places) {
        const cell = cells.get(place);
        if (cell) {
          cell.classList.add(kind);
          lit.add(cell);
        }
      }
    },
    clear() {
      for (const cell of lit) cell.classList.remove("lit", "chosen");
      lit.clear();
    },
  };
}

/**
 * Pointing with mouse, touch or arrow keys; one cell at a time is reached by Tab.
 * @param {HTMLElement} element @param {Map<number, HTMLElement>} cells @param {GridOptions} options
 * @param {{rows: number, columns: number}} size
 */
function walk(element, cells, options, { rows, columns }) {
  const placeOf = (/** @type {EventTarget | null} */ target) => {
    const cell = target instanceof Element ? target.closest("[data-place]") : null;
    return cell && element.contains(cell) ? Number(cell.getAttribute("data-place")) : null;
  };
  const rove = (/** @type {HTMLElement} */ cell) => {
    for (const former of element.querySelectorAll('[tabindex="0"]')) former.setAttribute("tabindex", "-1");
    cell.setAttribute("tabindex", "0");
  };
  element.addEventListener("pointerover", (event) => {
    const place = placeOf(event.target);
    if (place !== null) options.point?.(place);
  });
  element.addEventListener("pointerleave", () => {
    options.point?.(element.contains(document.activeElement) ? placeOf(document.activeElement) : null);
  });
  element.addEventListener("focusin", (event) => {
    const place = placeOf(event.target);
    const cell = place === null ? undefined : cells.get(place);
    if (place === null || !cell) return;
    rove(cell);
    options.point?.(place);
  });
  element.addEventListener("focusout", (event) => {
    if (!(event.relatedTarget instanceof Element && element.contains(event.relatedTarget))) options.point?.(null);
  });
  element.addEventListener("click", (event) => {
    const place = placeOf(event.target);
    if (place !== null) options.choose?.(place);
  });
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  element.addEventListener("keydown", (event) => {
    const place = placeOf(event.target);
    if (place === null) return;
    if ((event.key === "Enter" || event.key === " ") && options.choose) {
      event.preventDefault();
      return options.choose(place);
    }
    let next = place;
    if (event.key in steps) next = place + steps[/** @type {keyof typeof steps} */ (event.key)];
    else if (event.key === "Home") next = place - (place % columns);
    else if (event.key === "End") next = place - (place % columns) + columns - 1;
    else if (event.key === "PageDown") next = place + rows * columns;
    else if (event.key === "PageUp") next = place - rows * columns;
    else return;
    // The player has the same keys: while a cell has focus they walk the cells.
    event.preventDefault();
    cells.get(next)?.focus();
  });
}
