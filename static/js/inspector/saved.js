// What a node keeps for its backward step: which values, how many bytes, who else keeps them, and when they are let go.

/** @import { Node, SavedTensor } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";
import { strings } from "../strings.js";
import { nameIn } from "./jacobian.js";
import { fold, words } from "./sections.js";

/** @param {Scene} scene @param {Node} node */
export function savedSection(scene, node) {
  const saved = scene.explain.nodes?.[node.id]?.saved ?? [];
  if (!saved.length) return null;
  const made = madeAt(scene, node.id);
  const bytes = saved.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
  const aside = scene.step < made ? strings.notYet : strings.bytes(bytes);
  return fold(
    scene,
    "saved",
    strings.saved,
    () => [table(scene, saved, made), words(total(scene), "caption"), again(scene, saved)],
    { open: failedTwice(scene), aside },
  );
}

/** The step that computes a node. @param {Scene} scene @param {string} node */
function madeAt(scene, node) {
  return scene.at.trace.steps.find((one) => one.kind === "compute" && one.node === node)?.index ?? 0;
}

/** @param {Scene} scene @param {SavedTensor[]} saved @param {number} made */
function table(scene, saved, made) {
  return h(
    "table",
    { class: "ledger saved-table" },
    h("thead", {}, h("tr", {}, ...strings.savedHead.map((head) => h("th", { scope: "col", text: head })))),
    h("tbody", {}, ...saved.map((one) => row(scene, one, made))),
  );
}

/** @param {Scene} scene @param {SavedTensor} one @param {number} made */
function row(scene, one, made) {
  const state = stateOf(scene, one, made);
  const others = (one.others ?? []).map((id) => nameIn(scene, id));
  return h(
    "tr",
    { class: state, "data-saved": one.tensor },
    h(
      "th",
      { scope: "row" },
      h("span", { class: "kept-dot", "aria-hidden": "true" }),
      one.called,
      others.length ? h("span", { class: "caption", text: strings.alsoKept(others.join(", ")) }) : null,
    ),
    h("td", { text: one.bytes === null || one.bytes === undefined ? "–" : strings.bytes(one.bytes) }),
    h("td", {}, until(scene, one, state)),
  );
}

/** @param {Scene} scene @param {SavedTensor} one @param {"later" | "kept" | "freed"} state */
function until(scene, one, state) {
  const step = one.freed;
  if (step === null || step === undefined) return h("span", { text: one.when ?? strings.keptOn });
  return h("button", {
    class: "link",
    type: "button",
    text: state === "freed" ? strings.freedAt(step + 1) : strings.keptUntil(step + 1),
    "data-focus": `freed-${one.tensor}-${one.name}`,
    onclick: () => scene.store.dispatch({ type: "goto", step }),
  });
}

/** @param {Scene} scene @param {SavedTensor} one @param {number} made @returns {"later" | "kept" | "freed"} */
function stateOf(scene, one, made) {
  if (scene.step < made) return "later";
  return one.freed !== null && one.freed !== undefined && scene.step >= one.freed ? "freed" : "kept";
}

/** Over the whole graph, each block of memory once. @param {Scene} scene */
function total(scene) {
  /** @type {Map<string, number>} */
  const kept = new Map();
  for (const [node, told] of Object.entries(scene.explain.nodes ?? {}))
    for (const one of told.saved ?? []) {
      if (stateOf(scene, one, madeAt(scene, node)) !== "kept") continue;
      const block = scene.at.tensors.get(one.tensor ?? "")?.storage ?? one.tensor ?? "";
      kept.set(block, Math.max(kept.get(block) ?? 0, one.bytes ?? 0));
    }
  return strings.keptNow(kept.size, [...kept.values()].reduce((sum, bytes) => sum + bytes, 0));
}

/** Whether the run ended because a graph was walked again after it had let go. @param {Scene} scene */
const failedTwice = (scene) => /second time/i.test(scene.at.trace.error?.message ?? "");

/** Why a second backward fails here. @param {Scene} scene @param {SavedTensor[]} saved */
function again(scene, saved) {
  const over = scene.step >= scene.at.trace.steps.length - 1 && failedTwice(scene);
  const freed = saved.find((one) => typeof one.freed === "number");
  return over && freed ? words(strings.secondBackward(Number(freed.freed) + 1), "why") : null;
}
