// LaTeX drawn by KaTeX, which is fetched after the first picture; until then, and where it fails, the plain spelling stands.

import { h } from "../dom.js";

/** @typedef {typeof import("../../vendor/katex/katex.js").default} Katex */

/** @type {Promise<Katex> | undefined} */
let loading;
/** @type {Katex | undefined} */
let loaded;

/** Fetches KaTeX and its style sheet, once. @returns {Promise<Katex>} */
function loadKatex() {
  loading ??= (async () => {
    const [module] = await Promise.all([import("../../vendor/katex/katex.js"), loadSheet()]);
    loaded = module.default;
    return loaded;
  })();
  return loading;
}

/** Fetches the style sheet, unless the document holds it (a standalone file). */
function loadSheet() {
  if (document.querySelector("style[data-katex]")) return null;
  const sheet = h("link", { rel: "stylesheet", href: new URL("../../vendor/katex/katex.css", import.meta.url).href });
  const styled = new Promise((resolve) => {
    sheet.addEventListener("load", resolve);
    sheet.addEventListener("error", resolve);
  });
  document.head.append(sheet);
  return styled;
}

/**
 * The formulas' text comes from a stranger's program: of all commands that reach outside only `\htmlClass` is let through,
 * for the colours of values and gradients.
 */
const SETTINGS = {
  throwOnError: false,
  strict: "ignore",
  output: "htmlAndMathml",
  maxExpand: 300,
  maxSize: 20,
  trust: (/** @type {{command: string}} */ context) => context.command === "\\htmlClass",
};

/** Formulas as they were drawn: while the slider is dragged the same ones come again and again. */
/** @type {Map<string, Element[]>} */
const drawn = new Map();
const MOST_DRAWN = 400;

/**
 * KaTeX writes the width of a tall bracket as a style attribute, which the page's policy forbids; the same as properties is allowed.
 * @param {() => void} work
 */
function withStyleProperties(work) {
  const plain = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (/** @type {string} */ name, /** @type {string} */ value) {
    if (name === "style" && "style" in this) /** @type {SVGElement} */ (/** @type {unknown} */ (this)).style.cssText = value;
    else plain.call(this, name, value);
  };
  try {
    work();
  } finally {
    Element.prototype.setAttribute = plain;
  }
}

/** @param {string} tex @param {HTMLElement} element @param {Katex} katex */
function draw(tex, element, katex) {
  const kept = drawn.get(tex);
  if (kept) return element.replaceChildren(...kept.map((part) => part.cloneNode(true)));
  withStyleProperties(() => katex.render(tex, element, /** @type {any} */ (SETTINGS)));
  if (drawn.size >= MOST_DRAWN) drawn.delete(drawn.keys().next().value ?? "");
  drawn.set(tex, [...element.children].map((part) => /** @type {Element} */ (part.cloneNode(true))));
}

/**
 * @param {string | null | undefined} tex
 * @param {string} [plain] what to show until it is drawn
 * @param {string} [kind] class of the element
 */
export function formula(tex, plain = "", kind = "formula") {
  const element = h("div", { class: kind, text: plain });
  if (!tex) {
    element.classList.add("plain");
    return element;
  }
  if (loaded) draw(tex, element, loaded);
  else
    loadKatex().then((katex) => draw(tex, element, katex), () => {
      element.textContent = plain || tex;
    });
  return element;
}

/** In the colour of values. @param {string} tex */
export const valued = (tex) => `\\htmlClass{tex-value}{${tex}}`;
/** In the colour of gradients. @param {string} tex */
export const graded = (tex) => `\\htmlClass{tex-grad}{${tex}}`;

/**
 * The left side of an equation and each right side on a line of its own.
 * @param {string} left
 * @param {string[]} rights
 */
export function aligned(left, rights) {
  return `\\begin{aligned} ${left} &= ${rights.join(" \\\\ &= ")} \\end{aligned}`;
}

/** The left side of `a = b`. @param {string} tex */
export function leftOf(tex) {
  return tex.split(" = ")[0] ?? "";
}
