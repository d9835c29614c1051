// The step's sentence: plain words from the Trace, with names set strong and gradients in the gradient's colour.

/** @import { State, Store, Trace } from "./types.js" */
import { h } from "./dom.js";
import { nameOf } from "./trace.js";

/**
 * Splits a sentence into plain, named and gradient parts.
 * @param {string} text @param {string[]} names
 * @returns {{text: string, kind: "plain" | "name" | "gradient"}[]}
 */
export function partsOf(text, names) {
  const escaped = names.filter((name) => name.length < 40).sort((a, b) => b.length - a.length).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const derivative = "∂[^\\s,;]+(?: = [−\\d∞](?:[^\\s,;]*[^\\s,;.])?)?";
  const sent = "|(?<=(?:sends|and) )(?!sends )[^,;]{1,60}?= [−\\d∞][^\\s,;]*(?= to )";
  const word = escaped.length ? `|(?<![\\w.])(?:${escaped.join("|")})(?:\\.grad)?(?!\\w)` : "";
  /** @type {{text: string, kind: "plain" | "name" | "gradient"}[]} */
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(new RegExp(`${derivative}${sent}${word}`, "gu"))) {
    if (match.index > at) parts.push({ text: text.slice(at, match.index), kind: "plain" });
    parts.push({ text: match[0], kind: match[0].startsWith("∂") || match[0].includes(" = ") || match[0].endsWith(".grad") ? "gradient" : "name" });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), kind: "plain" });
  return parts;
}

/** @type {WeakMap<Trace, string[]>} */
const names = new WeakMap();

/** @param {Trace} trace */
function namesOf(trace) {
  let found = names.get(trace);
  if (!found) {
    found = [...new Set(trace.nodes.filter((node) => node.name).map(nameOf))];
    names.set(trace, found);
  }
  return found;
}

/** @param {HTMLElement} element @param {Store} store */
export function mountSentence(element, store) {
  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    if (former && state.step === former.step && state.walk === former.walk) return;
    const trace = state.walk?.trace;
    const text = trace?.steps[state.step]?.text ?? "";
    element.replaceChildren(...(trace ? partsOf(text, namesOf(trace)) : []).map((part) =>
      part.kind === "plain" ? part.text : h(part.kind === "name" ? "b" : "span", { class: part.kind, text: part.text })));
  }
  update(store.get(), null);
  store.subscribe(update);
}
