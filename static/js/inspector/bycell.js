// Cell by cell: which input cells make an output cell, and which output cells an input cell was copied into, whose gradients
// add up in it again (broadcasting undone).

/** @import { Edge, Node, Rule, Tensor } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
/** @import { Grid } from "./cells.js" */
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";
import { contributionIn, firstTensor, gradIn, passAt, tensorAt } from "../trace.js";
import { cellGrid, elementName, flat, unravel, walkable } from "./cells.js";
import { nameIn, recorded } from "./jacobian.js";
import { lightCells } from "./lights.js";
import { fold, words } from "./sections.js";

const MOST_TERMS = 6;

/** @typedef {{rule: Rule, edge: Edge, tensor: Tensor, grid?: Grid}} Input */

/** @param {number} n */
const range = (n) => Array.from({ length: n }, (_, k) => k);

/** The input cells of an output cell. @param {Rule} rule @param {number} k */
export function feeds(rule, k) {
  const cells = rule.cells;
  if (!cells) return [];
  return cells.kind === "same" ? [k] : cells.kind === "all" ? range(cells.columns) : (cells.feeds?.[k] ?? []);
}

/**
 * An elementwise rule at one element: of those that came with the walk, else as the server was asked for it.
 * @param {Scene} scene @param {Rule} rule @param {string} node @param {number[]} index
 */
export function elementAt(scene, rule, node, index) {
  const asked = scene.picked?.node === node && String(scene.picked.index) === String(index) ? scene.picked.reach : null;
  return rule.elements?.find((one) => String(one.index) === String(index)) ?? asked?.elements[rule.edge];
}

/** The output cells that an input cell enters. @param {Rule} rule @param {number} j */
export function enters(rule, j) {
  const cells = rule.cells;
  if (!cells) return [];
  return cells.kind === "same" ? [j] : cells.kind === "all" ? range(cells.rows) : (cells.adds?.[j] ?? []);
}

/** @param {Scene} scene @param {Node} node @param {string} [only] one edge */
export function cellsSection(scene, node, only) {
  const rules = (scene.explain.nodes?.[node.id]?.rules ?? []).filter((rule) => rule.cells && (!only || rule.edge === only));
  const output = rules[0]?.output ?? 0;
  const out = tensorOf(scene, node.id, output);
  if (!out || !walkable(out.value, out.shape)) return null;
  /** @type {Input[]} */
  const inputs = [];
  for (const rule of rules) {
    const edge = scene.at.edges.get(rule.edge);
    const tensor = edge && tensorOf(scene, edge.source, edge.output);
    if (edge && tensor && walkable(tensor.value, tensor.shape) && (rule.output ?? 0) === output)
      inputs.push({ rule, edge, tensor });
  }
  if (!inputs.length) return null;
  const copied = inputs.some(({ rule }) => rule.broadcast?.length);
  return fold(scene, "cells", strings.byCell, () => [build(scene, node, out, inputs)], {
    open: copied,
    aside: copied ? strings.broadcast : "",
  });
}

/** @param {Scene} scene @param {string} node @param {number} output */
function tensorOf(scene, node, output) {
  return tensorAt(scene.at, node, scene.step, output) ?? (output ? undefined : firstTensor(scene.at, node));
}

/** @param {Tensor} tensor */
const elementsOf = (tensor) => (tensor.value.kind === "full" ? flat(tensor.value.data) : []);

