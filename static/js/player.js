// One player: graph, sentence and transport over one store. The page and the embed both start from it.

/** @import { Options, State, Store, Walk } from "./types.js" */
import { createCanvas } from "./canvas.js";
import { mountCurve } from "./curve.js";
import { need, parseSvg } from "./dom.js";
import { mountLights } from "./inspector/lights.js";
import { mountPredict } from "./predict.js";
import { repaint } from "./repaint.js";
import { mountSentence } from "./sentence.js";
import { sameShape, shownStep } from "./state.js";
import { lookup, selected } from "./trace.js";
import { mountTransport } from "./transport.js";
import { createView } from "./view.js";

/**
 * The data that the template put into the page.
 * @param {HTMLElement} root
 * @returns {{walk: Walk | null, options: Options, error: import("./types.js").Failure | null, source: string, step: number, longest: number}}
 */
export function givenData(root) {
  return JSON.parse(need(root, "script[data-walk]").textContent ?? "null");
}

/**
 * The inspector explains what is already on the page, so its modules are fetched after the first picture.
 * @param {HTMLElement} place
 * @param {Store} store
 * @param {Options} options
 * @param {Parameters<typeof import("./inspector/inspector.js").mountInspector>[3]} [page]
 */
export async function mountInspectorLater(place, store, options, page) {
  const { mountInspector } = await import("./inspector/inspector.js");
  mountInspector(place, store, options, page);
  place.dataset.mounted = "";
}

/** What a view may leave out of the drawing. */
const PARTS = ["values", "grads", "locals", "legend"];

/** @param {HTMLElement} root @param {Store} store @param {Options} options */
export function mountPlayer(root, store, options) {
  for (const part of PARTS) root.classList.toggle(`no-${part}`, options.show ? !options.show.includes(part) : false);
  root.classList.toggle("show-saved", options.show?.includes("saved") ?? false);
  const graph = mountGraph(root, store);
  mountCurve(root, store, options);
  mountTransport(root, store);
  mountSentence(need(root, "[data-sentence]"), store);
  mountPredict(root, store);
  return graph;
}

/**
 * The drawing of a store's walk: shown at its step, with what is chosen marked, to be zoomed, moved and chosen from.
 * @param {HTMLElement} root @param {Store} store @param {{least?: number}} [fitting] `least`: the scale down to which it is fitted
 */
export function mountGraph(root, store, fitting) {
  const stage = need(root, "[data-canvas]");
  const canvas = createCanvas(stage, fitting);
  let view = createView(stage.querySelector("svg"));
  let box = view.svg?.getAttribute("viewBox") ?? "";
  widen(view.svg);
  canvas.mount(/** @type {SVGSVGElement | null} */ (view.svg));

  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    let fresh = !former || state.walk !== former.walk;
    if (fresh && state.walk?.svg !== undefined) {
      const drawing = parseSvg(state.walk.svg);
      const same = former !== null && former.walk !== null && sameShape(former.walk, state.walk);
      const still = same && state.step === former?.step && view.svg !== null && drawing !== null;
      if (still && repaint(/** @type {Element} */ (view.svg), drawing, box)) fresh = false;
      else {
        box = drawing?.getAttribute("viewBox") ?? "";
        stage.replaceChildren(...(drawing ? [drawing] : []));
        view = createView(drawing);
        widen(drawing);
        canvas.mount(drawing, same);
      }
    }
    root.classList.toggle("no-walk", state.walk === null);
    if (fresh) for (const node of view.svg?.querySelectorAll("[data-node]") ?? []) node.setAttribute("tabindex", "-1");
    const moved = fresh || !former || shownStep(state) !== shownStep(former);
    if (moved) {
      view.show(shownStep(state));
      rove(view, state);
    }
    if (fresh || state.select !== former?.select) {
      view.select(selectedIds(state));
      stage.classList.toggle("one-path", /^path:/.test(state.select ?? ""));
    }
    if (moved || state.select !== former?.select) {
      const shown = state.select ? view.elementsOf(selectedIds(state)[0] ?? "") : view.activeAt(shownStep(state));
      const chips = shown.filter((element) => element.classList.contains("chip"));
      // A path is seen as a whole.
      if (/^path:/.test(state.select ?? "")) canvas.fit();
      else canvas.reveal(cardsOf(shown, ownId(state)), chips);
    }
  }
  update(store.get(), null);
  store.subscribe(update);
  mountSelecting(stage, store);
  mountLights(stage);
  mountZoom(root, canvas);
  document.addEventListener("gradwalk:hint", (event) => {
    for (const element of stage.querySelectorAll(".hint")) element.classList.remove("hint");
    const id = /** @type {CustomEvent} */ (event).detail;
    if (id) for (const element of view.elementsOf(id)) element.classList.add("hint");
  });
  return { canvas };
}

