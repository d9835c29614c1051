// All paths from what was differentiated to a leaf: each with its product of local derivatives, and their sum, which is the
// gradient; the same unfolded factor by factor; and the whole derivation as LaTeX.

/** @import { Node, Pass, PathsExplanation, ShownPath, Unfolded } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";
import { strings } from "../strings.js";
import { nameOf } from "../trace.js";
import { graded } from "./formula.js";
import { fold, remembered, turned, words } from "./sections.js";
import { valueBlock } from "./value.js";

/** Paths that are written out at first, and with each "show more": long products take a while to draw. */
const FIRST = 8;
const MORE = 16;

/**
 * @param {Scene} scene
 * @param {Node} leaf
 * @param {number | null} chosen
 */
export function pathsSection(scene, leaf, chosen) {
  const { at, step } = scene;
  const begun = (/** @type {Pass} */ pass) =>
    at.trace.steps.some((one) => one.pass === pass.index && one.index <= step && one.kind === "seed");
  let index = 0;
  const entries = at.trace.passes.flatMap((pass) => {
    const told = (scene.explain.paths ?? []).filter((one) => one.leaf === leaf.id && one.pass === pass.index);
    return pass.paths
      .filter((paths) => paths.leaf === leaf.id)
      .flatMap((paths, k) => {
        const first = index;
        index += paths.shown.length;
        return begun(pass) ? [{ pass, paths, told: told[k], first }] : [];
      });
  });
  if (!entries.length) return null;
  const count = entries.length === 1 ? entries[0]?.paths.count : null;
  return fold(scene, "paths", strings.paths, () => [
    ...entries.map((entry) => entryBlock(scene, leaf, entry, chosen, entries.length > 1)),
    switches(scene, entries.map((entry) => entry.told)),
  ], { aside: count ? strings.pathCount(count) : "" });
}

/** @param {Scene} scene @param {(PathsExplanation | undefined)[]} told */
function switches(scene, told) {
  return h(
    "div",
    { class: "switches", role: "group", "aria-label": strings.notation },
    remembered(scene, "partial", strings.partialThroughout),
    told.some((one) => one?.folded) ? remembered(scene, "fold-views", strings.foldViews) : null,
    scene.number ? turned("numbered", strings.numberNodes, scene.numbered, scene.number) : null,
  );
}

/**
 * @param {Scene} scene @param {Node} leaf @param {{pass: Pass, paths: Pass["paths"][0], told: PathsExplanation | undefined, first: number}} entry
 * @param {number | null} chosen @param {boolean} several
 */
function entryBlock(scene, leaf, { pass, paths, told, first }, chosen, several) {
  const folded = scene.memory.get("fold-views", false) ? told?.folded : null;
  const shown = told?.shown.map((path, k) => ({ ...path, ...folded?.shown[k] }));
  const root = nameOf(scene.at.nodes.get(paths.root[0]));
  const title = `${strings.pathsOf(paths.count, root, nameOf(leaf))}${several ? ` · ${strings.passOf(pass.index + 1)}` : ""}`;
  const list = h("ol", { class: "paths" });
  const add = (/** @type {ShownPath[]} */ some, /** @type {number} */ from) =>
    list.append(
      ...some.map((path, k) =>
        h("li", {}, pathButton(scene, leaf, path, shown?.[from + k], first + from + k, first + from + k === chosen)),
      ),
    );
  const begin = Math.max(FIRST, chosen !== null && chosen >= first ? chosen - first + 1 : 0);
  add(paths.shown.slice(0, begin), 0);
  const moreButton = h("button", {
    class: "link",
    type: "button",
    onclick: () => {
      const from = list.childElementCount;
      add(paths.shown.slice(from, from + MORE), from);
      tell();
    },
  });
  const tell = () => {
    const rest = paths.shown.length - list.childElementCount;
    moreButton.hidden = rest <= 0;
    moreButton.textContent = strings.showMorePaths(Math.min(rest, MORE));
  };
  tell();
  const derivation = folded?.derivation ?? told?.derivation;
  const line = (/** @type {Unfolded | null | undefined} */ unfold) => unfold && Object.keys(unfold).length > 0;
  return h(
    "div",
    { class: "path-entry" },
    words(title, "caption"),
    list,
    moreButton,
    told?.sum ? h("div", { class: "path-sum" }, scene.formula(summed(told))) : null,
    paths.exact || Number(paths.count) === paths.shown.length ? null : words(strings.greedy, "caption"),
    h(
      "div",
      { class: "path-tools" },
      derivation
        ? h("button", {
            class: "chip-button",
            type: "button",
            text: strings.copyLatex,
            "data-copy-latex": "",
            "data-focus": `copy-${first}`,
            onclick: (event) => copy(event.currentTarget, scene.tex(derivation)),
          })
        : null,
    ),
    told && line(told.unfold) ? fold(scene, "unfold", strings.unfold, () => [unfolding(scene, /** @type {Unfolded} */ (told.unfold), paths.root[0])], { open: false, level: "h4" }) : null,
  );
}

