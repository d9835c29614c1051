// First, back, play, forward, last; the timeline with its phases; the clock that plays. It only sends actions.

/** @import { State, Store, Step, Trace } from "./types.js" */
import { h, need, setIcon } from "./dom.js";
import { first, last } from "./state.js";
import { strings } from "./strings.js";

const SPEEDS = [0.5, 1, 2, 4];
const NORMAL = 1500;

/** @param {HTMLElement} root @param {Store} store */
export function mountTransport(root, store) {
  const range = /** @type {HTMLInputElement} */ (need(root, "[data-timeline]"));
  const track = need(root, "[data-phases]");
  // An inherited property on the root would cost a new style for every element of the drawing at each step.
  const timeline = need(root, ".timeline");
  const count = need(root, "[data-count]");
  const play = need(root, "[data-do=toggle]");
  const speed = root.querySelector("[data-speed]");
  const preview = root.querySelector("[data-preview]");
  let timer = 0;

  for (const button of root.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => {
      const type = /** @type {"first" | "prev" | "toggle" | "next" | "last"} */ (button.getAttribute("data-do"));
      store.dispatch({ type });
    });
  }
  range.addEventListener("input", () => store.dispatch({ type: "goto", step: Number(range.value) }));
  speed?.addEventListener("click", () => {
    const now = SPEEDS.indexOf(NORMAL / store.get().interval);
    store.dispatch({ type: "interval", interval: NORMAL / (SPEEDS[(now + 1) % SPEEDS.length] ?? 1) });
  });
  if (preview instanceof HTMLElement) hover(range, preview, store);

  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    if (state.walk !== former?.walk) {
      range.min = String(first(state));
      range.max = String(last(state));
      range.disabled = last(state) === first(state);
      drawPhases(track, state.walk?.trace ?? null, state.bounds);
    }
    const at = state.walk?.trace.steps[state.step];
    const steps = state.walk?.trace.steps.length ?? 0;
    range.value = String(state.step);
    timeline.style.setProperty("--progress", String(share(state)));
    timeline.dataset.phase = at?.phase ?? "";
    range.setAttribute(
      "aria-valuetext",
      at ? strings.stepValue(state.step + 1, steps, strings.phases[at.phase], state.asking ? "?" : at.text) : "",
    );
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
    if (speed && state.interval !== former?.interval) {
      const factor = `${Number((NORMAL / state.interval).toPrecision(2))}×`;
      speed.textContent = factor;
      speed.setAttribute("aria-label", strings.speed(factor));
    }
    if (state.playing !== former?.playing || state.interval !== former?.interval) {
      clearInterval(timer);
      if (state.playing) timer = window.setInterval(() => store.dispatch({ type: "tick" }), state.interval);
    }
  }
  update(store.get(), null);
  store.subscribe(update);
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

/**
 * What a step says, shown above the timeline under the pointer.
 * @param {HTMLInputElement} range
 * @param {HTMLElement} preview
 * @param {Store} store
 */
function hover(range, preview, store) {
  range.addEventListener("pointermove", (event) => {
    const state = store.get();
    const steps = state.walk?.trace.steps ?? [];
    const rect = range.getBoundingClientRect();
    const thumb = 20;
    const along = (event.clientX - rect.left - thumb / 2) / (rect.width - thumb);
    const step = steps[Math.round(first(state) + Math.min(1, Math.max(0, along)) * (last(state) - first(state)))];
    if (!step) return;
    preview.textContent = `${step.index + 1} · ${step.text}`;
    preview.hidden = false;
    const half = preview.offsetWidth / 2;
    preview.style.left = `${Math.min(rect.width - half, Math.max(half, event.clientX - rect.left))}px`;
  });
  range.addEventListener("pointerleave", () => {
    preview.hidden = true;
  });
}
