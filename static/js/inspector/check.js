// The check by finite differences in the inspector: a button, a summary, and each number beside the differences that test it.

/** @import { Compared, Edge, Node, Report } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { check, edgeVerdict, reportOf, verdicts } from "../checking.js";
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";
import { nameOf } from "../trace.js";
import { block } from "./sections.js";

const MOST_ROWS = 9;
const MOST_ODD = 6;

/** The button, or what the check found of the whole. @param {Scene} scene */
export function checkOverview(scene) {
  const { store, at } = scene;
  const state = store.get();
  if (!scene.live || !at.trace.nodes.some((node) => node.grad_fn)) return null;
  const report = reportOf(state);
  return report ? block(strings.check.title, ...summary(scene, report)) : asking(scene);
}

/** @param {Scene} scene */
function asking(scene) {
  const { report } = scene.store.get();
  const failed = report && typeof report === "object" && "failed" in report ? report.failed : null;
  return block(
    strings.check.title,
    failed ? h("p", { class: "why", text: failed }) : h("p", { class: "quiet", text: strings.check.about }),
    button(scene),
  );
}

/** @param {Scene} scene */
function button(scene) {
  const asked = scene.store.get().report === "asked";
  return h("button", {
    class: "chip-button",
    type: "button",
    "data-check-gradients": "",
    disabled: asked,
    text: asked ? strings.check.running : strings.check.button,
    onclick: () => check(scene.store),
  });
}

/** @param {Scene} scene @param {Report} report */
function summary(scene, report) {
  const { store, at } = scene;
  const { ok, mismatch, nonsmooth, not_checked } = report.counts;
  const leaves = report.leaves.filter((leaf) => leaf.status === "ok").length;
  const odd = [...verdicts(report)].filter(([, one]) => one.status !== "ok");
  return [
    ok + leaves ? h("p", { text: strings.check.agree(ok, leaves) }) : null,
    mismatch + nonsmooth + not_checked
      ? h("p", { class: "quiet", text: strings.check.others(mismatch, nonsmooth, not_checked) })
      : null,
    odd.length
      ? h(
          "ul",
          { class: "odd" },
          ...odd.slice(0, MOST_ODD).map(([id, one]) =>
            h(
              "li",
              {},
              label(one.status),
              " ",
              h("button", {
                class: "link",
                type: "button",
                text: nameOf(at.nodes.get(id)),
                onclick: () => store.dispatch({ type: "select", id }),
              }),
              one.reason ? ` – ${one.reason}` : null,
            ),
          ),
          odd.length > MOST_ODD ? h("li", { class: "quiet", text: strings.more(odd.length - MOST_ODD) }) : null,
        )
      : null,
  ];
}

/** What the check found of a node or an edge; nothing before it was asked for. @param {Scene} scene @param {Node} node @param {Edge} [edge] */
export function checkSection(scene, node, edge) {
  const report = reportOf(scene.store.get());
  if (!report) return scene.live && node.grad_fn ? button(scene) : null;
  const name = (/** @type {string} */ id) => {
    const found = scene.at.edges.get(id);
    return strings.edge(nameOf(scene.at.nodes.get(found?.source ?? "")), nameOf(scene.at.nodes.get(found?.target ?? "")));
  };
  if (edge) {
    const one = edgeVerdict(scene.store.get().walk, report, edge.id);
    return one ? block(strings.check.title, compared(scene, one, null)) : null;
  }
  const own = report.nodes.find((one) => one.node === node.id);
  const leaves = report.leaves.filter((one) => one.node === node.id);
  if (!own && !leaves.length) return null;
  return block(
    strings.check.title,
    ...(own && !own.edges.length ? [line(own.status, own.reason)] : []),
    ...(own?.edges ?? []).map((one) => compared(scene, one, name(one.edge ?? ""))),
    ...leaves.map((one) =>
      compared(scene, one, leaves.length > 1 ? strings.passOf((one.pass ?? 0) + 1) : strings.check.whole),
    ),
  );
}

/** @param {Report["nodes"][0]["status"]} status */
function label(status) {
  return h("span", { class: `verdict-label ${status}`, text: strings.check.statuses[status] });
}

/** @param {Report["nodes"][0]["status"]} status @param {string | null} reason */
function line(status, reason) {
  return h("p", {}, label(status), reason ? ` – ${reason}` : null);
}

/** @param {Scene} scene @param {Compared} one @param {string | null} title */
function compared(scene, one, title) {
  const n = (/** @type {import("../types.js").Scalar | null} */ x) => numberText(x, { ...scene.format, digits: 3 });
  const odd = one.cells.some((cell) => cell.status === "nonsmooth");
  const heads = odd ? strings.check.headsOdd : strings.check.heads;
  return h(
    "div",
    { class: "compared" },
    h("p", {}, title ? h("strong", { text: title }) : null, title ? " " : null, label(one.status)),
    one.reason ? h("p", { class: "quiet", text: one.reason }) : null,
    one.cells.length
      ? h(
          "table",
          { class: "differences" },
          h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col", text: head })))),
          h(
            "tbody",
            {},
            ...one.cells.slice(0, MOST_ROWS).map((cell) =>
              h(
                "tr",
                { class: cell.status },
                h("th", { scope: "row", text: cell.index.length ? `[${cell.index.join(", ")}]` : "" }),
                h("td", { text: n(cell.autograd) }),
                h("td", { text: odd ? strings.check.sides(n(cell.left), n(cell.right)) : n(cell.differences) }),
                h("td", { text: n(cell.error) }),
              ),
            ),
          ),
        )
      : null,
    one.step !== null ? h("p", { class: "caption", text: strings.check.step(n(one.step), one.checked, one.elements) }) : null,
  );
}
