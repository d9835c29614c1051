// The gradient's side of the inspector: local derivatives, the chain rule, the accumulation ledger and the paths.

/** @import { ChainLine, Node, Pass, PathsExplanation, Rule, Value } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";
import { contributionIn, gradIn, nameOf } from "../trace.js";
import { aligned, formula, graded, leftOf, valued } from "./formula.js";
import { valueBlock } from "./value.js";

const MOST_TERMS = 12;

/** @param {string} title @param {...(HTMLElement | null)} children */
export function block(title, ...children) {
  return h("section", { class: "block" }, h("h3", { text: title }), ...children);
}

/**
 * How each input moves the output, as the server worked it out.
 * @param {Scene} scene
 * @param {Node} node
 * @param {string} [edge] only this one
 */
export function localSection(scene, node, edge) {
  const rules = (scene.explain.nodes?.[node.id]?.rules ?? []).filter((rule) => !edge || rule.edge === edge);
  if (!rules.length) return null;
  return block(
    rules.length > 1 ? strings.localDerivatives : strings.localDerivative,
    ...rules.map((rule) => ruleBlock(rule, rules.length === 1)),
  );
}

/** @param {Rule} rule @param {boolean} alone */
function ruleBlock(rule, alone) {
  const parts = rule.line?.split(" = ") ?? [];
  const last = parts.at(-1);
  const tex = parts.length > 2 && last ? [...parts.slice(0, -1), valued(last)].join(" = ") : rule.line || rule.named;
  const element = h(
    "div",
    { class: "rule" },
    formula(tex, rule.plain ?? ""),
    rule.vjp && rule.vjp !== tex ? formula(rule.vjp) : null,
    rule.note && alone ? h("p", { class: "note", text: rule.note }) : null,
  );
  const hint = (/** @type {string | null} */ detail) => () =>
    document.dispatchEvent(new CustomEvent("gradwalk:hint", { detail }));
  element.addEventListener("pointerenter", hint(rule.edge));
  element.addEventListener("pointerleave", hint(null));
  return element;
}

/**
 * What arrived at a node along each edge, and what it sends on.
 * @param {Scene} scene
 * @param {Node} node
 * @param {Pass} pass
 * @param {string} [only]
 */
export function chainSection(scene, node, pass, only) {
  const { at } = scene;
  const lines = (scene.explain.nodes?.[node.id]?.chain ?? []).filter(
    (line) => line.pass === pass.index && (!only || line.edge === only),
  );
  const incoming = (at.outOf.get(node.id) ?? [])
    .map((edge) => ({ name: nameOf(at.nodes.get(edge.target)), value: contributionIn(pass, edge.id) }))
    .filter((one) => one.value !== undefined);
  const seed = pass.roots.findIndex(([root]) => root === node.id);
  const terms =
    seed >= 0 && pass.seeds[seed] ? [{ name: strings.seedTerm, value: pass.seeds[seed] }, ...incoming] : incoming;
  const total = gradIn(pass, node.id);
  const ledger = !only && terms.length > 1 && total ? block(strings.received, sumTable(scene, terms, total)) : null;
  if (!lines.length) return ledger;
  const chain = block(strings.chainRule, ...lines.map((line) => formula(chainTex(line), line.plain)));
  return ledger ? h("div", { class: "stack" }, ledger, chain) : chain;
}

/** @param {ChainLine} line */
function chainTex(line) {
  if (!line.names) return line.latex;
  const result = line.result ? graded(line.result) : null;
  const rest =
    line.numbers && line.numbers !== line.result
      ? [result ? `${line.numbers} = ${result}` : line.numbers]
      : result
        ? [result]
        : [];
  return aligned(leftOf(line.latex), [line.names, ...rest]);
}

/** @param {Scene} scene @param {{name: string, value: Value | undefined}[]} terms @param {Value} total */
function sumTable(scene, terms, total) {
  const rest = terms.length - MOST_TERMS;
  return h(
    "table",
    { class: "ledger" },
    h(
      "tbody",
      {},
      ...terms
        .slice(0, MOST_TERMS)
        .map((term, k) =>
          h(
            "tr",
            {},
            h("th", { scope: "row", text: `${k ? "+ " : ""}${term.name}` }),
            h("td", {}, term.value ? small(scene, term.value) : null),
          ),
        ),
      rest > 0 ? h("tr", {}, h("th", { scope: "row", text: strings.more(rest) }), h("td")) : null,
      h(
        "tr",
        { class: "total" },
        h("th", { scope: "row", text: `= ${strings.sum}` }),
        h("td", {}, small(scene, total)),
      ),
    ),
  );
}

