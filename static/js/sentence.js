// The step's sentence: plain words from the Trace, with names set strong and gradients in the gradient's colour.

/** @import { State, Store, Trace } from "./types.js" */
import { h } from "./dom.js";
import { nameOf } from "./trace.js";

// Brackets and lists within one another, three deep: a regular expression can't count further, and a sentence needn't.
const ROUND = "\\((?:[^()]|\\((?:[^()]|\\([^()]*\\))*\\))*\\)";
const SQUARE = "\\[(?:[^[\\]]|\\[(?:[^[\\]]|\\[[^[\\]]*\\])*\\])*\\]";
const TERM = `(?:${ROUND}|[^\\s,;/()]+(?:${ROUND})?)`;
const VALUE = `(?:${SQUARE}|[−\\d∞](?:[^\\s,;]*[^\\s,;.])?)`;
const DERIVATIVE = `∂${TERM}/∂${TERM}(?: = ${VALUE})?`;
const SENT = `(?<=(?:sends|and) )(?!sends )(?:[^,;]{1,60}? = )?${VALUE}(?= to )`;
/** "receives a 2×2 gradient": there "a" is no variable. */
const ARTICLE = "(?! (?:\\d+×|(?:gradient|tensor|view|copy|leaf|scalar|new|fresh)\\b))";
const LONGEST_NAME = 40;

/** What in a sentence is set apart, for a program with these names. @param {string[]} names */
export function patternOf(names) {
  const escaped = names
    .filter((name) => name.length < LONGEST_NAME)
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const word = escaped.length ? `|(?<![\\w.])(?:${escaped.join("|")})(?:\\.grad)?(?!\\w)${ARTICLE}` : "";
  return new RegExp(`${DERIVATIVE}|${SENT}${word}`, "gu");
}

/**
 * Splits a sentence into plain, named and gradient parts.
 * @param {string} text @param {RegExp} pattern
 * @returns {{text: string, kind: "plain" | "name" | "gradient"}[]}
 */
export function partsOf(text, pattern) {
  /** @type {{text: string, kind: "plain" | "name" | "gradient"}[]} */
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) parts.push({ text: text.slice(at, match.index), kind: "plain" });
    const graded = /^[∂[−\d∞]/u.test(match[0]) || match[0].includes(" = ") || match[0].endsWith(".grad");
    parts.push({ text: match[0], kind: graded ? "gradient" : "name" });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), kind: "plain" });
  return parts;
}

/** @type {WeakMap<Trace, RegExp>} */
const patterns = new WeakMap();

/** @param {Trace} trace */
function patternFor(trace) {
  let found = patterns.get(trace);
  if (!found) {
    found = patternOf([...new Set(trace.nodes.filter((node) => node.name).map(nameOf))]);
    patterns.set(trace, found);
  }
  return found;
}

/**
 * A sentence of the Trace as the page writes it: the derivatives in it are total ones, d unless ∂ is written throughout.
 * @param {string} text @param {Pick<State, "partial">} state
 */
export function spelt(text, { partial }) {
  return partial ? text : text.replaceAll("∂", "d");
}

/**
 * The same with each d in a hand of its own, so that it doesn't run into the name it stands before.
 * @param {string} text @param {Pick<State, "partial">} state
 */
function differentials(text, { partial }) {
  if (partial) return [text];
  return text.split("∂").flatMap((piece, k) => (k ? [h("i", { text: "d" }), piece] : [piece]));
}

/** @param {HTMLElement} element @param {Store} store */
export function mountSentence(element, store) {
  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    if (former && state.step === former.step && state.walk === former.walk && state.partial === former.partial) return;
    const trace = state.walk?.trace;
    const text = trace?.steps[state.step]?.text ?? "";
    const note = trace?.notes.find(
      (one) => one.code === "lecturer" && one.line !== null && one.line === trace.steps[state.step]?.line,
    );
    element.replaceChildren(
      ...(trace ? partsOf(text, patternFor(trace)) : []).map((part) =>
        part.kind === "plain"
          ? part.text
          : part.kind === "name"
            ? h("b", { class: "name", text: part.text })
            : h("span", { class: "gradient" }, ...differentials(part.text, state)),
      ),
    );
    if (note) element.append(" ", h("span", { class: "lecturer", text: note.message }));
  }
  update(store.get(), null);
  store.subscribe(update);
}
