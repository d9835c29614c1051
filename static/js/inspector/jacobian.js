// The local Jacobian of an edge: a matrix of numbers or shades whose cells say which derivative they are; where it is too large
// or unknown, what PyTorch does instead of it.

/** @import { Edge, Rule, Value } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";
import { nameOf } from "../trace.js";
import { cellGrid, elementName, flat, unravel } from "./cells.js";
import { lightCells } from "./lights.js";
import { words } from "./sections.js";

const MOST_LABELLED_COLUMNS = 5;
const MOST_LABELLED_ROWS = 12;

/**
 * The recorded cells, from the first pass that has them.
 * @param {Scene} scene @param {string} edge @param {number} of
 * @returns {Value | undefined}
 */
export function recorded(scene, edge, of) {
  for (const pass of scene.at.trace.passes) {
    const found = pass.jacobians.find((one) => one.edge === edge && one.of === of);
    if (found) return found.value;
  }
  return undefined;
}

/** "4 × 4, diagonal", for the title of a closed section. @param {Rule} rule */
export function jacobianAside(rule) {
  const jacobian = rule.jacobian;
  if (!jacobian) return "";
  const size = strings.rowsColumns(jacobian.rows, jacobian.columns);
  const kind = jacobian.sparsity && strings.sparsity[jacobian.sparsity];
  return kind ? `${size}, ${kind}` : size;
}

/**
 * @param {Scene} scene
 * @param {Rule} rule of an edge whose ends aren't both single numbers
 * @returns {HTMLElement[]}
 */
export function jacobianParts(scene, rule) {
  const jacobian = rule.jacobian;
  const edge = scene.at.edges.get(rule.edge);
  if (!jacobian || !edge) return [];
  const { rows, columns } = jacobian;
  const value = recorded(scene, rule.edge, rule.output ?? 0);
  if (value?.kind !== "full") {
    return [
      words(strings.jacobianAbsent(rows, columns), "note jacobian-absent"),
      rule.vjp ? scene.formula(rule.vjp) : words(rule.pytorch ?? rule.note ?? "", "note"),
    ];
  }
  const said = h("p", { class: "cell-said", "data-said-cell": "" });
  const name = derivativeName(scene, edge, rule);
  const values = flat(value.data);
  const labels = jacobian.labels ?? null;
  const labelled = columns <= MOST_LABELLED_COLUMNS && rows <= MOST_LABELLED_ROWS;
  const grid = cellGrid({
    name: "",
    shape: [rows, columns],
    values,
    tone: "value",
    format: scene.format,
    numbers: labelled,
    heads: labelled ? heads(rule, labels) : undefined,
    title: name,
    label: strings.jacobianOf(jacobianAside(rule)),
    key: `jacobian-${rule.edge}`,
    point(place) {
      grid.clear();
      if (place === null) {
        said.textContent = strings.jacobianRest(nameIn(scene, edge.target), nameIn(scene, edge.source));
        lightCells([]);
        return;
      }
      grid.light([place], "chosen");
      said.textContent = `${name(place)} = ${numberText(values[place] ?? null, scene.format)}`;
      lightCells([
        { node: edge.target, places: [Math.floor(place / columns)] },
        { node: edge.source, places: [place % columns] },
      ]);
    },
  });
  said.textContent = strings.jacobianRest(nameIn(scene, edge.target), nameIn(scene, edge.source));
  const zeros =
    jacobian.zeros && jacobian.sparsity !== "dense"
      ? strings.zeros(jacobian.zeros, rows * columns, strings.sparsity[jacobian.sparsity ?? ""])
      : "";
  return [h("div", { class: "jacobian" }, grid.element, said, zeros ? words(zeros, "caption") : null)];
}

/** @param {Rule} rule @param {{rows: string[], columns: string[]} | null} labels */
function heads(rule, labels) {
  const out = rule.jacobian?.out ?? [];
  const into = rule.jacobian?.in ?? [];
  const index = (/** @type {number} */ size, /** @type {number[]} */ shape) =>
    Array.from({ length: size }, (_, k) => `[${unravel(k, shape).join(",")}]`);
  const tail = (/** @type {string[]} */ names) => names.map((name) => name.slice(name.lastIndexOf("[")).replaceAll(" ", ""));
  return {
    rows: labels && out.length ? tail(labels.rows) : out.length ? index(rule.jacobian?.rows ?? 0, out) : [""],
    columns: labels && into.length ? tail(labels.columns) : into.length ? index(rule.jacobian?.columns ?? 0, into) : [""],
  };
}

/**
 * ∂y[0]/∂w[1] for a cell of the Jacobian.
 * @param {Scene} scene @param {Edge} edge @param {Rule} rule
 */
export function derivativeName(scene, edge, rule) {
  const jacobian = rule.jacobian;
  const above = nameIn(scene, edge.target);
  const below = nameIn(scene, edge.source);
  return (/** @type {number} */ place) => {
    const columns = Math.max(jacobian?.columns ?? 1, 1);
    const row = unravel(Math.floor(place / columns), jacobian?.out ?? []);
    const column = unravel(place % columns, jacobian?.in ?? []);
    return `∂${elementName(above, row)}/∂${elementName(below, column)}`;
  };
}

/**
 * What formulas call a node, in plain text: u₂ where it has no name of its own.
 * @param {Scene} scene @param {string} id
 */
export function nameIn(scene, id) {
  const told = scene.explain.nodes?.[id]?.plain;
  return told ? (told.split(" = ")[0] ?? told) : nameOf(scene.at.nodes.get(id));
}
