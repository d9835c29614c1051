// Gradients elsewhere than at a loss: a pass from any operation or element, with any cotangent.

/** @import { Node, Pass } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";
import { strings } from "../strings.js";
import { nameOf } from "../trace.js";
import { fold } from "./sections.js";
import { shapeOf } from "./value.js";

const words = strings.elsewhere;
/** Cells of a cotangent that can be edited. */
const MOST_CELLS = 36;

/** Where the pass starts from, if the view says so, and the way back. @param {Scene} scene */
export function startLine(scene) {
  const root = scene.options.root;
  if (!root || !scene.ask) return null;
  const pass = scene.at.trace.passes.findLast((one) => one.implicit);
  const node = pass ? scene.at.nodes.get(pass.roots[0]?.[0] ?? "") : undefined;
  const element = /\[.*\]$/.exec(root)?.[0] ?? "";
  return h(
    "p",
    { class: "start-line" },
    words.from(node ? `${nameOf(node)}${element}` : root),
    " ",
    h("button", {
      class: "link",
      type: "button",
      "data-focus": "own-root",
      text: words.own,
      onclick: () => scene.ask?.({ root: null, cotangent: null }),
    }),
  );
}

/** How an address calls an operation: by its variable where that is nobody else's, else by its id. @param {Scene} scene @param {Node} node */
function addressOf(scene, node) {
  const same = scene.at.trace.nodes.filter((one) => one.name === node.name);
  return node.name && /^[^\W\d]\w*$/.test(node.name) && same.length === 1 ? node.name : `@${node.id}`;
}

/** Buttons that start a pass from this operation, or from the chosen element of it. @param {Scene} scene @param {Node} node */
export function fromHere(scene, node) {
  const { ask, at, picked } = scene;
  if (!ask || node.kind !== "op" || !node.grad_fn) return null;
  const forward = at.trace.steps.some((step) => step.kind === "compute" && step.phase === "forward" && step.node === node.id);
  if (!forward) return null;
  const address = addressOf(scene, node);
  const current = scene.options.root;
  const chosen = picked && picked.node === node.id && picked.edge === null && picked.index.length ? `[${picked.index.join(",")}]` : "";
  const button = (/** @type {string} */ root, /** @type {string} */ text) =>
    current === root || (root === address && at.trace.passes.some((pass) => pass.roots.some(([id]) => id === node.id) && !/\[/.test(current ?? "")))
      ? null
      : h("button", {
          class: "chip-button",
          type: "button",
          "data-differentiate": root,
          text,
          onclick: () => ask({ root, cotangent: null }),
        });
  const buttons = [button(address, words.here), chosen ? button(`${address}${chosen}`, words.element(`${nameOf(node)}${chosen}`)) : null];
  return buttons.some((one) => one) ? h("div", { class: "from-here" }, ...buttons) : null;
}

/** @param {import("../types.js").Nested} data @returns {import("../types.js").Scalar[]} */
const flatten = (data) => (Array.isArray(data) ? data.flatMap(flatten) : [data]);

/**
 * The cotangent that a pass starts with, cell by cell, to be edited.
 * @param {Scene} scene @param {Node} node @param {Pass | undefined} pass
 * @returns {HTMLElement[]} nothing where no pass starts here
 */
export function cotangentSection(scene, node, pass) {
  const { ask, options } = scene;
  /** @type {HTMLElement[]} */
  const parts = [];
  const place = pass?.roots.findIndex(([id]) => id === node.id) ?? -1;
  const seed = place >= 0 ? pass?.seeds[place] : undefined;
  if (!ask || !pass || place < 0) return parts;
  const start = startLine(scene);
  if (start) parts.push(start);
  if (pass.roots.length !== 1 || seed?.kind !== "full" || /\[/.test(options.root ?? "")) return parts;
  const shape = shapeOf(seed.data);
  const cells = flatten(seed.data);
  if (cells.length > MOST_CELLS || shape.length > 2 || cells.some((cell) => typeof cell !== "number")) return parts;
  const inputs = cells.map((cell, k) =>
    h("input", {
      type: "number",
      step: "any",
      value: String(cell),
      "aria-label": words.cell(k),
      "data-focus": `cotangent-${k}`,
      onchange: () => send(),
    }),
  );
  function send() {
    const read = inputs.map((input) => String(Number(input.value) || 0));
    const columns = shape.at(-1) ?? 1;
    const rows = Array.from({ length: read.length / columns }, (_, k) => `[${read.slice(k * columns, (k + 1) * columns)}]`);
    const cotangent = shape.length === 0 ? (read[0] ?? "1") : shape.length === 1 ? (rows[0] ?? "") : `[${rows}]`;
    ask?.({ root: options.root ?? (pass?.implicit ? null : addressOf(scene, node)), cotangent });
  }
  const columns = shape.at(-1) ?? 1;
  const grid = h(
    "table",
    { class: "cotangent" },
    h(
      "tbody",
      {},
      ...Array.from({ length: inputs.length / columns }, (_, k) =>
        h("tr", {}, ...inputs.slice(k * columns, (k + 1) * columns).map((input) => h("td", {}, input))),
      ),
    ),
  );
  parts.push(
    fold(scene, "cotangent", words.cotangent, () => [h("p", { class: "quiet", text: words.cotangentAbout }), grid], {
      open: shape.length > 0,
    }),
  );
  return parts;
}
