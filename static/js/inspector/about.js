// What stands above the sections: the name and formula of the thing, its place in the program, why its gradient is odd; and at
// start and end, when nothing is active, all leaves.

/** @import { Node, Tensor } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";
import { touchButtons } from "../jumps.js";
import { strings } from "../strings.js";
import { attributeAt, firstTensor, nameOf, tensorAt } from "../trace.js";
import { checkOverview } from "./check.js";
import { startLine } from "./elsewhere.js";
import { costSection, gradientTable } from "./gradients.js";
import { formula } from "./formula.js";
import { fold } from "./sections.js";
import { valueBlock } from "./value.js";

/** At start and end nothing is active: say what the whole is. @param {Scene} scene */
export function overview(scene) {
  const { at, step } = scene;
  const table = gradientTable(scene);
  const leaves = table ? [] : at.trace.nodes.filter((node) => node.kind === "leaf");
  const rows = leaves.map((leaf) => {
    const tensor = tensorAt(at, leaf.id, step) ?? firstTensor(at, leaf.id);
    const grad = attributeAt(at, leaf.id, step);
    return h(
      "section",
      { class: "block" },
      h(
        "h3",
        {},
        h("button", {
          class: "link",
          type: "button",
          text: nameOf(leaf),
          onclick: () => scene.store.dispatch({ type: "select", id: leaf.id }),
        }),
      ),
      tensor ? valueBlock(tensor.value, formatOf(scene, tensor)) : null,
      h("h3", { class: "grad-head", text: strings.gradAttribute(nameOf(leaf)) }),
      grad ? valueBlock(grad, { ...scene.format, tone: "grad" }) : h("p", { class: "quiet", text: strings.none }),
    );
  });
  rows.unshift(...[startLine(scene), table].filter((one) => one !== null));
  rows.push(...[costSection(scene), checkOverview(scene)].filter((one) => one !== null));
  return rows.length ? rows : [h("p", { class: "hint", text: strings.nothing })];
}

/** @param {Scene} scene @param {Node} node @param {import("../types.js").Edge} [edge] */
export function heading(scene, node, edge) {
  const { at, explain } = scene;
  const told = explain.nodes?.[node.id];
  const title = edge
    ? formula(
        null,
        explain.edges?.[edge.id]?.title ??
          strings.edge(nameOf(at.nodes.get(edge.source)), nameOf(at.nodes.get(edge.target))),
        "title",
      )
    : scene.formula(told?.forward?.named ?? told?.title, told?.plain ?? nameOf(node), "title");
  const tensor = edge ? undefined : tensorAt(at, node.id, scene.step);
  // A tensor's numbers stand below, as its value.
  const numbers = tensor && !tensor.shape.length ? told?.forward?.numbers : null;
  const facts = [
    node.kind === "op" ? (node.grad_fn ?? node.op) : strings.kinds[node.kind],
    node.call && node.call !== node.op ? node.call : null,
    node.module,
  ];
  const line = node.line;
  return h(
    "header",
    { class: "about" },
    title,
    numbers ? scene.formula(`= ${numbers}`, "", "formula title-numbers") : null,
    ...(edge ? [] : (told?.where ?? [])).map((tex) => scene.formula(tex, "", "formula where")),
    h(
      "p",
      { class: "facts" },
      facts.filter(Boolean).join(" · "),
      line === null ? null : " · ",
      line === null
        ? null
        : h("button", {
            class: "link",
            type: "button",
            text: strings.atLine(line),
            onclick: () => scene.store.dispatch({ type: "select", id: edge?.id ?? node.id }),
          }),
      edge ? null : touchButtons(scene.store, node),
    ),
  );
}

/** @param {Scene} scene @param {Tensor} tensor */
export function formatOf(scene, tensor) {
  return { ...scene.format, whole: /^(u?int|bool)/.test(tensor.dtype) };
}

/**
 * Why a gradient is None, zero or not a number, as soon as its pass is over.
 * @param {Scene} scene
 * @param {Node} node
 */
export function whySection(scene, node) {
  const { at, step } = scene;
  const over = (/** @type {number | null} */ pass) =>
    pass === null || (at.trace.steps.findLast((one) => one.pass === pass)?.index ?? Infinity) <= step;
  const told = (scene.explain.nodes?.[node.id]?.why ?? []).filter((one) => over(one.pass) && (one.from ?? 0) <= step);
  if (told.length) return h("div", { class: "stack" }, ...told.map((one) => h("p", { class: "why", text: one.text })));
  const because = scene.explain.nodes?.[node.id]?.because;
  const reached = at.visits.get(node.id)?.some((visit) => visit.step <= step);
  return because && reached
    ? fold(scene, "because", strings.because, () => [h("p", { class: "quiet", text: because })], { open: false })
    : null;
}
