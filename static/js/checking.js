// The check by finite differences: asks the server for it, keeps what it said of the walk, and marks the cards of the graph.

/** @import { Checked, Report, State, Store, Walk } from "./types.js" */
import { strings } from "./strings.js";

/** Worst first, as the server orders them. */
export const STATUSES = /** @type {const} */ (["mismatch", "nonsmooth", "ok", "not_checked"]);

/**
 * The program of a walk as the server's routes take it: what its address names, the editor's text where that is a program.
 * @param {State} state
 * @returns {Record<string, unknown>}
 */
export function programOf(state) {
  const query = new URLSearchParams(state.walk?.query ?? "");
  /** @type {Record<string, unknown>} */
  const body = {};
  for (const name of ["seed", "let", "root", "cotangent", "expr", "ex"]) {
    const value = query.get(name);
    if (value !== null) body[name] = value;
  }
  return "expr" in body || "ex" in body ? body : { ...body, source: state.walk?.trace.program.source ?? state.ran };
}

/**
 * @param {string} path @param {Record<string, unknown>} body
 * @returns {Promise<any>} the answer's JSON; rejects with what the server says is wrong
 */
export async function post(path, body) {
  const response = await fetch(new URL(path, location.href), {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error(strings.unreachable);
  });
  /** @type {any} */
  const answer = await response.json().catch(() => null);
  if (!response.ok || answer === null) throw new Error(answer?.error?.message ?? strings.odd);
  return answer;
}

/** Asks for the check of the walk that is shown. @param {Store} store */
export async function check(store) {
  const state = store.get();
  const { walk } = state;
  if (!walk || state.report === "asked") return;
  store.dispatch({ type: "checked", walk, report: "asked" });
  try {
    /** @type {Report} */
    const report = await post("/api/check", programOf(state));
    store.dispatch({ type: "checked", walk, report });
  } catch (error) {
    store.dispatch({ type: "checked", walk, report: { failed: error instanceof Error ? error.message : strings.odd } });
  }
}

/** The report of a state, where there is one. @param {State} state @returns {Report | null} */
export function reportOf(state) {
  return state.report && typeof state.report === "object" && "nodes" in state.report ? state.report : null;
}

/** By node, the worst that was found of it: as an operation, or as a leaf in any pass. @param {Report} report */
export function verdicts(report) {
  /** @type {Map<string, Pick<Checked, "status" | "reason">>} */
  const found = new Map();
  for (const one of [...report.nodes, ...report.leaves]) {
    const known = found.get(one.node);
    if (!known || STATUSES.indexOf(one.status) < STATUSES.indexOf(known.status)) found.set(one.node, one);
  }
  return found;
}

const MARKS = {
  ok: "M-5 0.5L-1.5 4L5 -4",
  mismatch: "M-4 -4L4 4M4 -4L-4 4",
  nonsmooth: "M-5 -3L0 4L5 -3",
  not_checked: "M-4 0H4",
};

/** Marks every checked card of the drawing. @param {HTMLElement} stage @param {Store} store */
export function mountMarks(stage, store) {
  /** @param {State} state */
  function draw(state) {
    for (const mark of stage.querySelectorAll(".verdict")) mark.remove();
    const report = reportOf(state);
    if (!report) return;
    for (const [id, one] of verdicts(report)) {
      const card = [...stage.querySelectorAll(`[data-node~="${id}"]`)].find((element) =>
        element.matches(".node:not(.reference)"),
      );
      card?.append(mark(one));
    }
  }
  store.subscribe((state, former) => {
    // After the player has put a new drawing in its place.
    if (state.report !== former.report || state.walk !== former.walk) queueMicrotask(() => draw(store.get()));
  });
}

/** @param {Pick<Checked, "status" | "reason">} one */
function mark({ status, reason }) {
  const make = (/** @type {string} */ name, /** @type {Record<string, string>} */ attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const group = make("g", { class: `verdict ${status}`, transform: "translate(3 3)" });
  const title = make("title", {});
  title.textContent = reason ? `${strings.check.statuses[status]}: ${reason}` : strings.check.statuses[status];
  group.append(make("circle", { r: "11" }), make("path", { d: MARKS[status] }), title);
  return group;
}

/** @param {Walk | null} walk @param {Report} report @param {string} edge */
export function edgeVerdict(walk, report, edge) {
  const target = walk?.trace.edges.find((one) => one.id === edge)?.target;
  return report.nodes.find((one) => one.node === target)?.edges.find((one) => one.edge === edge);
}
