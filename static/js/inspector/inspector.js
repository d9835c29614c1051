// What the selected or active thing is: value, gradient, formulas, paths, accumulation, saved tensors, storage.

/** @import { Explanation, Node, Options, Store, Tensor } from "../types.js" */
/** @import { Lookup } from "../trace.js" */
import { h } from "../dom.js";
import { strings } from "../strings.js";
import {
  attributeAt,
  contributionIn,
  firstTensor,
  focusOf,
  gradIn,
  lookup,
  nameOf,
  passAt,
  rootName,
  tensorAt,
} from "../trace.js";
import { checkOverview, checkSection } from "./check.js";
import { block, chainSection, ledgerSection, localSection, pathsSection } from "./flow.js";
import { formula } from "./formula.js";
import { storageBlock } from "./storage.js";
import { shapeText, valueBlock } from "./value.js";

/**
 * @typedef {{at: Lookup, explain: Explanation, step: number, store: Store, format: {digits?: number, num?: string}, live: boolean}} Scene
 *   `live`: the server can be asked for more
 */

/** Milliseconds between drawings while a number is being dragged: formulas cost more than the picture. */
const LIVE_PAUSE = 160;

/**
 * Drawn once a frame at most: while the slider is dragged many steps may pass in between.
 * @param {HTMLElement} root @param {Store} store @param {Options} options
 * @param {{live?: boolean}} [page]
 */
export function mountInspector(root, store, options, { live = false } = {}) {
  let frame = 0;
  let timer = 0;
  let drawn = 0;
  const soon = () => {
    if (!frame) frame = requestAnimationFrame(draw);
  };
  function draw() {
    clearTimeout(timer);
    [frame, timer, drawn] = [0, 0, performance.now()];
    const state = store.get();
    if (!state.walk) return root.replaceChildren(h("p", { class: "hint", text: strings.nothing }));
    const at = lookup(state.walk.trace);
    const focus = focusOf(at, state.step, state.select);
    const scene = {
      at,
      explain: state.walk.explain ?? {},
      step: state.step,
      store,
      format: { digits: options.digits, num: options.num },
      live,
    };
    root.replaceChildren(...contents(scene, focus, state.select));
  }
  draw();
  store.subscribe((state, former) => {
    const { walk, step, select, report } = former;
    if (state.walk === walk && state.step === step && state.select === select && state.report === report) return;
    const pause = state.live && state.step === step ? drawn + LIVE_PAUSE - performance.now() : 0;
    if (pause <= 0) soon();
    else if (!timer) timer = window.setTimeout(soon, pause);
  });
}

/**
 * @param {Scene} scene
 * @param {ReturnType<typeof focusOf>} focus
 * @param {string | null} select
 * @returns {HTMLElement[]}
 */
function contents(scene, focus, select) {
  const { node, edge, path } = focus;
  const parts = [];
  if (select)
    parts.push(
      h("button", {
        class: "chip-button",
        type: "button",
        text: strings.follow,
        onclick: () => scene.store.dispatch({ type: "select", id: null }),
      }),
    );
  if (!node) return [...parts, ...overview(scene)];
  parts.push(heading(scene, node, edge));
  if (edge) parts.push(...edgeSections(scene, edge));
  else parts.push(...nodeSections(scene, node, path?.index ?? null));
  return parts.filter((part) => part !== null);
}

/** At start and end nothing is active: say what the whole is. @param {Scene} scene */
function overview(scene) {
  const { at, step } = scene;
  const leaves = at.trace.nodes.filter((node) => node.kind === "leaf");
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
  const check = checkOverview(scene);
  if (check) rows.push(check);
  return rows.length ? rows : [h("p", { class: "hint", text: strings.nothing })];
}

/** @param {Scene} scene @param {Node} node @param {import("../types.js").Edge} [edge] */
function heading(scene, node, edge) {
  const { at, explain } = scene;
  const told = explain.nodes?.[node.id];
  const title = edge
    ? formula(
        null,
        explain.edges?.[edge.id]?.title ??
          strings.edge(nameOf(at.nodes.get(edge.source)), nameOf(at.nodes.get(edge.target))),
        "title",
      )
    : formula(told?.title, told?.plain ?? nameOf(node), "title");
  const numbers = !edge && tensorAt(at, node.id, scene.step) ? told?.forward?.numbers : null;
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
    numbers ? formula(`= ${numbers}`, "", "formula title-numbers") : null,
    ...(edge ? [] : (told?.where ?? [])).map((tex) => formula(tex, "", "formula where")),
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
    ),
  );
}