/** @param {Scene} scene @param {Node} node @param {Tensor} out @param {Input[]} inputs */
function build(scene, node, out, inputs) {
  const name = nameIn(scene, node.id);
  const said = h("div", { class: "said-cells", "data-said": "" });
  const rest = strings.byCellRest(name);
  /** @param {Tensor} tensor @param {string} called @param {string} key @param {(place: number | null) => void} point @param {(place: number) => void} choose */
  const grid = (tensor, called, key, point, choose) =>
    cellGrid({
      name: called,
      shape: tensor.shape,
      values: elementsOf(tensor),
      format: { ...scene.format, whole: /^(u?int|bool)/.test(tensor.dtype) },
      key,
      point,
      choose,
    });
  const all = () => [outGrid, ...inputs.map((input) => input.grid)];
  /** @param {Pick<import("./inspector.js").Picked, "edge" | "place" | "reach"> | null} picked */
  const show = (picked) => {
    for (const one of all()) one?.clear();
    if (picked === null) {
      lightCells([]);
      return said.replaceChildren(words(rest, "caption"));
    }
    if (picked.edge === null) said.replaceChildren(...outputCell(scene, node, out, inputs, picked.place, outGrid));
    else {
      const input = inputs.find((one) => one.rule.edge === picked.edge);
      if (input) said.replaceChildren(...inputCell(scene, node, out, input, picked.place, outGrid));
    }
    if (picked.reach) {
      lightCells(picked.reach.lit);
      said.append(words(strings.reached, "caption"));
    }
  };
  const pinned = () => (scene.picked?.node === node.id ? scene.picked : null);
  const point = (/** @type {string | null} */ edge) => (/** @type {number | null} */ place) =>
    show(place === null || (pinned()?.edge === edge && pinned()?.place === place) ? pinned() : { edge, place });
  const choose = (/** @type {string | null} */ edge, /** @type {number[]} */ shape) => (/** @type {number} */ place) =>
    scene.pick({ node: node.id, edge, place, index: unravel(place, shape) });
  const outGrid = grid(out, name, `cells-${node.id}`, point(null), choose(null, out.shape));
  for (const input of inputs)
    input.grid = grid(
      input.tensor,
      nameIn(scene, input.edge.source),
      `cells-${input.rule.edge}`,
      point(input.rule.edge),
      choose(input.rule.edge, input.tensor.shape),
    );
  const held = pinned();
  if (held) show(held);
  else said.replaceChildren(words(rest, "caption"));
  return h(
    "div",
    { class: "by-cell" },
    h(
      "div",
      { class: "by-cell-grids" },
      ...inputs.map(({ edge, grid: made }) =>
        h("figure", { class: "slice" }, h("figcaption", { class: "caption", text: nameIn(scene, edge.source) }), made?.element),
      ),
      h("span", { class: "by-cell-arrow", "aria-hidden": "true", text: "→" }),
      h("figure", { class: "slice" }, h("figcaption", { class: "caption", text: name }), outGrid.element),
    ),
    said,
  );
}

/**
 * An output cell: what it is made of, and its local derivatives.
 * @param {Scene} scene @param {Node} node @param {Tensor} out @param {Input[]} inputs @param {number} place @param {Grid} outGrid
 */
function outputCell(scene, node, out, inputs, place, outGrid) {
  outGrid.light([place], "chosen");
  const index = unravel(place, out.shape);
  /** @type {import("./lights.js").Lit} */
  const lit = [{ node: node.id, places: [place] }];
  const lines = inputs.map((input) => {
    const from = feeds(input.rule, place);
    input.grid?.light(from);
    lit.push({ node: input.edge.source, places: from });
    const element = elementAt(scene, input.rule, node.id, index);
    if (element) return scene.formula(element.latex, "", "formula element");
    const source = nameIn(scene, input.edge.source);
    const names = from.map((j) => elementName(source, unravel(j, input.tensor.shape)));
    return words(strings.madeOf(elementName(nameIn(scene, node.id), index), listed(names)), "cell-said");
  });
  lightCells(lit);
  return lines;
}

/**
 * An input cell: where it was copied to, and how the gradients of the copies add up in it.
 * @param {Scene} scene @param {Node} node @param {Tensor} out @param {Input} input @param {number} place @param {Grid} outGrid
 */
function inputCell(scene, node, out, input, place, outGrid) {
  input.grid?.light([place], "chosen");
  const to = enters(input.rule, place);
  outGrid.light(to);
  lightCells([
    { node: input.edge.source, places: [place] },
    { node: node.id, places: to },
    { node: node.id, places: to, side: "grad" },
  ]);
  const own = elementName(nameIn(scene, input.edge.source), unravel(place, input.tensor.shape));
  const name = nameIn(scene, node.id);
  const copies = to.map((k) => elementName(name, unravel(k, out.shape)));
  const sum = gradientOf(scene, input, place, to);
  return [
    words(to.length ? strings.entersCells(own, listed(copies), to.length) : strings.entersNone(own, name), "cell-said"),
    ...(sum ? [words(sum, "cell-said sum-of-cells")] : []),
  ];
}

