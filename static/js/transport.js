// First, back, play, forward, last; speed; the timeline with its phases; the clock that plays. It only sends actions.

/** @import { State, Store, Step, Trace } from "./types.js" */
import { h, need, setIcon } from "./dom.js";
import { jumpKeys, mountJumps } from "./jumps.js";
import { mountPreview } from "./preview.js";
import { spelt } from "./sentence.js";
import { first, last } from "./state.js";
import { iterationAt, stopsOf } from "./stops.js";
import { strings } from "./strings.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const NORMAL = 1500;
const KEY = "gradwalk.interval";
/** Ticks closer than this many to the whole timeline are a grey bar and tell nothing. */
const MOST_TICKS = 60;

/** @param {HTMLElement} root @param {Store} store */
export function mountTransport(root, store) {
  const range = /** @type {HTMLInputElement} */ (need(root, "[data-timeline]"));
  const track = need(root, "[data-phases]");
  // An inherited property on the root would cost a new style for every element of the drawing at each step.
  const timeline = need(root, ".timeline");
  const count = need(root, "[data-count]");
  const play = need(root, "[data-do=toggle]");
  const speed = /** @type {HTMLSelectElement | null} */ (root.querySelector("[data-speed]"));
  const preview = root.querySelector("[data-preview]");
  let timer = 0;

  for (const button of root.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => {
      const type = /** @type {"first" | "prev" | "toggle" | "next" | "last"} */ (button.getAttribute("data-do"));
      store.dispatch({ type });
    });
  }
  range.addEventListener("input", () => store.dispatch({ type: "goto", step: Number(range.value) }));
  speed?.addEventListener("change", () => setSpeed(store, Number(speed.value)));
  if (speed) recall(store);
  if (preview instanceof HTMLElement) mountPreview(range, preview, store);
  mountJumps(root, store);

  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    if (state.walk !== former?.walk) {
      range.min = String(first(state));
      range.max = String(last(state));
      range.disabled = last(state) === first(state);
      drawPhases(track, state.walk?.trace ?? null, state.bounds);
      drawTicks(track, state);
    }
    const at = state.walk?.trace.steps[state.step];
    const steps = state.walk?.trace.steps.length ?? 0;
    range.value = String(state.step);
    timeline.style.setProperty("--progress", String(share(state)));
    timeline.dataset.phase = at?.phase ?? "";
    range.setAttribute("aria-valuetext", at ? spoken(state, at, steps) : "");
    count.textContent = steps ? strings.stepOf(state.step + 1, steps) : "";
    for (const [name, off] of /** @type {const} */ ([
      ["first", state.step <= first(state)],
      ["prev", state.step <= first(state)],
      ["next", state.step >= last(state)],
      ["last", state.step >= last(state)],
      ["toggle", last(state) === first(state)],
    ])) {
      root.querySelector(`[data-do=${name}]`)?.setAttribute("aria-disabled", String(off));
    }
    if (state.playing !== former?.playing) {
      setIcon(play, state.playing ? "pause" : "play");
      play.setAttribute("aria-label", state.playing ? strings.pause : strings.play);
      const label = play.querySelector("[data-label]");
      if (label) label.textContent = state.playing ? strings.pause : strings.play;
    }
    if (speed && state.interval !== former?.interval) showSpeed(speed, NORMAL / state.interval);
    if (state.playing !== former?.playing || state.interval !== former?.interval) {
      clearInterval(timer);
      if (state.playing) timer = window.setInterval(() => store.dispatch({ type: "tick" }), state.interval);
    }
  }
  update(store.get(), null);
  store.subscribe(update);
}

/** @param {State} state @param {Step} at @param {number} steps */
function spoken(state, at, steps) {
  const turn = iterationAt(stopsOf(state.walk), state.step);
  const phase = strings.phases[at.phase];
  const where = turn < 0 ? phase : `${strings.iteration(turn + 1)}, ${phase}`;
  return strings.stepValue(state.step + 1, steps, where, state.asking ? strings.ask.hidden : spelt(at.text, state));
}

