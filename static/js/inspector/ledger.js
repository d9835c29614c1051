// How gradients add up: the contributions that meet at a node with their running sum, and a leaf's .grad before and after each pass.

/** @import { LedgerEntry, LedgerPage, Node, Pass, Value } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";
import { numberText } from "../number.js";
import { strings } from "../strings.js";
import { contributionIn, gradIn, nameOf } from "../trace.js";
import { graded } from "./formula.js";
import { fold, words } from "./sections.js";
import { valueBlock } from "./value.js";

const MOST_ENTRIES = 12;

/** @param {Value | null | undefined} value */
const isNumber = (value) => value?.kind === "full" && !Array.isArray(value.data);

/** @param {Scene} scene @param {Value | null | undefined} value */
function small(scene, value) {
  if (value === null || value === undefined) return h("span", { class: "quiet", text: strings.none });
  if (value.kind === "full" && !Array.isArray(value.data))
    return h("span", { class: "number-small", text: numberText(value.data, scene.format) });
  return valueBlock(value, { ...scene.format, tone: "grad" });
}

/**
 * The contributions that have reached a node up to now, where there are several.
 * @param {Scene} scene @param {Node} node @param {Pass} pass
 */
export function receivedSection(scene, node, pass) {
  const page = (scene.explain.ledger?.[node.id] ?? []).find((one) => one.pass === pass.index && one.output === 0);
  const entries = page?.entries ?? [];
  if (!page || entries.length < 2) return null;
  const arrived = entries.filter((entry) => hasArrived(scene, pass, entry));
  if (!arrived.length) return null;
  const aside = strings.arrived(arrived.length, entries.length + (page.omitted ?? 0));
  return fold(scene, "received", strings.received, () => [receivedTable(scene, node, pass, page, arrived)], { aside });
}

/** @param {Scene} scene @param {Pass} pass @param {LedgerEntry} entry */
function hasArrived(scene, pass, entry) {
  if (!entry.from) return true;
  return (scene.at.visits.get(entry.from) ?? []).some((one) => one.pass === pass.index && one.step <= scene.step);
}

/** @param {Scene} scene @param {Node} node @param {Pass} pass @param {LedgerPage} page @param {LedgerEntry[]} arrived */
function receivedTable(scene, node, pass, page, arrived) {
  const total = gradIn(pass, node.id);
  const entries = page.entries ?? [];
  const complete = arrived.length === entries.length;
  const number = isNumber(total);
  const seen = /** @type {Map<string, number>} */ (new Map());
  const doubled = new Set(
    entries.map((one) => one.from).filter((from, k, all) => from && all.indexOf(from) !== k),
  );
  const shown = arrived.slice(0, MOST_ENTRIES);
  const rows = shown.map((entry, k) => {
    const value = entry.edge ? contributionIn(pass, entry.edge) : pass.seeds[pass.roots.findIndex(([id]) => id === node.id)];
    const place = entry.from && doubled.has(entry.from) ? (seen.get(entry.from) ?? 0) + 1 : 0;
    if (entry.from) seen.set(entry.from, place);
    const label = h("th", { scope: "row" }, entryName(scene, entry, place));
    if (number)
      return h(
        "tr",
        { "data-edge-row": entry.edge },
        label,
        h("td", {}, k ? "+ " : "", small(scene, value)),
        h("td", { class: "running" }, entry.running ? scene.formula(entry.running, "", "in-cell") : null),
      );
    return h(
      "tr",
      { "data-edge-row": entry.edge },
      label,
      h(
        "td",
        {},
        small(scene, value),
        k && !(complete && k === shown.length - 1) && entry.running
          ? h("div", { class: "so-far" }, h("span", { class: "caption", text: strings.soFar }), scene.formula(entry.running, "", "in-cell"))
          : null,
      ),
    );
  });
  const rest = arrived.length - shown.length + (page.omitted ?? 0);
  return h(
    "table",
    { class: number ? "ledger received" : "ledger received down" },
    number
      ? h("thead", {}, h("tr", {}, ...strings.receivedHead.map((head) => h("th", { scope: "col", text: head }))))
      : null,
    h(
      "tbody",
      {},
      ...rows,
      rest > 0 ? h("tr", {}, h("th", { scope: "row", text: strings.more(rest) }), h("td"), number ? h("td") : null) : null,
      complete
        ? h(
            "tr",
            { class: "total" },
            h("th", { scope: "row", text: `= ${strings.sum}` }),
            number ? h("td") : null,
            h("td", {}, small(scene, total)),
          )
        : null,
    ),
  );
}