/**
 * All contributions and their sum, the gradient; tensors stand under one another.
 * @param {PathsExplanation} told
 */
function summed({ sum, lhs, total, shown }) {
  const parts = shown.map((path) => path.contribution);
  if (!lhs || !total || !sum?.includes("matrix") || parts.some((part) => part === null)) {
    const [left = "", ...rights] = (sum ?? "").split(" = ");
    const last = rights.pop();
    return [left, ...rights, last ? graded(last) : ""].join(" = ");
  }
  const terms = parts.map((part, k) => (k ? ` \\\\ &\\quad + ${part}` : ` &= ${part}`));
  const end = parts.length > 1 ? ` \\\\ &= ${graded(total)}` : "";
  return `\\begin{aligned} ${lhs}${terms.join("")}${end} \\end{aligned}`;
}

/** @param {HTMLButtonElement} button @param {string} text */
async function copy(button, text) {
  const said = await navigator.clipboard.writeText(text).then(
    () => strings.copiedLatex,
    () => null,
  );
  if (said) button.textContent = said;
  else if (!button.nextElementSibling) {
    // A frame may be without the clipboard: the text is there to be copied by hand.
    const area = h("textarea", { class: "latex", readonly: true, rows: 6, "aria-label": strings.copyLatex, "data-own-keys": "" });
    area.value = text;
    button.after(area);
    area.select();
  }
}

/**
 * @param {Scene} scene @param {Node} leaf @param {ShownPath} path @param {PathsExplanation["shown"][0] | undefined} told
 * @param {number} index @param {boolean} chosen
 */
function pathButton(scene, leaf, path, told, index, chosen) {
  const { at, store } = scene;
  const names = [...(path.edges ?? [])].reverse().map((id) => clipped(nameOf(at.nodes.get(at.edges.get(id)?.target ?? ""))));
  const label = path.edges === null ? strings.pathsRest : [...names, nameOf(leaf)].join(" → ");
  const result = told?.contribution ?? null;
  const rights = [told?.numbers === result ? null : told?.numbers, result && graded(result)].filter((tex) => tex);
  const product = told?.names ? h("div", { class: "path-product" }, scene.formula(told.names)) : null;
  if (product && rights.length) product.append(scene.formula(`{= ${rights.join(" = ")}}`));
  return h(
    "button",
    {
      class: "path",
      type: "button",
      "aria-pressed": String(chosen),
      "data-focus": `path-${index}`,
      disabled: path.edges === null,
      onclick: () => store.dispatch({ type: "select", id: chosen ? leaf.id : `path:${leaf.id}:${index}` }),
    },
    h("span", { class: "path-names", text: label }),
    path.edges === null ? null : product,
    told?.contribution && (product || path.edges === null)
      ? path.edges === null
        ? scene.formula(graded(told.contribution))
        : null
      : valueBlock(path.contribution, { ...scene.format, tone: "grad" }),
  );
}

/**
 * The recursive form: du/dW = Σ ∂u/∂v · dv/dW, where each dv/dW opens in place.
 * @param {Scene} scene @param {Unfolded} lines @param {string} node
 */
function unfolding(scene, lines, node) {
  const line = lines[node];
  if (!line) return h("div");
  const terms = line.terms.filter((term) => term.into && lines[term.into]);
  return h(
    "div",
    { class: "unfolded" },
    scene.formula(line.latex),
    ...terms.map((term) => {
      const into = lines[term.into ?? ""];
      const body = h("div", { class: "unfolded-body" });
      const element = h(
        "details",
        { class: "unfold-factor" },
        h("summary", {}, into ? scene.formula(into.lhs, "", "in-cell") : null, h("span", { class: "unseen", text: strings.unfoldFactor })),
        body,
      );
      element.addEventListener("toggle", () => {
        if (element.open && !body.childElementCount) body.append(unfolding(scene, lines, term.into ?? ""));
      });
      return element;
    }),
  );
}

/** @param {string} name */
const clipped = (name) => (name.length > 16 ? `${name.slice(0, 15)}…` : name);
