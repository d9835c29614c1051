// What is done with gradients: the table of all leaves with the step beside each, a leaf over time, and what either mode costs.

/** @import { Node, Value } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";
import { firstTensor, gradIn } from "../trace.js";
import { block, fold } from "./sections.js";
import { valueBlock } from "./value.js";

const words = strings.elsewhere;

/** The gradients of all leaves at this step, and the step that they ask for. @param {Scene} scene */
export function gradientTable(scene) {
  const { at, step, explain, store } = scene;
  const begun = at.trace.steps.findLast((one) => one.kind === "seed" && one.index <= step)?.pass ?? null;
  const table = begun === null ? undefined : explain.gradients?.find((one) => one.pass === begun);
  if (!table) return null;
  const pass = at.trace.passes[table.pass];
  const done = (/** @type {string} */ leaf) =>
    at.trace.steps.some((one) => one.index <= step && one.pass === table.pass && one.node === leaf && /accumulate|capture/.test(one.kind));
  const rows = table.rows.map((row) => {
    const theta = at.tensors.get(row.tensor ?? "")?.value ?? firstTensor(at, row.leaf)?.value ?? null;
    const arrived = done(row.leaf) && pass ? (row.gradient ?? gradIn(pass, row.leaf) ?? null) : null;
    return { ...row, theta, arrived, next: arrived ? row.next : null };
  });
  const scalar = rows.every((row) => [row.theta, row.gradient, row.next].every((x) => !x || isNumber(x)));
  const name = (/** @type {typeof rows[0]} */ row) =>
    h("button", {
      class: "link",
      type: "button",
      text: row.plain,
      onclick: () => store.dispatch({ type: "select", id: row.leaf }),
    });
  const heads = words.heads(rows.some((row) => row.by === "program"));
  const body = scalar
    ? h(
        "div",
        { class: "scrolls" },
        h(
          "table",
          { class: "gradients" },
          h("thead", {}, h("tr", {}, ...["", ...heads].map((head) => h("th", { scope: "col", text: head })))),
          h(
            "tbody",
            {},
            ...rows.map((row) =>
              h(
                "tr",
                {},
                h("th", { scope: "row" }, name(row)),
                h("td", { class: "value", text: text(scene, row.theta) }),
                h("td", { class: "grad", text: text(scene, row.arrived) }),
                h("td", { class: "next", text: text(scene, row.next) }),
              ),
            ),
          ),
        ),
      )
    : h(
        "div",
        { class: "stack" },
        ...rows.map((row) =>
          h(
            "div",
            { class: "leaf-row" },
            h("h4", {}, name(row)),
            ...[row.theta, row.arrived, row.next].map((value, k) =>
              k === 2 && !value
                ? null
                : h(
                    "div",
                    { class: "leaf-part" },
                    h("span", { class: "caption", text: heads[k] ?? "" }),
                    value ? valueBlock(value, { ...scene.format, tone: k === 1 ? "grad" : "value" }) : h("span", { class: "quiet", text: strings.none }),
                  ),
            ),
          ),
        ),
      );
  return block(words.gradients(table.plain), rows.some((row) => row.by === "eta") ? rate(scene, table.eta) : null, body);
}

/** @param {Value} value */
const isNumber = (value) => value.kind === "full" && !Array.isArray(value.data);

/** @param {Scene} scene @param {Value | null} value */
function text(scene, value) {
  return value && value.kind === "full" && !Array.isArray(value.data) ? numberText(value.data, scene.format) : "–";
}

/** The learning rate of the steps shown. @param {Scene} scene @param {number} eta */
function rate(scene, eta) {
  const { ask } = scene;
  if (!ask) return h("p", { class: "quiet", text: words.rate(numberText(eta, scene.format)) });
  return h(
    "label",
    { class: "rate" },
    "η = ",
    h("input", {
      type: "number",
      step: "any",
      value: String(eta),
      "data-focus": "eta",
      "data-eta": "",
      onchange: (/** @type {Event} */ event) => {
        const given = Number(/** @type {HTMLInputElement} */ (event.target).value);
        if (Number.isFinite(given)) ask({ eta: given });
      },
    }),
  );
}

/**
 * A leaf's value, its .grad and what optimizers hold of it, one row for each step that writes one of them.
 * @param {Scene} scene @param {Node} node
 */
export function overTime(scene, node) {
  const { at, step, store } = scene;
  if (node.kind !== "leaf") return null;
  const rows = at.trace.steps
    .map((one) => {
      const value = one.sets.find((item) => "tensor" in item && item.node === node.id);
      const grad = one.sets.find((item) => "grad" in item && item.node === node.id);
      const state = (one.state ?? []).filter((slot) => slot.node === node.id);
      return { step: one, value, grad, state };
    })
    .filter((row) => row.value || row.grad || row.state.length);
  const keys = [...new Set(rows.flatMap((row) => row.state.map((slot) => slot.key)))];
  if (rows.length < 3 && !keys.length) return null;
  const cell = (/** @type {Value | null | undefined} */ value) =>
    value === undefined
      ? h("td", {})
      : h("td", {}, value === null ? strings.none : isNumber(value) ? text(scene, value) : valueBlock(value, scene.format));
  return fold(scene, "over-time", words.overTime, () => [
    h(
      "div",
      { class: "scrolls" },
      h(
        "table",
        { class: "gradients over-time" },
        h("thead", {}, h("tr", {}, ...[words.step, "θ", ".grad", ...keys].map((head) => h("th", { scope: "col", text: head })))),
        h(
          "tbody",
          {},
          ...rows.map((row) =>
            h(
              "tr",
              { class: row.step.index > step ? "future" : "" },
              h(
                "th",
                { scope: "row" },
                h("button", {
                  class: "link",
                  type: "button",
                  text: String(row.step.index + 1),
                  onclick: () => store.dispatch({ type: "goto", step: row.step.index, select: node.id }),
                }),
              ),
              cell(row.value && "tensor" in row.value ? at.tensors.get(row.value.tensor)?.value : undefined),
              cell(row.grad && "grad" in row.grad ? row.grad.grad : undefined),
              ...keys.map((key) => cell(row.state.find((slot) => slot.key === key)?.value)),
            ),
          ),
        ),
      ),
    ),
  ]);
}

/** Reverse mode against forward mode on this graph. @param {Scene} scene */
export function costSection(scene) {
  const { at, step, explain } = scene;
  const begun = at.trace.steps.findLast((one) => one.kind === "seed" && one.index <= step)?.pass ?? 0;
  const told = explain.cost?.find((one) => one.pass === begun);
  if (!told) return null;
  const count = (/** @type {number} */ n) => n.toLocaleString("en");
  return fold(
    scene,
    "cost",
    words.cost,
    () => [
      h(
        "div",
        { class: "scrolls" },
        h(
          "table",
          { class: "gradients cost" },
          h("thead", {}, h("tr", {}, ...words.costHeads.map((head) => h("th", { scope: "col", text: head })))),
          h(
            "tbody",
            {},
            ...(/** @type {const} */ (["reverse", "forward"])).map((mode) =>
              h(
                "tr",
                {},
                h("th", { scope: "row", text: words.modes[mode] }),
                ...[told[mode].sweeps, told[mode].multiplications, told[mode].bytes].map((n) => h("td", { text: count(n) })),
              ),
            ),
          ),
        ),
      ),
      h("p", { class: "quiet", text: words.costAbout(told.inputs) }),
      told.estimated ? h("p", { class: "quiet", text: words.estimated }) : null,
    ],
    { open: false },
  );
}
