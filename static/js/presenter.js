// Presenting: the whole screen for program, graph and sentence, in large type, driven by a clicker; a key that blanks it.

/** @import { Action, Store } from "./types.js" */
import { belongsTo } from "./keys.js";
import { strings } from "./strings.js";

/** Without a move of the pointer for this long, pointer and buttons go. */
const IDLE = 2500;

/** What clickers send, wherever the focus is. @type {Record<string, Action>} */
const CLICKS = { PageDown: { type: "next" }, PageUp: { type: "prev" } };

/** @param {HTMLElement} button @param {HTMLElement} root the player @param {Store} store */
export function mountPresenter(button, root, store) {
  const html = document.documentElement;
  const said = /** @type {HTMLElement | null} */ (document.querySelector("[data-presenting]"));
  const presenting = () => html.classList.contains("presenting");
  let timer = 0;
  /** @type {Element | null} */
  let focused = null;

  function wake() {
    clearTimeout(timer);
    html.classList.remove("idle");
    if (presenting()) timer = window.setTimeout(() => html.classList.add("idle"), IDLE);
  }

  /** @param {boolean} on */
  function blank(on) {
    html.classList.toggle("blank", on);
    if (said) said.textContent = on ? strings.presenter.blank : "";
  }

  /** @param {boolean} on */
  async function set(on) {
    if (on === presenting()) return;
    html.classList.toggle("presenting", on);
    button.setAttribute("aria-pressed", String(on));
    blank(false);
    wake();
    if (on) {
      focused = document.activeElement;
      root.focus({ preventScroll: true });
    } else if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    // Where full screen is refused, as in some frames, the large type is there all the same.
    try {
      if (on) await html.requestFullscreen();
      else if (document.fullscreenElement) await document.exitFullscreen();
    } catch {
      /* see above */
    }
  }

  /** Before all others, as a clicker knows nothing of focus. @param {KeyboardEvent} event */
  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    const taken = presenting() ? whilePresenting(event) : event.key === "F5" && !event.shiftKey && (set(true), true);
    if (!taken) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Whether the key is meant for the presentation. @param {KeyboardEvent} event */
  function whilePresenting(event) {
    const click = CLICKS[event.key];
    if (html.classList.contains("blank")) blank(false);
    else if (click) store.dispatch(click);
    else if ((event.key === "b" || event.key === ".") && !belongsTo(event.target, event.key)) blank(true);
    else return event.key === "F5";
    return true;
  }

  document.addEventListener("keydown", key, true);
  document.addEventListener("pointermove", wake);
  document.addEventListener("pointerdown", () => blank(false));
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement) set(false);
  });
  button.addEventListener("click", () => set(!presenting()));
  return {
    toggle: () => set(!presenting()),
    /** Whether there was anything to leave. */
    leave() {
      const was = presenting();
      set(false);
      return was;
    },
  };
}
