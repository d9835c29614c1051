// The player's state and how actions change it: pure functions, no DOM, no clock.

/** @import { Action, Part, State, Store, Walk } from "./types.js" */

export const DEFAULT_INTERVAL = 1500;

/**
 * @param {Walk | null} walk
 * @param {Partial<State>} [given]
 * @returns {State}
 */
export function initial(walk, given = {}) {
  /** @type {Part} */
  const part = given.part ?? { range: null, phase: "both" };
  const state = {
    walk,
    part,
    bounds: boundsOf(walk, part),
    source: walk?.trace.program.source ?? "",
    ran: "",
    step: 0,
    playing: false,
    interval: DEFAULT_INTERVAL,
    select: null,
    partial: false,
    predict: false,
    asking: false,
    ask: /** @type {const} */ ("auto"),
    known: 0,
    running: 0,
    live: false,
    error: null,
    theme: /** @type {const} */ ("auto"),
    report: null,
    ...given,
  };
  const step = clamp(state, state.step);
  return arrive({ ...state, ran: state.source, known: step - 1 }, step);
}

/**
 * What Predict hasn't shown yet is asked for where the walk arrives; what lies before is known.
 * @param {State} state @param {number} step @returns {State}
 */
function arrive(state, step) {
  const asking = state.predict && step > state.known && brings(state.walk, step);
  return { ...state, step, asking, known: Math.max(state.known, asking ? step - 1 : step) };
}

/** The last step whose numbers may be shown anywhere. @param {State} state */
export const tellable = (state) => (state.predict ? state.known : Infinity);

/** The step that the picture shows: where the next node is the question, that before it. @param {State} state */
export const shownStep = (state) => (state.asking && state.ask === "node" ? Math.max(0, state.step - 1) : state.step);

/** Steps that bring a number, which Predict asks for. */
const BRINGING = ["compute", "backward", "accumulate", "capture", "update"];

/** @param {Walk | null} walk @param {number} step */
function brings(walk, step) {
  return BRINGING.includes(walk?.trace.steps[step]?.kind ?? "");
}

/** The first step that is walked. @param {Pick<State, "bounds">} state */
export const first = (state) => state.bounds[0];
/** The last step that is walked; 0 without a walk. @param {Pick<State, "bounds">} state */
export const last = (state) => state.bounds[1];

/**
 * The steps that a view walks: its range within its phase; where nothing would be left, the phase alone.
 * `app.core.view.resolve_range` says the same of exports.
 * @param {Walk | null} walk
 * @param {Part} part
 * @returns {[number, number]}
 */
export function boundsOf(walk, { range, phase }) {
  const steps = walk?.trace.steps ?? [];
  let [from, to] = [0, Math.max(0, steps.length - 1)];
  const seed = phase === "both" ? -1 : steps.findIndex((step) => step.kind === "seed");
  if (seed >= 0 && phase === "forward") to = Math.max(0, seed - 1);
  if (seed >= 0 && phase === "backward") from = seed;
  if (!range || range[0] > to || range[1] < from) return [from, to];
  return [Math.max(from, range[0]), Math.min(to, range[1])];
}

/** @param {Pick<State, "bounds">} state @param {number} step */
function clamp(state, step) {
  return Math.min(last(state), Math.max(first(state), Number.isFinite(step) ? Math.trunc(step) : 0));
}

/**
 * A step that is asked for by hand stops the play and gives the inspector back to the step's own node, or to `select`.
 * @param {State} state @param {number} step @param {string | null} [select] @returns {State}
 */
function go(state, step, select = null) {
  const clamped = clamp(state, step);
  if (clamped === state.step && !state.playing && state.select === select) return state;
  return arrive({ ...state, playing: false, select }, clamped);
}

/** @param {State} state @param {Action} action @returns {State} */
export function reduce(state, action) {
  switch (action.type) {
    case "goto":
      return go(state, action.step, action.select);
    case "next":
      return state.asking ? reveal(state) : go(state, state.step + 1);
    case "prev":
      return go(state, state.step - 1);
    case "first":
      return go(state, first(state));
    case "last":
      return go(state, last(state));
    case "play":
      return play(state);
    case "pause":
      return state.playing ? { ...state, playing: false } : state;
    case "toggle":
      return state.playing ? { ...state, playing: false } : play(state);
    case "tick": {
      if (!state.playing) return state;
      const next = arrive({ ...state, select: null }, clamp(state, state.step + 1));
      return { ...next, playing: next.step < last(next) && !next.asking };
    }
    case "interval":
      return { ...state, interval: Math.min(60_000, Math.max(100, action.interval)) };
    case "select":
      return action.id === state.select ? state : { ...state, select: action.id, playing: false };
    case "typed":
      return action.source === state.source ? state : { ...state, source: action.source, playing: false };
    case "theme":
      return { ...state, theme: action.theme };
    case "started":
      return { ...state, running: action.run, live: action.live ?? false };
    case "walked":
      return action.run === state.running ? walked(state, action) : state;
    case "respelt":
      return { ...state, walk: action.walk };
    case "failed":
      return action.run === state.running ? { ...state, running: 0, error: action.error, playing: false } : state;
    case "cleaned":
      return { ...state, source: action.source, ran: action.source };
    case "stopped":
      return { ...state, running: 0, live: false };
    case "partial":
      return { ...state, partial: action.on };
    case "predict":
      return { ...state, predict: action.on, asking: false, known: state.step, playing: false };
    case "ask":
      return { ...state, ask: action.kind };
    case "reveal":
      return reveal(state);
    case "checked":
      return action.walk === state.walk ? { ...state, report: action.report } : state;
    case "dismissed":
      return { ...state, error: null };
  }
}

/** @param {State} state @returns {State} */
function reveal(state) {
  return state.asking ? { ...state, asking: false, known: Math.max(state.known, state.step) } : state;
}

/** From the last step, play starts again at the first; a question that is open is given up. @param {State} state @returns {State} */
function play(state) {
  if (last(state) === first(state)) return state;
  const step = state.step >= last(state) ? first(state) : state.step;
  return { ...reveal(state), playing: true, select: null, step };
}

/**
 * A changed number leaves the viewer where they are; another program starts at its start.
 * @param {State} state @param {Extract<Action, {type: "walked"}>} action @returns {State}
 */
function walked(state, { walk, ran, step, source }) {
  const same = state.walk !== null && sameShape(state.walk, walk);
  const bounds = boundsOf(walk, state.part);
  const next = { ...state, walk, bounds, running: 0, error: null, report: null, playing: false, source: source ?? state.source, ran };
  const at = clamp(next, step ?? (same ? state.step : first(next)));
  return arrive({ ...next, known: same ? state.known : at - 1, select: same ? state.select : null }, at);
}

/** Whether two walks have the same steps over the same nodes. @param {Walk} one @param {Walk} other */
export function sameShape(one, other) {
  const a = one.trace.steps;
  const b = other.trace.steps;
  return a.length === b.length && a.every((step, k) => step.kind === b[k]?.kind && step.node === b[k]?.node);
}

/** @param {State} state @returns {Store} */
export function createStore(state) {
  /** @type {Set<(state: State, former: State) => void>} */
  const listeners = new Set();
  return {
    get: () => state,
    dispatch(action) {
      const former = state;
      state = reduce(former, action);
      if (state !== former) for (const listener of [...listeners]) listener(state, former);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
