// Marks in a drawing what differs from the other one: a sign at a value or gradient, a word over what only one has.

/** @import { Comparison } from "./types.js" */
import { strings } from "./strings.js";

const NS = "http://www.w3.org/2000/svg";

/**
 * Adds the signs; `show` says which of them are seen in a row.
 * @param {Element} stage @param {Comparison} given @param {0 | 1} side
 * @returns {{show: (row: number) => void}}
 */
export function markUnlike(stage, given, side) {
  const { marks, alone, changed } = given.compare;
  const cardOf = (/** @type {string | null} */ id) =>
    id === null ? null : stage.querySelector(`g.node[data-node="${CSS.escape(id)}"]:not(.reference)`);
  for (const pair of alone) word(cardOf(pair[side]));
  for (const pair of changed) {
    const card = cardOf(pair[side]);
    if (card) card.append(sign(0, 0, "unlike-sign seen"));
  }
  /** @type {Map<string, {element: Element, slot: Element, spans: [number, number][]}>} */
  const signs = new Map();
  for (const mark of marks) {
    const id = side ? mark.second : mark.first;
    const key = `${id} ${mark.kind}`;
    let found = signs.get(key);
    if (!found) {
      const slot = cardOf(id)?.querySelector(`.${mark.kind}-slot`);
      if (!slot) continue;
      const element = sign(Number(slot.getAttribute("width")) + 9, Number(slot.getAttribute("height")) / 2, "unlike-sign");
      slot.parentElement?.append(element);
      found = { element, slot, spans: [] };
      signs.set(key, found);
    }
    found.spans.push([mark.start, mark.end ?? Infinity]);
  }
  return {
    show(row) {
      for (const { element, slot, spans } of signs.values()) {
        const seen = spans.some(([start, end]) => start <= row && row <= end);
        element.classList.toggle("seen", seen);
        slot.classList.toggle("unlike", seen);
      }
    },
  };
}

/** @param {number} x @param {number} y @param {string} name */
function sign(x, y, name) {
  const group = made("g", { class: name, transform: `translate(${x} ${y})` });
  const text = made("text", { y: 7, "text-anchor": "middle", "font-size": 21 });
  text.textContent = "≠";
  const title = made("title", {});
  title.textContent = strings.compare.differs;
  group.append(made("circle", { r: 12.5 }), text, title);
  return group;
}

/** @param {Element | null} card */
function word(card) {
  if (!card) return;
  card.classList.add("alone");
  const text = made("text", { class: "alone-word", x: 12, y: -5, "font-size": 13 });
  text.textContent = strings.compare.alone;
  card.append(text);
}

/** @param {string} tag @param {Record<string, string | number>} attributes */
function made(tag, attributes) {
  const element = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