/** @param {Scene} scene @param {Tensor} tensor */
function formatOf(scene, tensor) {
  return { ...scene.format, whole: /^(u?int|bool)/.test(tensor.dtype) };
}

/** @param {Scene} scene @param {Node} node @param {number | null} path */
function nodeSections(scene, node, path) {
  const { at, step } = scene;
  const tensor = tensorAt(at, node.id, step);
  const pass = passAt(at, node.id, step);
  const grad = pass && gradIn(pass, node.id);
  const name = nameOf(node);
  const meta = tensor ?? firstTensor(at, node.id);
  const attribute = attributeAt(at, node.id, step);
  const leaf = node.kind === "leaf";
  return [
    h(
      "section",
      { class: meta && meta.shape.length ? "block pair wide" : "block pair" },
      h(
        "div",
        {},
        h("h3", { text: strings.value }),
        tensor ? valueBlock(tensor.value, formatOf(scene, tensor)) : h("p", { class: "quiet", text: strings.notYet }),
        meta ? h("p", { class: "caption", text: `${shapeText(meta.shape)} · ${meta.dtype}` }) : null,
      ),
      node.kind === "input"
        ? null
        : h(
            "div",
            {},
            h("h3", {
              text: leaf
                ? strings.gradAttribute(name)
                : pass
                  ? strings.gradientOf(rootName(at, pass), name)
                  : strings.gradient,
            }),
            leaf
              ? attribute
                ? valueBlock(attribute, { ...scene.format, tone: "grad" })
                : h("p", { class: "quiet", text: strings.none })
              : grad
                ? valueBlock(grad, { ...scene.format, tone: "grad" })
                : h("p", { class: "quiet", text: "–" }),
          ),
    ),
    localSection(scene, node),
    pass ? chainSection(scene, node, pass) : null,
    ledgerSection(scene, node),
    leaf || path !== null ? pathsSection(scene, node, path) : null,
    whySection(scene, node),
    savedSection(scene, node),
    tensor ? storageSection(scene, tensor) : null,
    checkSection(scene, node),
  ];
}

/** @param {Scene} scene @param {import("../types.js").Edge} edge */
function edgeSections(scene, edge) {
  const { at, step } = scene;
  const target = /** @type {Node} */ (at.nodes.get(edge.target));
  if (!edge.differentiable) return [h("p", { class: "hint", text: strings.noGradientEdge })];
  const pass = passAt(at, edge.target, step);
  const contribution = pass && contributionIn(pass, edge.id);
  return [
    localSection(scene, target, edge.id),
    pass && contribution ? block(strings.sent, valueBlock(contribution, { ...scene.format, tone: "grad" })) : null,
    pass ? chainSection(scene, target, pass, edge.id) : null,
    checkSection(scene, target, edge),
  ];
}

/** What the node keeps from its forward step, and until when. @param {Scene} scene @param {Node} node */
function savedSection(scene, node) {
  const saved = scene.explain.nodes?.[node.id]?.saved ?? [];
  return saved.length ? block(strings.saved, ...saved.map((one) => h("p", { text: one.text }))) : null;
}

/**
 * Why a gradient is None, zero or not a number, as soon as its pass is over.
 * @param {Scene} scene
 * @param {Node} node
 */
function whySection(scene, node) {
  const { at, step } = scene;
  const over = (/** @type {number | null} */ pass) =>
    pass === null || (at.trace.steps.findLast((one) => one.pass === pass)?.index ?? Infinity) <= step;
  const told = (scene.explain.nodes?.[node.id]?.why ?? []).filter((one) => over(one.pass));
  return told.length
    ? h("div", { class: "stack" }, ...told.map((one) => h("p", { class: "why", text: one.text })))
    : null;
}

/** @param {Scene} scene @param {Tensor} tensor */
function storageSection(scene, tensor) {
  const strip = storageBlock(scene.at, tensor);
  return strip ? block(strings.storage, strip) : null;
}
