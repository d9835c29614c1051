// LaTeX drawn by KaTeX, which is fetched after the first picture; until then, and where it fails, the plain spelling stands.

import { h } from "../dom.js";

/** @typedef {typeof import("../../vendor/katex/katex.js").default} Katex */

/** @type {Promise<Katex> | undefined} */
let loading;

/** Fetches KaTeX and its style sheet, once. @returns {Promise<Katex>} */
export function loadKatex() {
  loading ??= (async () => {
    const sheet = h("link", { rel: "stylesheet", href: new URL("../../vendor/katex/katex.css", import.meta.url).href });
    const styled = new Promise((resolve) => { sheet.addEventListener("load", resolve); sheet.addEventListener("error", resolve); });
    document.head.append(sheet);
    const [module] = await Promise.all([import("../../vendor/katex/katex.js"), styled]);
    return module.default;
  })();
  return loading;
}

/**
 * @param {string | null | undefined} tex
 * @param {string} [plain] what to show until it is drawn, and to a program that copies text
 * @param {string} [kind]
 */
export function formula(tex, plain = "", kind = "formula") {
  const element = h("div", { class: kind });
  if (!tex) {
    element.textContent = plain;
    element.classList.add("plain");
    return element;
  }
  element.textContent = plain;
  loadKatex().then(
    (katex) => katex.render(tex, element, { throwOnError: false, strict: "ignore", trust: false, displayMode: false, output: "htmlAndMathml", maxExpand: 200 }),
    () => { element.textContent = plain || tex; },
  );
  return element;
}
