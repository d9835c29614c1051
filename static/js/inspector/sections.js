// The inspector's parts: a titled section that folds, is built when it is opened, and stays as its reader left it.

/** @import { Scene } from "./inspector.js" */
import { h } from "../dom.js";

/** @param {string} title @param {...(HTMLElement | null)} children */
export function block(title, ...children) {
  return h("section", { class: "block" }, h("h3", { text: title }), ...children);
}

/**
 * @param {Scene} scene
 * @param {string} key what is remembered of it
 * @param {string} title
 * @param {() => (HTMLElement | null)[]} build called when it is open
 * @param {{open?: boolean, aside?: string, level?: "h3" | "h4"}} [options] `open`: as long as nobody decided; `aside`: a few
 *   words that stand beside the title, also while it is closed
 */
export function fold(scene, key, title, build, { open = true, aside = "", level = "h3" } = {}) {
  const body = h("div", { class: "part-body" });
  const element = h(
    "details",
    { class: `part part-${key}`, open: scene.memory.get(key, open) },
    h(
      "summary",
      { "data-focus": `part-${key}` },
      h(level, { text: title }),
      aside ? h("span", { class: "part-aside", text: aside }) : null,
    ),
    body,
  );
  let built = false;
  const fill = () => {
    if (built || !element.open) return;
    built = true;
    body.append(...build().filter((child) => child !== null));
  };
  fill();
  element.addEventListener("toggle", () => {
    fill();
    if (element.open !== scene.memory.get(key, open)) {
      scene.memory.set(key, element.open);
      scene.changed(key);
    }
  });
  return element;
}

/**
 * A switch that is remembered; the inspector is drawn anew.
 * @param {Scene} scene @param {string} key @param {string} label
 */
export function remembered(scene, key, label) {
  const on = scene.memory.get(key, false);
  return turned(key, label, on, () => {
    scene.memory.set(key, !on);
    scene.changed(key);
  });
}

/** A switch as it stands. @param {string} key @param {string} label @param {boolean} on @param {() => void} turn */
export function turned(key, label, on, turn) {
  return h("button", {
    class: "switch",
    type: "button",
    role: "switch",
    "aria-checked": String(on),
    "data-focus": `switch-${key}`,
    text: label,
    onclick: turn,
  });
}

/** A few plain words, in soft ink. @param {string} text @param {string} [kind] */
export const words = (text, kind = "note") => h("p", { class: kind, text });
