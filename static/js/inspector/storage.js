// A storage as a strip of cells: which of them a tensor sees, and who else sees them.

/** @import { Tensor } from "../types.js" */
/** @import { Lookup } from "../trace.js" */
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";

const MOST_CELLS = 24;

/** The cells of a strided tensor, in logical order. @param {Tensor} tensor @returns {number[]} */
export function cellsOf(tensor) {
  let cells = [tensor.offset];
  tensor.shape.forEach((size, axis) => {
    const stride = tensor.stride[axis] ?? 0;
    cells = cells.flatMap((cell) => Array.from({ length: size }, (_, k) => cell + k * stride)).slice(0, 4096);
  });
  return cells;
}

/** @param {Lookup} at @param {Tensor} tensor @returns {HTMLElement | null} */
export function storageBlock(at, tensor) {
  const storage = tensor.storage === null ? undefined : at.storages.get(tensor.storage);
  if (!storage || tensor.layout !== "strided") return null;
  const names = [
    ...new Set(
      at.trace.tensors
        .filter((other) => other.storage === storage.id && other.name)
        .map((other) => /** @type {string} */ (other.name)),
    ),
  ];
  if (storage.size < 2 && names.length < 2) return null;
  const seen = new Set(cellsOf(tensor));
  const values = storedValues(at, tensor);
  const shown = Math.min(storage.size, MOST_CELLS);
  const strip = h("ol", {
    class: "strip-cells",
    "aria-label": strings.storageHelp(storage.id, storage.size, names.join(", ")),
  });
  for (let k = 0; k < shown; k++) {
    strip.append(
      h("li", { class: seen.has(k) ? "seen" : "", text: values.has(k) ? numberText(values.get(k) ?? null) : "·" }),
    );
  }
  if (storage.size > shown) strip.append(h("li", { class: "rest", text: `+${storage.size - shown}` }));
  return h(
    "div",
    {},
    strip,
    h("p", {
      class: "caption",
      text: strings.storageHelp(storage.id, storage.size, names.length > 1 ? names.join(", ") : ""),
    }),
    h("p", { class: "caption", text: strings.stride(`(${tensor.stride.join(", ")})`, tensor.offset) }),
  );
}

/**
 * Values by cell: the storage's own, overlaid by the tensor's, which may be newer.
 * @param {Lookup} at
 * @param {Tensor} tensor
 */
function storedValues(at, tensor) {
  /** @type {Map<number, import("../types.js").Scalar | null>} */
  const values = new Map();
  const cells = at.storages.get(tensor.storage ?? "")?.cells;
  if (cells?.kind === "full") flat(cells.data).forEach((x, k) => values.set(k, x));
  if (tensor.value.kind === "full") {
    const elements = flat(tensor.value.data);
    cellsOf(tensor).forEach((cell, k) => values.set(cell, elements[k] ?? null));
  }
  return values;
}

/** @param {import("../types.js").Nested} data @returns {import("../types.js").Scalar[]} */
function flat(data) {
  return Array.isArray(data) ? data.flatMap(flat) : [data];
}
