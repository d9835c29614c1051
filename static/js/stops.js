// The stops of a walk besides its steps, as the server lists them: where a call, a pass or an iteration begins or ends.

/** @import { State, Stops, Walk } from "./types.js" */

/** @typedef {"over" | "pass" | "iteration" | "touch"} Kind */

/** @type {Stops} */
const NONE = { over: [], passes: [], iterations: [], touch: {} };

/** @param {Walk | null} walk @returns {Stops} */
export const stopsOf = (walk) => walk?.explain.stops ?? NONE;

/**
 * The steps to stop at, in order.
 * @param {State} state @param {Kind} kind @returns {number[]}
 */
export function listed(state, kind) {
  const stops = stopsOf(state.walk);
  if (kind === "over") return stops.over;
  if (kind === "pass") return stops.passes.map((pass) => pass.first);
  if (kind === "iteration") return stops.iterations.map((one) => one.first);
  return stops.touch[touched(state) ?? ""] ?? [];
}

/** The node whose steps are meant: the chosen one, else the step's own. @param {State} state @returns {string | null} */
export function touched(state) {
  const { select, walk, step } = state;
  if (select?.startsWith("n")) return select;
  if (select?.startsWith("path:")) return select.split(":")[1] ?? null;
  return walk?.trace.steps[step]?.node ?? null;
}

/**
 * The next stop before or behind the current step, within the part that is walked; null where there is none.
 * @param {State} state @param {Kind} kind @param {1 | -1} way
 */
export function stopFrom(state, kind, way) {
  const [first, last] = state.bounds;
  const within = listed(state, kind).filter((step) => step >= first && step <= last);
  return (
    (way > 0 ? within.find((step) => step > state.step) : within.findLast((step) => step < state.step)) ?? null
  );
}

/** The iteration that a step lies in, from 0; -1 outside. @param {Stops} stops @param {number} step */
export function iterationAt(stops, step) {
  return stops.iterations.findIndex((one) => one.first <= step && step <= one.last);
}
