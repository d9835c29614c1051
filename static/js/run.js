// Asks the server to walk a program. A newer run drops the older one; what fails leaves the last good walk in place.

/** @import { Failure, Options, Store, Walk } from "./types.js" */
import { strings } from "./strings.js";

/** Options of the view that change the walk or its drawing, hence go with each run. */
const SENT = /** @type {const} */ (["seed", "let", "root", "dir", "detail", "digits", "num"]);

/** @typedef {{source?: string, ex?: string}} Program */

/** @param {Store} store @param {Options} options */
export function createRunner(store, options) {
  let count = 0;
  let timer = 0;
  /** @type {AbortController | null} */
  let current = null;

  /** @param {Program} program @param {{step?: number}} [and] */
  async function run(program, and = {}) {
    clearTimeout(timer);
    current?.abort();
    const control = (current = new AbortController());
    const ticket = ++count;
    store.dispatch({ type: "started", run: ticket });
    try {
      const walk = await ask(program, sent(options, program), control.signal);
      const source = program.ex ? walk.trace.program.source.replace(/\n+$/, "") : undefined;
      store.dispatch({
        type: "walked",
        run: ticket,
        walk,
        ran: source ?? program.source ?? "",
        ...and,
        ...(source === undefined ? {} : { source }),
      });
      return walk;
    } catch (error) {
      if (!control.signal.aborted) store.dispatch({ type: "failed", run: ticket, error: failureOf(error) });
      return null;
    }
  }

  let busy = false;
  /** @type {Program | null} */
  let waiting = null;

  return {
    run,
    /**
     * For a number that is being dragged: one run at a time, and then the latest that was asked for.
     * @param {Program} program
     */
    async live(program) {
      waiting = program;
      if (busy) return;
      busy = true;
      while (waiting) {
        const next = waiting;
        waiting = null;
        await run(next);
      }
      busy = false;
    },
    /** Runs after a pause, so that typing isn't interrupted. @param {Program} program @param {number} pause ms */
    soon(program, pause) {
      clearTimeout(timer);
      timer = window.setTimeout(() => run(program), pause);
    },
  };
}

/**
 * A root and values belong to the program that the address named, not to a gallery example chosen later.
 * @param {Options} options
 * @param {Program} program
 */
function sent(options, program) {
  /** @type {Record<string, unknown>} */
  const chosen = {};
  for (const name of SENT) {
    const value = options[name];
    if (
      value !== undefined &&
      value !== null &&
      !(program.ex && (name === "let" || name === "root" || name === "seed"))
    )
      chosen[name] = value;
  }
  return chosen;
}

class Refused extends Error {
  /** @param {Failure} failure */
  constructor(failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/**
 * @param {Program} program
 * @param {Record<string, unknown>} chosen
 * @param {AbortSignal} signal
 * @returns {Promise<Walk>}
 */
async function ask(program, chosen, signal) {
  const response = await fetch(new URL("/api/walk", location.href), {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ ...chosen, ...program }),
    signal,
  });
  /** @type {any} */
  const answer = await response.json().catch(() => null);
  if (answer?.error?.message) throw new Refused(answer.error);
  if (!response.ok || !answer?.trace?.steps)
    throw new Refused({ code: "odd", message: strings.odd, line: null, column: null, hint: null });
  return answer;
}

/** @param {unknown} error @returns {Failure} */
function failureOf(error) {
  if (error instanceof Refused) return error.failure;
  return { code: "unreachable", message: strings.unreachable, line: null, column: null, hint: null };
}
