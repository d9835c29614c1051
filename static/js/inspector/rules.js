// How each input moves the output: the rule in general, with the program's names, with this run's numbers; PyTorch's own; the
// Jacobian.

/** @import { Node, Rule } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";
import { strings } from "../strings.js";
import { elementAt } from "./bycell.js";
import { valued } from "./formula.js";
import { jacobianAside, jacobianParts, nameIn } from "./jacobian.js";
import { fold, words } from "./sections.js";

/**
 * @param {Scene} scene
 * @param {Node} node
 * @param {string} [edge] only this one
 */
export function localSection(scene, node, edge) {
  const rules = (scene.explain.nodes?.[node.id]?.rules ?? []).filter((rule) => !edge || rule.edge === edge);
  if (!rules.length) return null;
  const title = rules.length > 1 ? strings.localDerivatives : strings.localDerivative;
  return fold(scene, "local", title, () => rules.map((rule) => ruleBlock(scene, rule, edge !== undefined)));
}

/** Which place of the operation a rule is of, where one tensor enters at several. @param {Scene} scene @param {Rule} rule */
function placeIn(scene, rule) {
  const source = scene.at.edges.get(rule.edge);
  const rules = scene.explain.nodes?.[source?.target ?? ""]?.rules ?? [];
  const same = rules.filter((one) => scene.at.edges.get(one.edge)?.source === source?.source);
  return source && same.length > 1 && !rule.named
    ? words(strings.placeOf(nameIn(scene, source.source), same.indexOf(rule) + 1), "caption")
    : null;
}

/** @param {Scene} scene @param {Rule} rule @param {boolean} alone an edge is selected */
function ruleBlock(scene, rule, alone) {
  const scalar = rule.jacobian?.scalar ?? true;
  const main = scalar ? (rule.line ?? rule.named) : rule.named;
  const element = h(
    "div",
    { class: "rule", "data-rule": rule.edge },
    placeIn(scene, rule),
    main ? scene.formula(scalar ? emphasised(main) : main, rule.plain ?? "") : null,
    rule.vjp && rule.vjp !== main ? scene.formula(rule.vjp) : null,
    rule.source === "pytorch" && rule.pytorch ? ownRule(rule.pytorch) : null,
    rule.source === "engine" && rule.note ? words(rule.note) : null,
    scalar ? null : chosenElement(scene, rule),
    scalar
      ? null
      : fold(
          scene,
          alone ? "jacobian-edge" : "jacobian",
          strings.jacobian,
          () => [h("div", { class: "stack" }, ...jacobianParts(scene, rule))],
          { open: alone, aside: jacobianAside(rule), level: "h4" },
        ),
    general(scene, rule, main),
  );
  element.addEventListener("pointerenter", () => hint(rule.edge));
  element.addEventListener("pointerleave", () => hint(null));
  return element;
}

/** Lights an edge of the drawing. @param {string | null} edge */
function hint(edge) {
  document.dispatchEvent(new CustomEvent("gradwalk:hint", { detail: edge }));
}

/** The last part, the number that comes out, in the colour of values. @param {string} tex */
function emphasised(tex) {
  const parts = tex.split(" = ");
  const last = parts.at(-1);
  return parts.length > 2 && last ? [...parts.slice(0, -1), valued(last)].join(" = ") : tex;
}

/** An elementwise rule at the element that is picked, else at the first. @param {Scene} scene @param {Rule} rule */
function chosenElement(scene, rule) {
  const first = rule.elements?.[0];
  if (!first) return null;
  const picked = scene.picked?.edge === null ? scene.picked : null;
  const found = picked ? elementAt(scene, rule, picked.node, picked.index) : first;
  return found ? scene.formula(emphasised(found.latex), "", "formula element") : null;
}

/** The rule in the letters of a textbook, remarks, and PyTorch's own text. @param {Scene} scene @param {Rule} rule @param {string | null | undefined} main */
function general(scene, rule, main) {
  const formula = rule.general && rule.general !== main ? rule.general : null;
  const own = rule.source === "pytorch" ? null : rule.pytorch;
  const note = rule.source === "formula" ? rule.note : null;
  if (!formula && !own && !note) return null;
  return fold(
    scene,
    "general",
    strings.generalRule,
    () => [
      formula ? scene.formula(formula) : null,
      note ? words(note) : null,
      own ? ownRule(own) : null,
    ],
    { open: false, level: "h4" },
  );
}

/** @param {string} text */
function ownRule(text) {
  return h(
    "div",
    { class: "own-rule" },
    h("p", { class: "caption", text: strings.pytorchRule }),
    h("code", { text }),
  );
}
