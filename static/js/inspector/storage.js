// A tensor in memory: its body by rank, the strip of cells it reads with offset and stride, where each element lies, who else
// reads the same cells, and what stood there before a write.

/** @import { Node, Scalar, Tensor } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
/** @import { Grid } from "./cells.js" */
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";
import { cellGrid, count, elementName, flat, unravel } from "./cells.js";
import { nameIn } from "./jacobian.js";
import { cut, rankPicture } from "./ranks.js";
import { fold, words } from "./sections.js";
import { provenance, versions } from "./versions.js";
import { shapeText } from "./value.js";

const MOST_CELLS = 48;
const MOST_SHARING = 4;
const MOST_WALKED = 4096;

/** The cells of a strided tensor, in logical order. @param {Tensor} tensor @returns {number[]} */
export function cellsOf(tensor) {
  let cells = [tensor.offset];
  tensor.shape.forEach((size, axis) => {
    const stride = tensor.stride[axis] ?? 0;
    cells = cells.flatMap((cell) => Array.from({ length: size }, (_, k) => cell + k * stride)).slice(0, MOST_WALKED);
  });
  return cells;
}

/** The cell of one element. @param {Tensor} tensor @param {number[]} index */
export function cellOf(tensor, index) {
  return index.reduce((cell, at, axis) => cell + at * (tensor.stride[axis] ?? 0), tensor.offset);
}

/** @param {Scene} scene @param {Node} node @param {Tensor} tensor */
export function tensorSection(scene, node, tensor) {
  return fold(scene, "tensor", strings.tensor, () => build(scene, node, tensor), {
    open: false,
    aside: `${strings.rank(tensor.shape.length)} · ${tensor.dtype}`,
  });
}

/** @param {Scene} scene @param {Node} node @param {Tensor} tensor */
function build(scene, node, tensor) {
  if (count(tensor.shape) === 0) return [words(strings.emptyTensor(shapeText(tensor.shape)))];
  const strided = tensor.layout === "strided" && tensor.storage !== null;
  const values = tensor.value.kind === "full" ? flat(tensor.value.data) : [];
  const name = nameIn(scene, node.id);
  const strip = strided ? makeStrip(scene, tensor, (cell) => showCell(cell)) : null;
  const others = strided ? sharing(scene, node, tensor) : [];
  const address = h("p", { class: "cell-said address", "data-address": "" });
  /** @type {number[]} */
  let index = tensor.shape.map(() => 0);
  const picture = rankPicture(tensor.shape, values, (place) => show(place === null ? index : unravel(place, tensor.shape), place === null));
  const inputs = tensor.shape.map((size, axis) =>
    h("input", {
      type: "number",
      min: "0",
      max: String(size - 1),
      value: "0",
      "aria-label": strings.indexOf(axis, size),
      oninput: (event) => {
        index[axis] = Math.min(size - 1, Math.max(0, Math.trunc(Number(event.currentTarget.value) || 0)));
        show(index, false);
      },
    }),
  );
  const value = h("output", { class: "element-value" });

  /** @param {number[]} at @param {boolean} keep the pointer left */
  function show(at, keep) {
    if (!keep) index = [...at];
    const place = at.reduce((sum, k, axis) => sum * (tensor.shape[axis] ?? 1) + k, 0);
    inputs.forEach((input, axis) => {
      if (document.activeElement !== input) input.value = String(at[axis]);
    });
    value.textContent = values.length ? `= ${numberText(values[place] ?? null, formatOf(scene, tensor))}` : "";
    picture.mark(at);
    const cell = cellOf(tensor, at);
    strip?.light([cell]);
    for (const other of others) other.light(cell);
    if (strided) address.textContent = addressText(tensor, at, cell);
  }
  /** A cell of the strip: all elements that read it. @param {number | null} cell */
  function showCell(cell) {
    if (cell === null) return show(index, true);
    const places = cellsOf(tensor).flatMap((own, place) => (own === cell ? [place] : []));
    if (places[0] !== undefined) show(unravel(places[0], tensor.shape), false);
    else {
      strip?.light([cell]);
      picture.mark(null);
      for (const other of others) other.light(cell);
    }
    const readers = places.map((place) => elementName(name, unravel(place, tensor.shape)));
    if (places.length > 1) address.textContent = strings.cellRead(cell, readers.slice(0, 6).join(", "), readers.length);
    else if (!places.length) address.textContent = strings.cellUnread(cell, name);
  }
  const chooser = h(
    "div",
    { class: "index-chooser", role: "group", "aria-label": strings.indexing },
    h("code", { text: name }),
    ...(inputs.length
      ? [h("code", { text: "[" }), ...inputs.flatMap((input, k) => [k ? h("code", { text: "," }) : null, input]), h("code", { text: "]" })]
      : []),
    value,
  );
  const parts = [
    words(strings.shapeIs(tensor.shape.length, shapeText(tensor.shape)), "caption"),
    h("div", { class: "rank-frame" }, picture.element),
    cut(tensor.shape) ? words(strings.cutPicture, "caption") : null,
    chooser,
    strip ? h("div", { class: "strip-frame" }, strip.element) : null,
    strided ? address : null,
    strided ? words(strings.stride(tuple(tensor.stride), tensor.offset), "caption") : null,
    provenance(scene, node, tensor),
    others.length
      ? h("div", { class: "sharing" }, h("h4", { text: strings.sharing }), h("div", { class: "sharing-grids" }, ...others.map((one) => one.element)))
      : null,
    versions(scene, node, tensor),
  ];
  show(index, true);
  return parts;
}

