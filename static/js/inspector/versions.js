// Where a tensor's numbers come from: a view or a copy of another's; and what stood in it before a write in place.

/** @import { Node, Tensor } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";
import { nameOf } from "../trace.js";
import { flat } from "./cells.js";
import { words } from "./sections.js";
import { shapeText } from "./value.js";

const MOST_VERSIONS = 6;
const VIEW_OPS = /^(_?reshape|_unsafe_view|view|t|transpose|permute|expand|contiguous|clone|select|slice|squeeze|unsqueeze|flatten|as_strided|diagonal|unfold)/;

/** Whether a view was made or numbers were copied. @param {Scene} scene @param {Node} node @param {Tensor} tensor */
export function provenance(scene, node, tensor) {
  if (node.kind !== "op" || !(VIEW_OPS.test(node.op) || /reshape|contiguous|flatten|clone/.test(node.call ?? ""))) return null;
  const first = (/** @type {string} */ id) => (scene.at.into.get(id) ?? []).find((one) => one.input === 0);
  let edge = first(node.id);
  // A reshape that has to copy is two operations of one call: a clone, and a view of it.
  const copy = edge && scene.at.nodes.get(edge.source);
  if (copy?.op === "clone" && copy.name === null && copy.call === node.call && copy.line === node.line) edge = first(copy.id);
  const before = edge && scene.at.tensors.get(scene.at.nodes.get(edge.source)?.outputs[edge.output] ?? "");
  if (!edge || !before || before.storage === null || tensor.storage === null) return null;
  const name = nameOf(scene.at.nodes.get(edge.source));
  return words(before.storage === tensor.storage ? strings.isView(name) : strings.isCopy(name), "cell-said");
}

/** What the node held over time, under writes in place. @param {Scene} scene @param {Node} node @param {Tensor} tensor */
export function versions(scene, node, tensor) {
  const all = (scene.at.values.get(node.id) ?? []).filter((one) => one.output === 0);
  if (all.length < 2) return null;
  const now = all.filter((one) => one.step <= scene.step).length;
  const from = Math.max(0, Math.min(now - Math.ceil(MOST_VERSIONS / 2), all.length - MOST_VERSIONS));
  return h(
    "div",
    { class: "versions" },
    h("h4", { text: strings.versions }),
    h(
      "table",
      { class: "ledger" },
      h("thead", {}, h("tr", {}, ...strings.versionsHead.map((head) => h("th", { scope: "col", text: head })))),
      h(
        "tbody",
        {},
        ...all.slice(from, from + MOST_VERSIONS).map((one) => {
          const held = scene.at.tensors.get(one.tensor);
          return h(
            "tr",
            { class: held?.id === tensor.id ? "now" : one.step > scene.step ? "later" : null },
            h(
              "th",
              { scope: "row" },
              h("button", {
                class: "link",
                type: "button",
                text: strings.stepName(one.step + 1),
                onclick: () => scene.store.dispatch({ type: "goto", step: one.step }),
              }),
            ),
            h("td", { text: held ? String(held.version) : "" }),
            h("td", { text: held ? brief(scene, held) : "" }),
          );
        }),
      ),
    ),
  );
}

/** @param {Scene} scene @param {Tensor} tensor */
function brief(scene, tensor) {
  if (tensor.value.kind !== "full") return shapeText(tensor.shape);
  const values = flat(tensor.value.data);
  const shown = values.slice(0, 6).map((x) => numberText(x, { ...scene.format, whole: /^(u?int|bool)/.test(tensor.dtype) }));
  return shown.join(", ") + (values.length > shown.length ? ", …" : "");
}
