// First, back, play, forward, last; the timeline with its phases; the clock that plays. It only sends actions.

/** @import { State, Store, Step, Trace } from "./types.js" */
import { h, need, setIcon } from "./dom.js";
import { last } from "./state.js";
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
      range.max = String(last(state));
      range.disabled = last(state) === 0;
      drawPhases(track, state.walk?.trace ?? null);
    }
    const at = state.walk?.trace.steps[state.step];
    const steps = state.walk?.trace.steps.length ?? 0;
    range.value = String(state.step);
    timeline.style.setProperty("--progress", String(last(state) ? state.step / last(state) : 0));
    timeline.dataset.phase = at?.phase ?? "";
    range.setAttribute(
      "aria-valuetext",
      at ? strings.stepValue(state.step + 1, steps, strings.phases[at.phase], at.text) : "",
    );
    count.textContent = steps ? strings.stepOf(state.step + 1, steps) : "";
    for (const [name, off] of /** @type {const} */ ([
      ["first", state.step === 0],
      ["prev", state.step === 0],
      ["next", state.step >= last(state)],
      ["last", state.step >= last(state)],
      ["toggle", last(state) === 0],
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

/** @param {HTMLElement} track @param {Trace | null} trace */
function drawPhases(track, trace) {
  track.replaceChildren();
  if (!trace) return;
  const end = Math.max(1, trace.steps.length - 1);
  const several = trace.passes.length > 1;
  for (const run of phasesOf(trace.steps)) {
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
    const from = Math.max(0, run.first - 0.5) / end;
    const to = Math.min(end, run.last + 0.5) / end;
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
    const steps = store.get().walk?.trace.steps ?? [];
    const rect = range.getBoundingClientRect();
    const thumb = 20;
    const share = (event.clientX - rect.left - thumb / 2) / (rect.width - thumb);
    const step = steps[Math.round(Math.min(1, Math.max(0, share)) * (steps.length - 1))];
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
