// What the selected or active thing is: value, gradient, formulas, paths, accumulation, saved tensors, storage.

/** @import { Explanation, Node, Options, Store } from "../types.js" */
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
import { formatOf, heading, overview, whySection } from "./about.js";
import { cellsSection, pickableValue } from "./bycell.js";
import { chainSection } from "./chain.js";
import { checkSection } from "./check.js";
import { cotangentSection, fromHere } from "./elsewhere.js";
import { overTime } from "./gradients.js";
import { formula } from "./formula.js";
import { ledgerSection, receivedSection } from "./ledger.js";
import { lightCells } from "./lights.js";
import { createMemory } from "./memory.js";
import { reachable } from "./overflow.js";
import { pathsSection } from "./paths.js";
import { partialThroughout } from "./respell.js";
import { reach } from "./reach.js";
import { localSection } from "./rules.js";
import { savedSection } from "./saved.js";
import { block } from "./sections.js";
import { tensorSection } from "./storage.js";
import { shapeText, valueBlock } from "./value.js";

/**
 * @typedef {object} Scene what the parts of the inspector are drawn from
 * @property {Lookup} at
 * @property {Explanation} explain
 * @property {number} step
 * @property {Store} store
 * @property {{digits?: number, num?: string}} format
 * @property {import("./memory.js").Memory} memory
 * @property {Picked | null} picked the cell that was chosen
 * @property {(picked: Picked) => void} pick chooses a cell, or lets go of it
 * @property {(key: string) => void} changed a section or a switch of that name was turned
 * @property {(tex: string) => string} tex in the spelling that is switched on
 * @property {typeof formula} formula draws it in that spelling
 * @property {boolean} live the server can be asked for more
 * @property {boolean} numbered unnamed operations are called u₁, u₂, …
 * @property {Options} options
 * @property {((changes: Partial<Options>) => void) | null} ask walks the program anew with other options
 * @property {(() => void) | null} number turns that over, where it can be
 */

/**
 * @typedef {{node: string, edge: string | null, place: number, index: number[], reach?: import("./reach.js").Reach | null}} Picked
 *   `edge`: of an input's cell; `reach`: all cells of the graph that have to do with it and its rules, as soon as they are known
 */

/** Sections that show a mark on the drawing while they are open. */
const MARKING = "saved";
/** Milliseconds between drawings while a number is being dragged: formulas cost more than the picture. */
const LIVE_PAUSE = 160;

/**
 * Drawn once a frame at most: while the slider is dragged many steps may pass in between.
 * @param {HTMLElement} root @param {Store} store @param {Options} options
 * @param {{live?: boolean, again?: () => Promise<import("../types.js").Walk | null>}} [page] `again`: walks the program anew after an option has changed
 */
