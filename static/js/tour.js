// The tour: four steps beside the parts of the page, on a first visit and from Help. It blocks nothing, and takes the focus
// only when it was asked for.

/** @import { Store } from "./types.js" */
import { h, icon } from "./dom.js";
import { strings } from "./strings.js";
import { remember } from "./theme.js";

const KEY = "gradwalk.tour";
/** Where each step stands, the first that is seen. */
const PLACES = [
  ["[data-pane=code]", ".narrow-tabs"],
  [".stage"],
  [".transport"],
  ["[data-pane=side]", ".narrow-tabs"],
];
const GAP = 12;

/** @param {Document} document @param {Store} store */
export function mountTour(document, store) {
  /** @type {HTMLElement | null} */
  let box = null;
  let at = 0;
  /** @type {Element | null} */
  let marked = null;
  /** @type {HTMLElement | null} what had the focus before */
  let before = null;

  for (const button of document.querySelectorAll("[data-tour]"))
    button.addEventListener("click", () => {
      button.closest("dialog")?.close();
      start(true);
    });
  if (firstVisit() && store.get().walk && !store.get().playing) start(false);

  /** @param {boolean} asked */
  function start(asked) {
    end();
    before = /** @type {HTMLElement | null} */ (document.activeElement);
    at = 0;
    box = h("section", { class: "tour", role: "dialog", "aria-label": strings.tour.label, tabindex: "-1", "data-own-keys": true });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") end(true);
      else if (event.key === "ArrowRight") go(1);
      else if (event.key === "ArrowLeft") go(-1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    // Early in the page, so that Tab comes to it first.
    document.querySelector(".skip")?.after(box);
    addEventListener("resize", place);
    show();
    if (asked) box.focus({ preventScroll: true });
  }

  /** @param {number} by */
  function go(by) {
    if (at + by >= PLACES.length) return end(true);
    at = Math.max(0, at + by);
    show();
    box?.querySelector("h2")?.focus({ preventScroll: true });
  }

  function show() {
    const step = strings.tour.steps[at];
    if (!box || !step) return;
    const last = at === PLACES.length - 1;
    const close = h("button", { type: "button", class: "icon-button", "aria-label": strings.tour.skip, onclick: () => end(true) });
    close.append(icon("x"));
    box.replaceChildren(
      h("header", {}, h("h2", { tabindex: "-1", text: step.title }), close),
      h("p", { text: step.text }),
      h(
        "footer",
        {},
        h("span", { class: "quiet", text: strings.tour.count(at + 1, PLACES.length) }),
        at ? h("button", { type: "button", class: "button small", text: strings.tour.back, onclick: () => go(-1) }) : null,
        h("button", { type: "button", class: "button small primary", text: last ? strings.tour.done : strings.tour.next, onclick: () => go(1) }),
      ),
    );
    marked?.classList.remove("toured");
    marked = target();
    marked?.classList.add("toured");
    place();
  }

  /** The part that the step is about. */
  function target() {
    const seen = (/** @type {string} */ selector) => {
      const element = document.querySelector(selector);
      return element && element.getBoundingClientRect().width > 0 ? element : null;
    };
    return (PLACES[at] ?? []).map(seen).find((element) => element !== null) ?? null;
  }

  /** Beside its part where there is room, else over it. */
  function place() {
    if (!box || !marked) return;
    // On a narrow screen over the graph, which the first step leaves faint: the rest is in use.
    const narrow = matchMedia("(max-width: 800px)").matches;
    const part = ((narrow && document.querySelector(".stage")) || marked).getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = box;
    const fits = [
      { left: part.right + GAP, top: part.top + 64, ok: part.right + GAP + width < innerWidth },
      { left: part.left - GAP - width, top: part.top + 64, ok: part.left - GAP - width > 0 },
      { left: part.left + 16, top: part.top - GAP - height, ok: part.top - GAP - height > 0 },
      { left: part.left + 16, top: part.top + 16, ok: true },
    ];
    const wide = part.width > innerWidth * 0.45;
    const chosen = narrow ? fits[3] : fits.find((one, k) => one.ok && !(wide && k < 2));
    if (!chosen) return;
    box.style.setProperty("left", `${Math.max(8, Math.min(innerWidth - width - 8, chosen.left))}px`);
    box.style.setProperty("top", `${Math.max(8, Math.min(innerHeight - height - 8, chosen.top))}px`);
  }

  /** @param {boolean} [done] seen or skipped: it doesn't come by itself again */
  function end(done = false) {
    const held = box?.contains(document.activeElement);
    box?.remove();
    box = null;
    marked?.classList.remove("toured");
    marked = null;
    removeEventListener("resize", place);
    if (done) remember(KEY, "seen");
    if (held) before?.focus({ preventScroll: true });
  }
}

/** Who follows a link to a program wants to see that, and not a tour in front of it. */
function followsLink() {
  const opened = performance.getEntriesByType("navigation")[0]?.name ?? location.href;
  const names = new URL(opened).searchParams;
  return ["expr", "c", "ex", "id", "vs"].some((name) => names.has(name));
}

/** Whether the page was never seen here; where nothing can be remembered, or in a frame, it counts as seen. */
function firstVisit() {
  try {
    if (window.top !== window || followsLink() || localStorage.getItem(KEY)) return false;
    localStorage.setItem(KEY, "");
    return true;
  } catch {
    return false;
  }
}