/** @param {string[]} names */
function listed(names) {
  const shown = names.slice(0, MOST_TERMS);
  return names.length > shown.length ? `${shown.join(", ")} ${strings.more(names.length - shown.length)}` : shown.join(", ");
}

/**
 * The sum over the copies, spelt out: 1 × 0.5 + 1 × 0.25 = 0.75; all numbers are recorded ones.
 * @param {Scene} scene @param {Input} input @param {number} place @param {number[]} to
 */
function gradientOf(scene, input, place, to) {
  const pass = passAt(scene.at, input.edge.target, scene.step);
  const value = pass && contributionIn(pass, input.edge.id);
  const above = pass && gradIn(pass, input.edge.target, input.rule.output ?? 0);
  if (value?.kind !== "full" || above?.kind !== "full") return null;
  const text = (/** @type {any} */ x) => {
    const spelt = numberText(x ?? null, scene.format);
    return spelt.startsWith("−") ? `(${spelt})` : spelt;
  };
  const result = numberText(flat(value.data)[place] ?? null, scene.format);
  const grads = flat(above.data);
  const jacobian = recorded(scene, input.rule.edge, input.rule.output ?? 0);
  const cells = jacobian?.kind === "full" ? flat(jacobian.data) : null;
  const columns = input.rule.jacobian?.columns ?? 1;
  const own = elementName(nameIn(scene, input.edge.source), unravel(place, input.tensor.shape));
  if (!cells || !to.length) return strings.sumOfCells(own, "", result);
  const factors = to.slice(0, MOST_TERMS).map((k) => {
    const local = cells[k * columns + place];
    return local === 1 ? text(grads[k]) : `${text(local)} × ${text(grads[k])}`;
  });
  if (to.length > MOST_TERMS) factors.push("…");
  return strings.sumOfCells(own, factors.join(" + "), result);
}

/** Up to this size the value at the top is itself the chooser of an element. */
const MOST_PICKED = { columns: 6, rows: 10, cells: 40 };

/**
 * An operation's value whose cells light what they are made of; a chosen one has its formula below.
 * @param {Scene} scene @param {Node} node @param {Tensor} tensor
 */
export function pickableValue(scene, node, tensor) {
  const rules = (scene.explain.nodes?.[node.id]?.rules ?? []).filter((rule) => rule.cells && (rule.output ?? 0) === 0);
  const columns = tensor.shape.at(-1) ?? 1;
  const rows = tensor.shape.at(-2) ?? 1;
  const fits = columns <= MOST_PICKED.columns && rows <= MOST_PICKED.rows && elementsOf(tensor).length <= MOST_PICKED.cells;
  if (!rules.length || !tensor.shape.length || !fits || !walkable(tensor.value, tensor.shape)) return null;
  const chosen = scene.picked?.edge === null ? scene.picked.place : null;
  const show = (/** @type {number | null} */ place) => {
    grid.clear();
    if (chosen !== null) grid.light([chosen], "chosen");
    if (place !== null) grid.light([place], "lit");
    const at = place ?? chosen;
    if (at === chosen && scene.picked?.edge === null && scene.picked.reach) return lightCells(scene.picked.reach.lit);
    lightCells(
      at === null
        ? []
        : [
            { node: node.id, places: [at] },
            ...rules.map((rule) => ({ node: scene.at.edges.get(rule.edge)?.source ?? "", places: feeds(rule, at) })),
          ],
    );
  };
  const grid = cellGrid({
    name: nameIn(scene, node.id),
    shape: tensor.shape,
    values: elementsOf(tensor),
    format: { ...scene.format, whole: /^(u?int|bool)/.test(tensor.dtype) },
    key: `value-${node.id}`,
    point: show,
    choose: (place) => scene.pick({ node: node.id, edge: null, place, index: unravel(place, tensor.shape) }),
  });
  if (chosen !== null) show(null);
  return h("div", { class: "quantity value pickable" }, grid.element);
}
