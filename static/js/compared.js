// A comparison as the player's modules read it: its rows as the steps of one walk, and each side's own walk.

/** @import { Comparison, Step, Trace, Walk } from "./types.js" */
import { strings } from "./strings.js";

/** @type {Trace} */
const NOTHING = {
  version: 1,
  program: { source: "", seed: 0, torch: "", expanded: false },
  tensors: [],
  storages: [],
  nodes: [],
  edges: [],
  passes: [],
  steps: [],
  stdout: "",
  notes: [],
  error: null,
};

/** One row is one step; it says what both say, or each. @param {Comparison} given @returns {Walk} */
export function rowsOf({ walks, compare }) {
  const [first, second] = walks.map((walk) => walk.trace.steps);
  const steps = compare.rows.map((row, index) => {
    const one = /** @type {Step} */ (first?.[row.first]);
    const other = /** @type {Step} */ (second?.[row.second]);
    const { phase, kind, pass } = row.moves === "second" ? other : one;
    const text =
      row.moves !== "both"
        ? strings.compare.only(row.moves === "second" ? 1 : 0, row.moves === "second" ? other.text : one.text)
        : one.text === other.text
          ? one.text
          : strings.compare.both(one.text, other.text);
    return { index, phase, kind, node: null, pass, line: null, span: null, text, sets: [] };
  });
  const seeds = steps.filter((step) => step.kind === "seed");
  const passes = seeds.map((step) => ({ pass: step.pass ?? 0, line: null, first: step.index, last: step.index }));
  const trace = { ...NOTHING, steps, passes: walks[0].trace.passes };
  return { trace, explain: { stops: { over: [], passes, iterations: [], touch: {} } }, query: "", example: null };
}

/** @param {Comparison} given @param {0 | 1} side @returns {Walk} */
export function walkOf(given, side) {
  return { ...given.walks[side], explain: {}, query: "", example: null };
}

/** The step of a side at a row. @param {Comparison} given @param {0 | 1} side @param {number} row */
export function stepAt(given, side, row) {
  const found = given.compare.rows[row];
  return found ? (side ? found.second : found.first) : 0;
}

/** Whether a side stays where it was in a row. @param {Comparison} given @param {0 | 1} side @param {number} row */
export function waits(given, side, row) {
  const moves = given.compare.rows[row]?.moves ?? "both";
  return moves !== "both" && moves !== (side ? "second" : "first");
}

/** The node of the other side that stands for one of this side. @param {Comparison} given @param {0 | 1} side @param {string} id */
export function partnerOf(given, side, id) {
  return given.compare.nodes.find((pair) => pair[side] === id)?.[side ? 0 : 1] ?? null;
}