/** @param {Scene} scene @param {Value | null} value */
function small(scene, value) {
  if (value === null) return h("span", { class: "quiet", text: strings.none });
  if (value.kind === "full" && !Array.isArray(value.data))
    return h("span", { class: "number-small", text: numberText(value.data, scene.format) });
  return valueBlock(value, { ...scene.format, tone: "grad" });
}

/** Every write of a leaf's .grad up to now. @param {Scene} scene @param {Node} node */
export function ledgerSection(scene, node) {
  const { at, step } = scene;
  const done = at.trace.steps.filter((one) => one.index <= step && one.kind === "accumulate" && one.node === node.id);
  const rows = done
    .map((one) => at.trace.passes[one.pass ?? 0]?.accumulated.find((write) => write.node === node.id))
    .filter((write) => write !== undefined);
  if (!rows.length) return null;
  const scalar = rows.every((write) => write.added.kind === "full" && !Array.isArray(write.added.data));
  if (!scalar) {
    return block(
      strings.ledger,
      ...rows.map((write) =>
        h(
          "table",
          { class: "ledger down" },
          h(
            "tbody",
            {},
            ...[write.before, write.added, write.after].map((value, k) =>
              h(
                "tr",
                {},
                h("th", { scope: "row", text: strings.ledgerHead[k] ?? "" }),
                h("td", {}, small(scene, value)),
              ),
            ),
          ),
        ),
      ),
    );
  }
  return block(
    strings.ledger,
    h(
      "table",
      { class: "ledger across" },
      h("thead", {}, h("tr", {}, ...strings.ledgerHead.map((head) => h("th", { scope: "col", text: head })))),
      h(
        "tbody",
        {},
        ...rows.map((write) =>
          h(
            "tr",
            {},
            h("td", {}, small(scene, write.before)),
            h("td", {}, small(scene, write.added)),
            h("td", { class: "total" }, small(scene, write.after)),
          ),
        ),
      ),
    ),
  );
}

/**
 * All paths from the roots to a leaf, each a button that lights it up.
 * @param {Scene} scene
 * @param {Node} leaf
 * @param {number | null} chosen
 */
export function pathsSection(scene, leaf, chosen) {
  const { at, step } = scene;
  const begun = (/** @type {Pass} */ pass) =>
    at.trace.steps.some((one) => one.pass === pass.index && one.index <= step && one.kind === "seed");
  const told = (scene.explain.paths ?? []).filter((paths) => paths.leaf === leaf.id);
  let index = 0;
  const blocks = at.trace.passes
    .flatMap((pass) =>
      pass.paths
        .filter((paths) => paths.leaf === leaf.id)
        .map((paths) => {
          const first = index;
          index += paths.shown.length;
          const explained = told.find((one) => one.pass === pass.index && one.shown.length === paths.shown.length);
          if (!begun(pass)) return null;
          const root = nameOf(at.nodes.get(paths.root[0]));
          return block(
            strings.pathsOf(paths.count, root, nameOf(leaf)),
            h(
              "ol",
              { class: "paths" },
              ...paths.shown.map((path, k) =>
                h("li", {}, pathButton(scene, leaf, path, explained?.shown[k], first + k, first + k === chosen)),
              ),
            ),
            paths.shown.length > 1 && explained?.sum ? formula(explained.sum) : null,
          );
        }),
    )
    .filter((one) => one !== null);
  return blocks.length ? h("div", { class: "stack" }, ...blocks) : null;
}

/**
 * @param {Scene} scene @param {Node} leaf @param {import("../types.js").ShownPath} path @param {PathsExplanation["shown"][0] | undefined} told
 * @param {number} index @param {boolean} chosen
 */
function pathButton(scene, leaf, path, told, index, chosen) {
  const { at, store } = scene;
  const names = [...(path.edges ?? [])].reverse().map((id) => nameOf(at.nodes.get(at.edges.get(id)?.target ?? "")));
  const label = path.edges === null ? strings.pathsRest : [...names, nameOf(leaf)].join(" → ");
  const rights = [told?.numbers, told?.contribution ? graded(told.contribution) : null].filter((tex) => tex);
  return h(
    "button",
    {
      class: "path",
      type: "button",
      "aria-pressed": String(chosen),
      disabled: path.edges === null,
      onclick: () => store.dispatch({ type: "select", id: chosen ? leaf.id : `path:${leaf.id}:${index}` }),
    },
    h("span", { class: "path-names", text: label }),
    told?.names
      ? formula(rights.length ? `${told.names} = ${rights.join(" = ")}` : told.names)
      : small(scene, path.contribution),
  );
}
