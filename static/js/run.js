// Asks the server to walk a program. A newer run drops the older one; what fails leaves the last good walk in place.

/** @import { Failure, Options, Store, Walk } from "./types.js" */
import { failureOf, jsonOf, odd } from "./answer.js";

/** Options of the view that change the walk or its drawing, hence go with each run. */
const SENT = /** @type {const} */ (["seed", "let", "root", "cotangent", "eta", "dir", "detail", "digits", "num", "names"]);

/** @typedef {{source?: string, ex?: string}} Program */

/** Milliseconds from one run of a dragged number to the next: a server starts 20 runs a second for one visitor. */
const LIVE_GAP = 56;

/** Errors that another try may be spared. */
const PASSING = new Set(["rate_limited", "busy"]);

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {Store} store @param {Options} options */
export function createRunner(store, options) {
  let count = 0;
  let timer = 0;
  /** @type {AbortController | null} */
  let current = null;
  /** @type {Program} what runs now, or ran last */
  let latest = {};

  /**
   * @param {Program} program
   * @param {{step?: number}} and
   * @param {boolean} live
   * @returns {Promise<{walk?: Walk, failure?: Failure}>} neither where a newer run took its place
   */
  async function start(program, and, live) {
    clearTimeout(timer);
    current?.abort();
    const control = (current = new AbortController());
    const ticket = ++count;
    latest = program;
    store.dispatch({ type: "started", run: ticket, live });
    try {
      const walk = await ask(program, sent(options), control.signal);
      const source = program.ex ? walk.trace.program.source.replace(/\n+$/, "") : undefined;
      store.dispatch({
        type: "walked",
        run: ticket,
        walk,
        ran: source ?? program.source ?? "",
        ...and,
        ...(source === undefined ? {} : { source }),
      });
      return { walk };
    } catch (error) {
      if (control.signal.aborted) return {};
      const failure = failureOf(error);
      if (failure.code === "bad_view" && options.let && program.source !== undefined) {
        // The names that the address gave values to are gone: the text is a program now.
        options.let = null;
        return start(program, and, live);
      }
      if (!live || !PASSING.has(failure.code)) store.dispatch({ type: "failed", run: ticket, error: failure });
      return { failure };
    }
  }

  let busy = false;
  let last = 0;
  /** @type {Program | null} */
  let waiting = null;

  /** One run at a time, then the latest number that was asked for; those between are never sent. */
  async function keepUp() {
    if (busy) return;
    busy = true;
    while (waiting) {
      await sleep(Math.max(0, last + LIVE_GAP - performance.now()));
      const next = waiting;
      if (!next) break;
      waiting = null;
      last = performance.now();
      const { failure } = await start(next, {}, true);
      if (!failure || !PASSING.has(failure.code)) continue;
      waiting ??= next;
      await sleep(1000 * (failure.retry ?? 1));
    }
    busy = false;
  }

  /** @param {Program} program @param {{step?: number}} [and] */
  async function run(program, and = {}) {
    waiting = null;
    const { walk } = await start(program, and, false);
    return walk ?? null;
  }

  return {
    run,
    /** For a number that is being dragged. @param {Program} program */
    live(program) {
      clearTimeout(timer);
      waiting = program;
      keepUp();
    },
    /** The last number of a drag: what still runs for an older one is dropped. @param {Program} program */
    settle(program) {
      if (latest.source === program.source && !waiting) return;
      waiting = program;
      current?.abort();
      keepUp();
    },
    /** Runs after a pause, so that typing isn't interrupted. @param {Program} program @param {number} pause ms */
    soon(program, pause) {
      clearTimeout(timer);
      timer = window.setTimeout(() => run(program), pause);
    },
    /** Gives up what runs now; the last walk stays. */
    stop() {
      waiting = null;
      clearTimeout(timer);
      current?.abort();
      store.dispatch({ type: "stopped" });
    },
    /** The last program once more. */
    again() {
      const { source } = store.get();
      return run(latest.ex ? latest : { source });
    },
  };
}

/** @param {Options} options */
export function sent(options) {
  /** @type {Record<string, unknown>} */
  const chosen = {};
  for (const name of SENT) {
    const value = options[name];
    if (value !== undefined && value !== null) chosen[name] = value;
  }
  return chosen;
}

/**
 * The server's answer to a JSON body; throws where it is an error.
 * @param {string} path @param {Record<string, unknown>} body @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function post(path, body, signal) {
  const response = await fetch(new URL(path, location.href), {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  return jsonOf(response);
}

/**
 * @param {Program} program
 * @param {Record<string, unknown>} chosen
 * @param {AbortSignal} signal
 * @returns {Promise<Walk>}
 */
async function ask(program, chosen, signal) {
  const answer = await post("/api/walk", { ...chosen, ...program }, signal);
  if (!answer.trace?.steps) throw odd();
  return answer;
}
