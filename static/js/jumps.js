// Larger strides: over a call, to a pass, to an iteration, to what touches a node; their keys and the menu that lists them.

/** @import { State, Store } from "./types.js" */
/** @import { Kind } from "./stops.js" */
import { h, icon, need } from "./dom.js";
import { listed, stopFrom, touched } from "./stops.js";
import { strings } from "./strings.js";
import { lookup, nameOf } from "./trace.js";

/** @type {Record<string, Kind>} */
const KEYS = { o: "over", g: "pass", i: "iteration", t: "touch" };

/** @param {Store} store @param {Kind} kind @param {1 | -1} way */
export function jump(store, kind, way) {
  const state = store.get();
  const step = stopFrom(state, kind, way);
  // The node stays chosen, or the next stride would be about another.
  if (step !== null) store.dispatch({ type: "goto", step, select: kind === "touch" ? touched(state) : null });
}

/**
 * To the step before and behind that touches a node, for its heading.
 * @param {Store} store @param {import("./types.js").Node} node
 */
export function touchButtons(store, node) {
  const what = strings.strides.touch(nameOf(node));
  const make = (/** @type {1 | -1} */ way) => {
    const step = stopFrom({ ...store.get(), select: node.id }, "touch", way);
    const label = way > 0 ? strings.strides.next(what) : strings.strides.previous(what);
    return h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": label,
        title: `${label} (${way > 0 ? "t" : strings.strides.shift("t")})`,
        "aria-disabled": step === null ? "true" : null,
        onclick: () => step !== null && store.dispatch({ type: "goto", step, select: node.id }),
      },
      icon(way > 0 ? "chevron-right" : "chevron-left"),
    );
  };
  return h("span", { class: "touches" }, make(-1), make(1));
}

/** A letter goes on, with Shift back. @param {Store} store @returns {Record<string, () => void>} */
export function jumpKeys(store) {
  return Object.fromEntries(
    Object.entries(KEYS).flatMap(([key, kind]) => [
      [key, () => jump(store, kind, 1)],
      [key.toUpperCase(), () => jump(store, kind, -1)],
    ]),
  );
}

/** The button with three dots, and what it opens. @param {HTMLElement} root @param {Store} store */
export function mountJumps(root, store) {
  if (!root.querySelector("[data-more]")) return;
  const button = need(root, "[data-more]");
  const menu = need(root, "[data-strides]");
  const rows = Object.entries(KEYS).map(([key, kind]) => rowOf(store, key, kind));
  menu.replaceChildren(h("p", { class: "caption", text: strings.strides.head }), ...rows.map((row) => row.element));

  const update = () => {
    if (menu.hidden) return;
    for (const row of rows) row.update(store.get());
  };
  /** @param {boolean} open */
  function set(open) {
    menu.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    update();
  }
  button.addEventListener("click", () => {
    set(menu.hidden);
    if (!menu.hidden) /** @type {HTMLElement | null} */ (menu.querySelector(".stride:not([hidden]) button"))?.focus();
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    set(false);
    button.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    const inside = event.target instanceof Node && (menu.contains(event.target) || button.contains(event.target));
    if (!menu.hidden && !inside) set(false);
  });
  store.subscribe(update);
}

/** A single pass is a stop; to go over calls where there are none is to go by step. @param {State} state @param {Kind} kind */
function useful(state, kind) {
  const { length } = listed(state, kind);
  return length > 0 && (kind !== "over" || length < (state.walk?.trace.steps.length ?? 0));
}

/** @param {Store} store @param {string} key @param {Kind} kind */
function rowOf(store, key, kind) {
  const name = h("span", { class: "stride-name" });
  const make = (/** @type {1 | -1} */ way) =>
    h(
      "button",
      { type: "button", class: "icon-button", onclick: () => jump(store, kind, way) },
      icon(way > 0 ? "chevron-right" : "chevron-left"),
    );
  const [back, on] = [make(-1), make(1)];
  const element = h(
    "div",
    { class: "stride", role: "group", "data-stride": kind },
    name,
    h("kbd", { text: key, "aria-hidden": "true" }),
    back,
    on,
  );
  return {
    element,
    /** @param {State} state */
    update(state) {
      const node = kind === "touch" && state.walk ? lookup(state.walk.trace).nodes.get(touched(state) ?? "") : undefined;
      const what = strings.strides[kind](node ? nameOf(node) : null);
      name.textContent = what;
      element.hidden = !useful(state, kind) && (kind !== "touch" || !state.walk?.trace.nodes.length);
      for (const [button, way] of /** @type {const} */ ([
        [back, -1],
        [on, 1],
      ])) {
        const label = way > 0 ? strings.strides.next(what) : strings.strides.previous(what);
        const shortcut = way > 0 ? key : strings.strides.shift(key);
        button.setAttribute("aria-label", label);
        button.title = `${label} (${shortcut})`;
        button.setAttribute("aria-disabled", String(stopFrom(state, kind, way) === null));
      }
    },
  };
}
