// A tensor as a body: a scalar is a cell, a vector a row, a matrix a sheet, rank 3 a block with depth, rank 4 a row of blocks.
// Each cell can be pointed at; one element is marked, also inside a block.

/** @import { Scalar } from "../types.js" */
import { largest, ravel, shade } from "./cells.js";
import { strings } from "../strings.js";

const NS = "http://www.w3.org/2000/svg";
/** Cells of an axis that are drawn; the rest is told by the caption. */
const MOST = 6;
const MOST_IN_ROW = 12;
const MOST_BLOCKS = 4;
const SIZE = 22;
const DEPTH = { x: 10, y: -8 };
const GAP = 16;

/** @typedef {{element: SVGSVGElement, mark: (index: number[] | null) => void}} Picture */

/** @param {string} name @param {Record<string, string | number>} attributes */
function make(name, attributes) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/**
 * @param {number[]} shape no dimension of size 0
 * @param {(Scalar | null)[]} values row-major; empty where they aren't known
 * @param {(place: number | null) => void} point
 * @returns {Picture}
 */
export function rankPicture(shape, values, point) {
  const rank = shape.length;
  const [depth, rows, columns] = [rank > 2 ? drawn(shape[rank - 3]) : 1, rank > 1 ? drawn(shape[rank - 2]) : 1, rank ? drawn(shape[rank - 1], rank === 1 ? MOST_IN_ROW : MOST) : 1];
  const leading = shape.slice(0, -3);
  // Of rank 5 and more the first row of blocks is drawn.
  const blocks = Math.min(leading.at(-1) ?? 1, MOST_BLOCKS);
  const shift = { x: (depth - 1) * DEPTH.x, y: (depth - 1) * DEPTH.y };
  const wide = columns * SIZE + shift.x + (depth > 1 ? DEPTH.x : 0);
  const high = rows * SIZE - shift.y - (depth > 1 ? DEPTH.y : 0);
  const svg = /** @type {SVGSVGElement} */ (
    make("svg", {
      class: "rank",
      role: "img",
      "aria-label": strings.rankPicture(rank, shape.join(" × ")),
      viewBox: `-1.5 -1.5 ${blocks * wide + (blocks - 1) * GAP + 3} ${high + 3}`,
      width: blocks * wide + (blocks - 1) * GAP + 3,
      height: high + 3,
    })
  );
  const most = largest(values);
  const placeOf = (/** @type {number} */ b, /** @type {number} */ d, /** @type {number} */ i, /** @type {number} */ j) =>
    ravel(
      [...leading.map((_, axis) => (axis === leading.length - 1 ? b : 0)), ...(rank > 2 ? [d] : []), ...(rank > 1 ? [i] : []), ...(rank ? [j] : [])],
      shape,
    );
  /** @type {SVGElement[]} */
  const marks = [];
  for (let b = 0; b < blocks; b++) {
    const group = make("g", { transform: `translate(${b * (wide + GAP)} ${high - rows * SIZE})` });
    const cell = (/** @type {string} */ points, /** @type {number} */ place, /** @type {string} */ face) => {
      group.append(
        make("polygon", { points, "data-place": place, class: `${face} ${values.length ? shade(values[place] ?? null, most) : "zero"}` }),
      );
    };
    if (depth > 1) {
      for (let d = depth - 1; d >= 0; d--) {
        for (let j = 0; j < columns; j++) cell(top(j, d), placeOf(b, d, 0, j), "top");
        for (let i = 0; i < rows; i++) cell(side(i, d, columns), placeOf(b, d, i, columns - 1), "side");
      }
    }
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) cell(front(i, j, 0), placeOf(b, 0, i, j), "front");
    svg.append(group);
    marks.push(/** @type {SVGElement} */ (group));
  }
  svg.addEventListener("pointerover", (event) => {
    const place = event.target instanceof Element ? event.target.getAttribute("data-place") : null;
    if (place !== null) point(Number(place));
  });
  svg.addEventListener("pointerleave", () => point(null));
  return { element: svg, mark: (index) => mark(index, { marks, shape, blocks, depth, rows, columns }) };
}

/** @param {number | undefined} size @param {number} [most] */
const drawn = (size, most = MOST) => Math.min(size ?? 1, most);

/** @param {[number, number][]} corners */
const polygon = (corners) => corners.map(([x, y]) => `${x},${y}`).join(" ");

/** @param {number} i @param {number} j @param {number} d @param {number} [across] cells @param {number} [down] */
function front(i, j, d, across = 1, down = 1) {
  const [x, y] = [j * SIZE + d * DEPTH.x, i * SIZE + d * DEPTH.y];
  return polygon([
    [x, y],
    [x + across * SIZE, y],
    [x + across * SIZE, y + down * SIZE],
    [x, y + down * SIZE],
  ]);
}

/** @param {number} j @param {number} d */
function top(j, d) {
  const [x, y] = [j * SIZE + d * DEPTH.x, d * DEPTH.y];
  return polygon([
    [x, y],
    [x + SIZE, y],
    [x + SIZE + DEPTH.x, y + DEPTH.y],
    [x + DEPTH.x, y + DEPTH.y],
  ]);
}

/** @param {number} i @param {number} d @param {number} columns */
function side(i, d, columns) {
  const [x, y] = [columns * SIZE + d * DEPTH.x, i * SIZE + d * DEPTH.y];
  return polygon([
    [x, y],
    [x + DEPTH.x, y + DEPTH.y],
    [x + DEPTH.x, y + SIZE + DEPTH.y],
    [x, y + SIZE],
  ]);
}

/**
 * Marks an element: its cell, and in a block the sheet that it lies on.
 * @param {number[] | null} index
 * @param {{marks: SVGElement[], shape: number[], blocks: number, depth: number, rows: number, columns: number}} drawing
 */
function mark(index, { marks, shape, blocks, depth, rows, columns }) {
  for (const group of marks) for (const old of group.querySelectorAll(".marked")) old.remove();
  if (!index) return;
  const rank = shape.length;
  const [d, i, j] = [rank > 2 ? (index[rank - 3] ?? 0) : 0, rank > 1 ? (index[rank - 2] ?? 0) : 0, rank ? (index[rank - 1] ?? 0) : 0];
  const b = rank > 3 ? (index[rank - 4] ?? 0) : 0;
  const group = marks[b];
  const beyond = index.slice(0, Math.max(rank - 4, 0)).some((at) => at > 0);
  if (!group || b >= blocks || d >= depth || i >= rows || j >= columns || beyond) return;
  if (depth > 1) group.append(make("polygon", { class: "marked sheet", points: front(0, 0, d, columns, rows) }));
  group.append(make("polygon", { class: "marked cell", points: front(i, j, d) }));
}

/** Whether parts of the tensor are left out of its picture. @param {number[]} shape */
export function cut(shape) {
  const most = shape.length === 1 ? MOST_IN_ROW : MOST;
  return shape.slice(-3).some((size) => size > most) || (shape.at(-4) ?? 1) > MOST_BLOCKS || shape.slice(0, -4).some((size) => size > 1);
}

