// Columns that resize and fold, and, on a narrow screen, the tabs that share one place under the transport.

/** @import { Options } from "./types.js" */
import { remember, remembered } from "./theme.js";

const KEY = "gradwalk.columns";
const LEAST = 200;

/** @typedef {{code?: number, side?: number, codeFolded?: boolean, sideFolded?: boolean}} Columns */

/** @param {HTMLElement} root @param {Options} options */
export function mountPanels(root, options) {
  const html = document.documentElement;
  // A view that names its parts folds the others away, for this visit.
  if (options.show) {
    html.classList.toggle("code-folded", !options.show.includes("code"));
    html.classList.toggle("side-folded", !options.show.includes("inspector"));
  }
  /** @type {Columns} */
  let columns = {};
  try {
    columns = JSON.parse(remembered(KEY) ?? "{}");
  } catch {
    /* odd contents: start anew */
  }
  const save = () => remember(KEY, JSON.stringify(columns));

  for (const separator of root.querySelectorAll("[data-resize]")) {
    if (separator instanceof HTMLElement)
      resizing(separator, root, (side, width) => {
        columns[side] = width;
        html.style.setProperty(`--${side}-width`, `${width}px`);
        save();
      });
  }
  for (const button of root.querySelectorAll("[data-fold]")) {
    const side = /** @type {"code" | "side"} */ (button.getAttribute("data-fold"));
    const update = () => button.setAttribute("aria-expanded", String(!html.classList.contains(`${side}-folded`)));
    button.addEventListener("click", () => {
      const folded = html.classList.toggle(`${side}-folded`);
      columns[`${side}Folded`] = folded;
      save();
      for (const one of root.querySelectorAll(`[data-fold=${side}]`))
        one.setAttribute("aria-expanded", String(!folded));
      /** @type {HTMLElement | undefined} */ (
        [...root.querySelectorAll(`[data-fold=${side}]`)].find(
          (one) => one !== button && one instanceof HTMLElement && one.offsetParent,
        )
      )?.focus();
    });
    update();
  }
  return { tab: mountTabs(root) };
}

/**
 * @param {HTMLElement} separator
 * @param {HTMLElement} root
 * @param {(side: "code" | "side", width: number) => void} set
 */
function resizing(separator, root, set) {
  const side = /** @type {"code" | "side"} */ (separator.dataset.resize);
  const pane = /** @type {HTMLElement} */ (root.querySelector(`[data-pane=${side}]`));
  const sign = side === "code" ? 1 : -1;
  const change = (/** @type {number} */ width) => {
    const most = Math.max(LEAST, Math.min(720, root.clientWidth * 0.45));
    const clamped = Math.round(Math.min(most, Math.max(LEAST, width)));
    separator.setAttribute("aria-valuenow", String(clamped));
    separator.setAttribute("aria-valuemax", String(Math.round(most)));
    set(side, clamped);
  };
  separator.setAttribute("aria-valuemin", String(LEAST));
  separator.setAttribute("aria-valuenow", String(pane.clientWidth));
  separator.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    separator.setPointerCapture(event.pointerId);
    const start = { x: event.clientX, width: pane.clientWidth };
    const move = (/** @type {PointerEvent} */ now) => change(start.width + sign * (now.clientX - start.x));
    separator.addEventListener("pointermove", move);
    separator.addEventListener("lostpointercapture", () => separator.removeEventListener("pointermove", move), {
      once: true,
    });
  });
  separator.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -24, ArrowRight: 24 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    change(pane.clientWidth + sign * by);
  });
}

/**
 * `data-tab` buttons choose what `data-shows` elements are seen; the wide page has two of them beside the graph, the narrow one all.
 * @param {HTMLElement} root
 */
function mountTabs(root) {
  const buttons = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-tab]")]);
  const choose = (/** @type {string} */ name) => {
    root.dataset.tab = name;
    if (name !== "code") root.dataset.sideTab = name;
    for (const button of buttons) {
      const own = button.closest("[data-tabs=side]") ? root.dataset.sideTab : root.dataset.tab;
      const chosen = button.dataset.tab === own;
      button.setAttribute("aria-selected", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => choose(button.dataset.tab ?? "code"));
    button.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      const group = buttons.filter((one) => one.parentElement === button.parentElement);
      const next = group[(group.indexOf(button) + by + group.length) % group.length];
      choose(next?.dataset.tab ?? "code");
      next?.focus();
    });
  }
  choose("details");
  return choose;
}