/** The keys of larger strides and of speed. @param {Store} store @returns {Record<string, () => void>} */
export function transportKeys(store) {
  const by = (/** @type {1 | -1} */ way) => () => {
    const factor = NORMAL / store.get().interval;
    const next = way > 0 ? SPEEDS.find((one) => one > factor) : SPEEDS.findLast((one) => one < factor);
    if (next) setSpeed(store, next);
  };
  return { ...jumpKeys(store), ">": by(1), "<": by(-1) };
}

/** @param {Store} store @param {number} factor */
function setSpeed(store, factor) {
  store.dispatch({ type: "interval", interval: NORMAL / factor });
  try {
    sessionStorage.setItem(KEY, String(NORMAL / factor));
  } catch {
    /* a frame without storage forgets */
  }
}

/** The speed of this session, unless the address has one. @param {Store} store */
function recall(store) {
  if (new URLSearchParams(location.search).has("interval")) return;
  try {
    const interval = Number(sessionStorage.getItem(KEY));
    if (interval > 0) store.dispatch({ type: "interval", interval });
  } catch {
    /* as above */
  }
}

/** An address may ask for a speed that isn't on the list. @param {HTMLSelectElement} select @param {number} factor */
function showSpeed(select, factor) {
  const text = `${Number(factor.toPrecision(2))}×`;
  for (const odd of select.querySelectorAll("[data-odd]")) odd.remove();
  if (!SPEEDS.includes(factor)) select.append(h("option", { value: factor, text, "data-odd": true }));
  select.value = String(factor);
}

/**
 * Runs of steps of one phase (and, for backward, one pass), in order.
 * @param {Step[]} steps
 * @returns {{phase: string, pass: number | null, first: number, last: number}[]}
 */
export function phasesOf(steps) {
  /** @type {{phase: string, pass: number | null, first: number, last: number}[]} */
  const runs = [];
  for (const step of steps) {
    if (step.phase === "start" || step.phase === "end") continue;
    const run = runs.at(-1);
    const pass = step.phase === "backward" ? step.pass : null;
    if (run && run.phase === step.phase && (run.pass === pass || pass === null)) run.last = step.index;
    else runs.push({ phase: step.phase, pass, first: step.index, last: step.index });
  }
  return runs;
}

/** How far along the part that is walked a step is, 0 to 1. @param {State} state */
const share = (state) => (state.step - first(state)) / Math.max(1, last(state) - first(state));

/**
 * Where an iteration begins; without iterations, where a pass does.
 * @param {HTMLElement} track @param {State} state
 */
function drawTicks(track, state) {
  const stops = stopsOf(state.walk);
  const starts = (stops.iterations.length ? stops.iterations : stops.passes).map((one) => one.first);
  const [start, end] = state.bounds;
  const inside = starts.slice(1).filter((step) => step > start && step <= end);
  if (inside.length > MOST_TICKS) return;
  for (const step of inside) {
    const tick = h("span", { class: "tick" });
    tick.style.setProperty("--from", String((step - 0.5 - start) / Math.max(1, end - start)));
    track.append(tick);
  }
}

/** @param {HTMLElement} track @param {Trace | null} trace @param {[number, number]} bounds */
function drawPhases(track, trace, [start, end]) {
  track.replaceChildren();
  if (!trace) return;
  const length = Math.max(1, end - start);
  const several = trace.passes.length > 1;
  for (const run of phasesOf(trace.steps.slice(start, end + 1))) {
    const name =
      run.phase === "backward" && several && run.pass !== null
        ? strings.passOf(run.pass + 1)
        : strings.phases[/** @type {"forward"} */ (run.phase)];
    const part = h(
      "span",
      { class: `phase ${run.phase}`, title: name },
      h("span", { class: "phase-name", text: name }),
    );
    // From half a step before the first to half a step after the last, so that neighbouring parts meet.
    const from = Math.max(0, run.first - 0.5 - start) / length;
    const to = Math.min(length, run.last + 0.5 - start) / length;
    part.style.setProperty("--from", String(from));
    part.style.setProperty("--span", String(to - from));
    track.append(part);
  }
}

