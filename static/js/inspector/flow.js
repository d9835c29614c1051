// The gradient's side of the inspector: local derivatives, the chain rule, the accumulation ledger and the paths.

/** @import { Node, Pass, Rule, ShownPath, Value } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";
import { contributionIn, gradIn, nameOf, rootName } from "../trace.js";
import { formula } from "./formula.js";
import { valueBlock } from "./value.js";

/** @param {string} title @param {...(HTMLElement | null)} children */
export function block(title, ...children) {
  return h("section", { class: "block" }, h("h3", { text: title }), ...children);
}

/** How each input moves the output, as the server worked it out. @param {Scene} scene @param {Node} node @param {string} [edge] only this one */
export function localSection(scene, node, edge) {
  const rules = (scene.explain.nodes?.[node.id]?.rules ?? []).filter((rule) => !edge || rule.edge === edge);
  if (!rules.length) return null;
  return block(rules.length > 1 ? strings.localDerivatives : strings.localDerivative, ...rules.map((rule) => ruleBlock(scene, rule)));
}

/** @param {Scene} scene @param {Rule} rule */
function ruleBlock(scene, rule) {
  const lines = [...new Set([rule.general, rule.named, rule.numbers, rule.result].filter((tex) => typeof tex === "string" && tex))];
  const id = rule.edge;
  const element = h("div", { class: "rule" }, ...(lines.length ? lines.map((tex) => formula(tex, "")) : [formula(null, rule.plain ?? "")]));
  if (id) {
    element.addEventListener("pointerenter", () => scene.store.get().walk && document.dispatchEvent(new CustomEvent("gradwalk:hint", { detail: id })));
    element.addEventListener("pointerleave", () => document.dispatchEvent(new CustomEvent("gradwalk:hint", { detail: null })));
  }
  return element;
}

/** What arrived at a node along each edge, and what it sends on. @param {Scene} scene @param {Node} node @param {Pass} pass @param {string} [only] */
export function chainSection(scene, node, pass, only) {
  const { at } = scene;
  const told = /** @type {Record<string, unknown> | undefined} */ (scene.explain.nodes?.[node.id]);
  const chain = Array.isArray(told?.chain) ? /** @type {Record<string, any>[]} */ (told.chain).filter((one) => one.pass === undefined || one.pass === pass.index) : [];
  const formulas = chain.filter((one) => !only || one.edge === only).map((one) => formula(one.latex ?? one.named ?? null, one.plain ?? ""));
  const incoming = (at.outOf.get(node.id) ?? []).map((edge) => ({ name: nameOf(at.nodes.get(edge.target)), value: contributionIn(pass, edge.id) }))
    .filter((one) => one.value !== undefined);
  const seed = pass.roots.findIndex(([root]) => root === node.id);
  const terms = seed >= 0 && pass.seeds[seed] ? [{ name: strings.seedTerm, value: pass.seeds[seed] }, ...incoming] : incoming;
  const total = gradIn(pass, node.id);
  const ledger = !only && terms.length > 1 && total ? sumTable(scene, terms, total) : null;
  if (!formulas.length && !ledger) return null;
  return block(strings.chainRule, ...formulas, ledger);
}

/** @param {Scene} scene @param {{name: string, value: Value | undefined}[]} terms @param {Value} total */
function sumTable(scene, terms, total) {
  return h("table", { class: "ledger" }, h("tbody", {},
    ...terms.map((term, k) => h("tr", {}, h("th", { scope: "row", text: `${k ? "+ " : ""}${term.name}` }), h("td", {}, term.value ? small(scene, term.value) : null))),
    h("tr", { class: "total" }, h("th", { scope: "row", text: `= ${strings.sum}` }), h("td", {}, small(scene, total)))));
}

/** @param {Scene} scene @param {Value | null} value */
function small(scene, value) {
  if (value === null) return h("span", { class: "quiet", text: strings.none });
  if (value.kind === "full" && !Array.isArray(value.data)) return h("span", { class: "number-small", text: numberText(value.data, scene.format) });
  return valueBlock(value, { ...scene.format, tone: "grad" });
}

/** Every write of a leaf's .grad up to now. @param {Scene} scene @param {Node} node */
export function ledgerSection(scene, node) {
  const { at, step } = scene;
  const done = at.trace.steps.filter((one) => one.index <= step && one.kind === "accumulate" && one.node === node.id);
  if (!done.length) return null;
  const rows = done.map((one) => at.trace.passes[one.pass ?? 0]?.accumulated.find((write) => write.node === node.id)).filter((write) => write !== undefined);
  return block(strings.ledger, h("table", { class: "ledger across" },
    h("thead", {}, h("tr", {}, ...strings.ledgerHead.map((head) => h("th", { scope: "col", text: head })))),
    h("tbody", {}, ...rows.map((write) => h("tr", {}, h("td", {}, small(scene, write.before)), h("td", {}, small(scene, write.added)), h("td", { class: "total" }, small(scene, write.after)))))));
}

/** All paths from the roots to a leaf, each a button that lights it up. @param {Scene} scene @param {Node} leaf @param {number | null} chosen */
export function pathsSection(scene, leaf, chosen) {
  const { at, step, store } = scene;
  const reached = at.trace.passes.filter((pass) => at.trace.steps.some((one) => one.pass === pass.index && one.index <= step && one.kind === "seed"));
  let index = -1;
  const blocks = at.trace.passes.flatMap((pass) => pass.paths.filter((paths) => paths.leaf === leaf.id).map((paths) => {
    const first = index + 1;
    index += paths.shown.length;
    if (!reached.includes(pass)) return null;
    const root = nameOf(at.nodes.get(paths.root[0])) || rootName(at, pass);
    const list = h("ol", { class: "paths" }, ...paths.shown.map((path, k) =>
      h("li", {}, pathButton(scene, leaf, path, first + k === chosen, () => store.dispatch({ type: "select", id: first + k === chosen ? leaf.id : `path:${leaf.id}:${first + k}` })))));
    const sum = pass.accumulated.find((write) => write.node === leaf.id)?.added;
    return block(strings.pathsOf(paths.count, root, nameOf(leaf)), list,
      sum && paths.shown.length > 1 ? h("p", { class: "together" }, `${strings.pathsSum}: `, small(scene, sum)) : null);
  })).filter((one) => one !== null);
  return blocks.length ? h("div", {}, ...blocks) : null;
}

/** @param {Scene} scene @param {Node} leaf @param {ShownPath} path @param {boolean} chosen @param {() => void} choose */
function pathButton(scene, leaf, path, chosen, choose) {
  const { at } = scene;
  const names = path.edges?.length ? [...path.edges].reverse().map((id) => nameOf(at.nodes.get(at.edges.get(id)?.target ?? ""))) : [];
  const label = path.edges === null ? strings.pathsRest : [...names, nameOf(leaf)].join(" → ");
  return h("button", { class: "path", type: "button", "aria-pressed": String(chosen), disabled: path.edges === null, onclick: choose },
    h("span", { class: "path-names", text: label }), small(scene, path.contribution));
}