/** @param {Scene} scene @param {LedgerEntry} entry @param {number} place which of several from the same node */
function entryName(scene, entry, place) {
  if (!entry.edge) return strings.seedTerm;
  const name = entry.text?.replace(/^from /, "") ?? nameOf(scene.at.nodes.get(entry.from ?? ""));
  const button = h("button", {
    class: "link",
    type: "button",
    text: place ? strings.placeOf(name, place) : name,
    "data-focus": `entry-${entry.edge}`,
    onclick: () => scene.store.dispatch({ type: "select", id: entry.edge ?? null }),
  });
  return button;
}

/** Every write of a leaf's .grad up to now. @param {Scene} scene @param {Node} node */
export function ledgerSection(scene, node) {
  const { at, step } = scene;
  const rows = at.trace.steps
    .filter((one) => one.index <= step && one.kind === "accumulate" && one.node === node.id)
    .map((one) => ({
      step: one.index,
      pass: one.pass ?? 0,
      write: at.trace.passes[one.pass ?? 0]?.accumulated.find((write) => write.node === node.id),
    }));
  if (!rows.length) return null;
  const name = nameOf(node);
  return fold(scene, "ledger", strings.ledger(name), () => {
    const last = rows.at(-1);
    const page = (scene.explain.ledger?.[node.id] ?? []).find((one) => one.pass === last?.pass && one.output === 0);
    return [accumulated(scene, rows), page ? words(page.text) : null];
  });
}

/** @param {Scene} scene @param {{step: number, pass: number, write: Pass["accumulated"][0] | undefined}[]} rows */
function accumulated(scene, rows) {
  const writes = rows.flatMap(({ step, pass, write }) => (write ? [{ step, pass, write }] : []));
  const several = writes.length > 1;
  const passButton = (/** @type {{step: number, pass: number}} */ one) =>
    h("button", {
      class: "link",
      type: "button",
      text: strings.passOf(one.pass + 1),
      "data-focus": `pass-${one.step}`,
      onclick: () => scene.store.dispatch({ type: "goto", step: one.step }),
    });
  if (!writes.every(({ write }) => isNumber(write.added))) {
    return h(
      "div",
      { class: "stack" },
      ...writes.map((one) =>
        h(
          "table",
          { class: "ledger down" },
          several ? h("caption", {}, passButton(one)) : null,
          h(
            "tbody",
            {},
            ...[one.write.before, one.write.added, one.write.after].map((value, k) =>
              h(
                "tr",
                { class: k === 2 ? "total" : null },
                h("th", { scope: "row", text: strings.ledgerHead[k] ?? "" }),
                h("td", {}, small(scene, value)),
              ),
            ),
          ),
        ),
      ),
    );
  }
  return h(
    "table",
    { class: "ledger across" },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        several ? h("th", { scope: "col" }, h("span", { class: "unseen", text: strings.pass })) : null,
        ...strings.ledgerHead.map((head) => h("th", { scope: "col", text: head })),
      ),
    ),
    h(
      "tbody",
      {},
      ...writes.map((one) =>
        h(
          "tr",
          {},
          several ? h("th", { scope: "row" }, passButton(one)) : null,
          h("td", {}, small(scene, one.write.before)),
          h("td", {}, "+ ", small(scene, one.write.added)),
          h("td", { class: "total" }, "= ", small(scene, one.write.after)),
        ),
      ),
    ),
  );
}