export function mountInspector(root, store, options, { live = false, again } = {}) {
  let frame = 0;
  let timer = 0;
  let drawn = 0;
  const memory = createMemory();
  /** @type {Picked | null} */
  let picked = null;
  const player = root.closest("[data-player]");
  const measure = reachable(root);
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
    if (picked && picked.node !== focus.node?.id) picked = null;
    const tex = memory.get("partial", false) ? partialThroughout : (/** @type {string} */ text) => text;
    /** @type {Scene} */
    const scene = {
      at,
      explain: state.walk.explain ?? {},
      step: state.step,
      store,
      format: { digits: options.digits, num: options.num },
      memory,
      picked,
      pick(one) {
        const same = picked?.node === one.node && picked.edge === one.edge && picked.place === one.place;
        picked = same ? null : one;
        soon();
        if (picked && live)
          reach(store, at, one).then((found) => {
            one.reach = found;
            if (picked === one && found) soon();
          });
      },
      changed(key) {
        measure();
        if (key === MARKING) mark();
        if (key === "partial") store.dispatch({ type: "partial", on: memory.get("partial", false) });
        if (key === "partial" || key === "fold-views") soon();
      },
      tex,
      formula: (text, plain, kind) => formula(text && tex(text), plain, kind),
      live,
      numbered: options.names === "numbered",
      options,
      ask: again ? (changes) => differ(changes) : null,
      number: again
        ? () => {
            options.names = options.names === "numbered" ? "source" : "numbered";
            again();
          }
        : null,
    };
    if (!picked) lightCells([]);
    const kept = focusIn(root);
    root.replaceChildren(...contents(scene, focus, state.select));
    measure();
    if (kept) /** @type {HTMLElement | null} */ (root.querySelector(`[data-focus="${CSS.escape(kept)}"]`))?.focus({ preventScroll: true });
  }

  /** Another root or cotangent begins another pass, which is gone to. @param {Partial<Options>} changes */
  async function differ(changes) {
    Object.assign(options, changes);
    const walk = await again?.();
    const seed = walk?.trace.steps.find((step) => step.kind === "seed");
    if (seed && "root" in changes && store.get().walk === walk) store.dispatch({ type: "goto", step: seed.index });
  }

  /** Shows on the drawing what is kept, while that section is open or where the run failed for want of it. */
  function mark() {
    const failed = /second time/i.test(store.get().walk?.trace.error?.message ?? "");
    player?.classList.toggle("show-saved", memory.get(MARKING, false) || failed || (options.show?.includes("saved") ?? false));
  }
  if (memory.get("partial", false)) store.dispatch({ type: "partial", on: true });
  draw();
  mark();
  store.subscribe((state, former) => {
    const { walk, step, select, report } = former;
    if (state.walk !== walk) mark();
    if (state.walk === walk && state.step === step && state.select === select && state.report === report) return;
    const pause = state.live && state.step === step ? drawn + LIVE_PAUSE - performance.now() : 0;
    if (pause <= 0) soon();
    else if (!timer) timer = window.setTimeout(soon, pause);
  });
}

/** Where the keyboard is within the inspector, to be found again when it is drawn anew. @param {HTMLElement} root */
function focusIn(root) {
  const active = document.activeElement;
  return active && root.contains(active) ? active.getAttribute("data-focus") : null;
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
  const made = edge ? scene.at.nodes.get(edge.target) : node;
  // Predict: the numbers of local derivatives would tell the values that they are made of.
  if (scene.store.get().predict && made?.kind === "op" && !tensorAt(scene.at, made.id, scene.step))
    return [...parts, h("p", { class: "hint", text: strings.notYet })];
  if (edge) parts.push(...edgeSections(scene, edge));
  else parts.push(...nodeSections(scene, node, path?.index ?? null));
  return parts.filter((part) => part !== null);
}

/**
 * The last pass that worked at a node and brought it a gradient; where none did, that worked at it.
 * @param {Lookup} at @param {string} node @param {number} step
 */
function lastPass(at, node, step) {
  const visits = (at.visits.get(node) ?? []).filter((one) => one.step <= step);
  const brought = visits.findLast((one) => {
    const pass = at.trace.passes[one.pass];
    return pass && gradIn(pass, node) !== undefined;
  });
  return brought ? at.trace.passes[brought.pass] : passAt(at, node, step);
}

/** @param {Scene} scene @param {Node} node @param {number | null} path */
function nodeSections(scene, node, path) {
  const { at, step } = scene;
  const tensor = tensorAt(at, node.id, step);
  const pass = lastPass(at, node.id, step);
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
        tensor
          ? (pickableValue(scene, node, tensor) ?? valueBlock(tensor.value, formatOf(scene, tensor)))
          : h("p", { class: "quiet", text: strings.notYet }),
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
                  ? strings.gradientOf(rootName(at, pass), name, scene.memory.get("partial", false) ? "∂" : "d")
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
    ...cotangentSection(scene, node, pass),
    whySection(scene, node),
    localSection(scene, node),
    pass ? receivedSection(scene, node, pass) : null,
    pass ? chainSection(scene, node, pass) : null,
    ledgerSection(scene, node),
    leaf || path !== null ? pathsSection(scene, node, path) : null,
    cellsSection(scene, node),
    savedSection(scene, node),
    tensor ? tensorSection(scene, node, tensor) : null,
    overTime(scene, node),
    fromHere(scene, node),
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
    cellsSection(scene, target, edge.id),
    checkSection(scene, target, edge),
  ];
}