/** A line two pixels wide is hard to hit: each gets an unseen, wider one under it. @param {Element | null} svg */
function widen(svg) {
  for (const edge of svg?.querySelectorAll(".edge, .flow") ?? []) {
    const line = edge.querySelector("path:not(.tip)");
    if (!line) continue;
    const hit = /** @type {Element} */ (line.cloneNode());
    hit.setAttribute("class", "hit");
    edge.prepend(hit);
  }
}

/** The node that the shown step is about. @param {State} state */
const ownId = (state) => state.walk?.trace.steps[shownStep(state)]?.node ?? "";

/**
 * Whole cards come into view rather than the slot that changed, the step's own first; edges count only where no card does.
 * @param {Element[]} elements @param {string} own
 */
function cardsOf(elements, own) {
  const cards = new Set(elements.map((element) => element.closest("[data-node]")).filter((card) => card !== null));
  // A leaf's references may be strewn all over; what happens to it is on its card.
  const whole = [...cards].filter((card) => !card.classList.contains("reference"));
  const found = whole.length ? whole : [...cards];
  if (!found.length) return elements;
  const isOwn = (/** @type {Element} */ card) => Number((card.getAttribute("data-node") ?? "").split(" ").includes(own));
  return found.sort((one, other) => isOwn(other) - isOwn(one));
}

/** @param {State} state */
function selectedIds(state) {
  if (!state.walk || !state.select) return [];
  const at = lookup(state.walk.trace);
  const { node, edge, path } = selected(at, state.select);
  if (path) return [path.leaf.id, ...path.edges, ...path.edges.map((id) => at.edges.get(id)?.target ?? "")];
  return edge ? [edge.id] : node ? [node.id] : [];
}

/**
 * One node at a time can be reached by Tab: the step's own, else the first.
 * @param {import("./view.js").View} view
 * @param {State} state
 */
function rove(view, state) {
  const id = ownId(state);
  const own =
    (id ? view.elementsOf(id).find((element) => element.hasAttribute("data-node")) : null) ??
    view.svg?.querySelector("[data-node]");
  for (const former of view.svg?.querySelectorAll('[data-node][tabindex="0"]') ?? [])
    if (former !== own) former.setAttribute("tabindex", "-1");
  own?.setAttribute("tabindex", "0");
}

/** @param {HTMLElement} stage @param {Store} store */
function mountSelecting(stage, store) {
  /**
   * What is folded into one card stands there with all its ids, the last made first in interest.
   * @param {EventTarget | null} target
   */
  const idOf = (target) => {
    const element = target instanceof Element ? target.closest("[data-node],[data-edge]") : null;
    const ids = (element?.getAttribute("data-node") ?? element?.getAttribute("data-edge") ?? "").split(" ");
    return ids.at(-1) || null;
  };
  stage.addEventListener("click", (event) => {
    const id = idOf(event.target);
    store.dispatch({ type: "select", id: id === store.get().select ? null : id });
  });
  stage.addEventListener("keydown", (event) => {
    const id = idOf(event.target);
    if (id && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      store.dispatch({ type: "select", id: id === store.get().select ? null : id });
    } else if (id && event.shiftKey && event.key.startsWith("Arrow")) {
      event.preventDefault();
      neighbour(stage, /** @type {Element} */ (event.target), event.key)?.focus();
    }
  });
}

/**
 * The nearest node in the direction of an arrow key.
 * @param {HTMLElement} stage
 * @param {Element} from
 * @param {string} key
 * @returns {SVGElement | null}
 */
function neighbour(stage, from, key) {
  const centre = (/** @type {Element} */ element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  };
  const here = centre(from);
  const dx = Number(key === "ArrowRight") - Number(key === "ArrowLeft");
  const dy = Number(key === "ArrowDown") - Number(key === "ArrowUp");
  /** @type {SVGElement | null} */
  let best = null;
  let least = Infinity;
  for (const node of /** @type {NodeListOf<SVGElement>} */ (stage.querySelectorAll("[data-node]"))) {
    const there = centre(node);
    const along = (there.x - here.x) * dx + (there.y - here.y) * dy;
    const across = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx);
    if (along > 4 && along + 2 * across < least) [best, least] = [node, along + 2 * across];
  }
  return best;
}

/** @param {HTMLElement} root @param {import("./canvas.js").Canvas} canvas */
function mountZoom(root, canvas) {
  const acts = { in: () => canvas.zoom(1.25), out: () => canvas.zoom(0.8), fit: () => canvas.fit() };
  for (const button of root.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => acts[/** @type {"in"} */ (button.getAttribute("data-zoom"))]?.());
  }
}