/** @param {number[]} numbers */
const tuple = (numbers) => `(${numbers.join(", ")}${numbers.length === 1 ? "," : ""})`;

/** @param {Scene} scene @param {Tensor} tensor */
const formatOf = (scene, tensor) => ({ ...scene.format, whole: /^(u?int|bool)/.test(tensor.dtype) });

/** "cell 5 = offset 0 + 1 · 3 + 2 · 1". @param {Tensor} tensor @param {number[]} index @param {number} cell */
function addressText(tensor, index, cell) {
  const terms = index.map((at, axis) => `${at}·${tensor.stride[axis] ?? 0}`);
  return strings.address(cell, tensor.offset, terms);
}

/** @param {Scene} scene @param {Tensor} tensor @param {(cell: number | null) => void} point */
function makeStrip(scene, tensor, point) {
  const storage = scene.at.storages.get(tensor.storage ?? "");
  if (!storage) return null;
  const seen = new Set(cellsOf(tensor));
  const values = storedValues(scene, tensor);
  // Around the tensor's first cell, where the storage is long.
  const first = storage.size > MOST_CELLS ? Math.max(0, Math.min(tensor.offset - 4, storage.size - MOST_CELLS)) : 0;
  const last = Math.min(storage.size, first + MOST_CELLS);
  /** @type {Map<number, HTMLElement>} */
  const items = new Map();
  const list = h("ol", { class: "strip-cells", "aria-label": strings.storageHelp(storage.id, storage.size, "") });
  if (first > 0) list.append(h("li", { class: "rest", text: strings.cellsBefore(first) }));
  for (let cell = first; cell < last; cell++) {
    const text = values.has(cell) ? numberText(values.get(cell) ?? null, formatOf(scene, tensor)) : "·";
    const item = h(
      "li",
      {
        class: seen.has(cell) ? "seen" : "",
        "data-cell": cell,
        tabindex: cell === first ? "0" : "-1",
        "aria-label": strings.cellOf(cell, text, seen.has(cell)),
      },
      h("span", { class: "cell-number", "aria-hidden": "true", text: cell }),
      h("span", { text }),
    );
    items.set(cell, item);
    list.append(item);
  }
  if (storage.size > last) list.append(h("li", { class: "rest", text: `+${storage.size - last}` }));
  const cellAt = (/** @type {EventTarget | null} */ target) => {
    const found = target instanceof Element ? target.closest("[data-cell]") : null;
    return found ? Number(found.getAttribute("data-cell")) : null;
  };
  list.addEventListener("pointerover", (event) => point(cellAt(event.target)));
  list.addEventListener("pointerleave", () => point(null));
  list.addEventListener("focusin", (event) => point(cellAt(event.target)));
  list.addEventListener("keydown", (event) => {
    const cell = cellAt(event.target);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (cell === null || step === undefined) return;
    event.preventDefault();
    const next = items.get(cell + step);
    if (!next) return;
    items.get(cell)?.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
  return {
    element: list,
    /** @param {number[]} cells */
    light(cells) {
      for (const item of items.values()) item.classList.remove("lit");
      for (const cell of cells) items.get(cell)?.classList.add("lit");
    },
  };
}

/**
 * Values by cell: the storage's own, overlaid by the tensor's, which may be newer.
 * @param {Scene} scene
 * @param {Tensor} tensor
 */
function storedValues(scene, tensor) {
  /** @type {Map<number, Scalar | null>} */
  const values = new Map();
  const cells = scene.at.storages.get(tensor.storage ?? "")?.cells;
  if (cells?.kind === "full") flat(cells.data).forEach((x, k) => values.set(k, x));
  if (tensor.value.kind === "full") {
    const elements = flat(tensor.value.data);
    cellsOf(tensor).forEach((cell, k) => values.set(cell, elements[k] ?? null));
  }
  return values;
}

/**
 * The other nodes' tensors on the same storage, as they are at this step, each a grid that lights the same cell.
 * @param {Scene} scene @param {Node} node @param {Tensor} tensor
 */
function sharing(scene, node, tensor) {
  const { at, step } = scene;
  const found = [];
  for (const [id, values] of at.values) {
    if (id === node.id || found.length >= MOST_SHARING) continue;
    const now = values.filter((one) => one.step <= step).at(-1);
    const other = now && at.tensors.get(now.tensor);
    if (!other || other.storage !== tensor.storage || other.value.kind !== "full" || other.layout !== "strided") continue;
    if (count(other.shape) === 0 || count(other.shape) > 64) continue;
    const cells = cellsOf(other);
    const grid = cellGrid({
      name: nameIn(scene, id),
      shape: other.shape,
      values: flat(other.value.data),
      format: formatOf(scene, other),
      key: `share-${other.id}`,
    });
    const element = h(
      "figure",
      { class: "slice" },
      h(
        "figcaption",
        { class: "caption" },
        h("button", {
          class: "link",
          type: "button",
          text: nameIn(scene, id),
          onclick: () => scene.store.dispatch({ type: "select", id }),
        }),
        ` ${strings.strideShort(tuple(other.stride), other.offset)}`,
      ),
      grid.element,
    );
    found.push({
      element,
      /** @param {number} cell */
      light(cell) {
        grid.clear();
        grid.light(cells.flatMap((own, place) => (own === cell ? [place] : [])));
      },
    });
  }
  return found;
}
