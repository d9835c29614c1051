// The keys of slides, for a player that has the focus or is alone on its page.

/** @import { Action, Options, Store } from "./types.js" */

/** @type {Record<string, Action>} */
const ACTIONS = {
  ArrowRight: { type: "next" },
  ArrowDown: { type: "next" },
  PageDown: { type: "next" },
  n: { type: "next" },
  ArrowLeft: { type: "prev" },
  ArrowUp: { type: "prev" },
  PageUp: { type: "prev" },
  p: { type: "prev" },
  Home: { type: "first" },
  End: { type: "last" },
  " ": { type: "toggle" },
};

/** Whether the element wants this key for itself. @param {EventTarget | null} target @param {string} key */
export function belongsTo(target, key) {
  if (!(target instanceof Element)) return false;
  if (
    target.closest(".cm-editor, textarea, select, dialog, [contenteditable], input:not([type=range]), [data-own-keys]")
  )
    return true;
  if (target instanceof HTMLInputElement) return key !== " ";
  if (key === " ")
    return target.closest("button, a, summary, [role=button], [role=tab], [role=graphics-symbol]") !== null;
  return target.closest("[role=tablist], [role=separator], [role=listbox]") !== null;
}

/**
 * @param {HTMLElement | Document} where @param {Store} store
 * @param {{keys?: Options["keys"], more?: Record<string, () => void>}} [options] `more`: further keys of a page, by `event.key`
 */
export function mountKeys(where, store, { keys = "local", more = {} } = {}) {
  if (keys === "off") return;
  where.addEventListener("keydown", (given) => {
    const event = /** @type {KeyboardEvent} */ (given);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || belongsTo(event.target, event.key))
      return;
    const action = ACTIONS[event.key];
    const extra = more[event.key];
    if (action && keys === "reveal") {
      event.preventDefault();
      toDeck(action);
    } else if (action) {
      event.preventDefault();
      store.dispatch(action);
    } else if (extra) {
      event.preventDefault();
      extra();
    }
  });
}

/**
 * reveal.js takes its commands as a string. The deck owns the step count; it answers with `goto`.
 * @param {Action} action
 */
function toDeck(action) {
  const method = { next: "next", prev: "prev", first: "slide", last: "slide" }[/** @type {"next"} */ (action.type)];
  if (method && method !== "slide" && parent !== window) parent.postMessage(JSON.stringify({ method }), "*");
}
