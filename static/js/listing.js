// Source that can't be edited, line by line, with the current line and sub-expression marked: before the editor has loaded,
// for the program that a bare expression was expanded to, and in embeds.

/** @import { Place } from "./trace.js" */
import { h } from "./dom.js";
import { unitOf } from "./text.js";

/**
 * Comments that were aligned by spaces follow their code at once; a narrow column would break them badly.
 * @param {string} line
 */
const closed = (line) => line.replace(/(?<=\S) {2,}(?=#)/, "  ");

/** @param {HTMLElement} element @param {(line: number) => void} [choose] */
export function createListing(element, choose) {
  /** @type {string[]} */
  let lines = [];
  /** @type {HTMLElement | null} */
  let marked = null;
  element.addEventListener("click", (event) => {
    const line = event.target instanceof Element ? event.target.closest("[data-line]") : null;
    if (line) choose?.(Number(line.getAttribute("data-line")));
  });

  const unmark = () => {
    marked?.classList.remove("current");
    const code = marked?.querySelector("code");
    if (code) code.textContent = lines[Number(marked?.dataset.line) - 1] ?? "";
    marked = null;
  };

  return {
    /** @param {string} source */
    set(source) {
      marked = null;
      lines = source.replace(/\n$/, "").split("\n").map(closed);
      element.replaceChildren(
        ...lines.map((text, k) =>
          h(
            "div",
            { class: "listing-line", "data-line": k + 1 },
            h("span", { class: "listing-number", text: k + 1, "aria-hidden": "true" }),
            h("code", { text }),
          ),
        ),
      );
    },

    /** @param {Place} place */
    mark({ line, span, running }) {
      unmark();
      element.querySelector(".running")?.classList.remove("running");
      if (running !== null) element.querySelector(`[data-line="${running}"]`)?.classList.add("running");
      if (line === null) return;
      marked = element.querySelector(`[data-line="${line}"]`);
      if (!marked) return;
      marked.classList.add("current");
      const text = lines[line - 1] ?? "";
      const code = marked.querySelector("code");
      if (code && span && span[0] === line) {
        const from = unitOf(text, span[1]);
        const to = span[2] === line ? unitOf(text, span[3]) : text.length;
        code.replaceChildren(text.slice(0, from), h("mark", { text: text.slice(from, to) }), text.slice(to));
      }
      const { top, bottom } = marked.getBoundingClientRect();
      const frame = element.getBoundingClientRect();
      if (top < frame.top) element.scrollTop -= frame.top - top + 8;
      else if (bottom > frame.bottom) element.scrollTop += bottom - frame.bottom + 8;
    },
  };
}

/** @typedef {ReturnType<typeof createListing>} Listing */
