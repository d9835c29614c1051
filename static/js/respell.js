// The same walk with other significant digits, as a host may wish. The server draws and words it: the browser spells no number
// of a drawing or a sentence.

/** @import { Failure, Options, Store } from "./types.js" */
import { changed } from "./query.js";
import { failureOf, walkOf } from "./answer.js";
import { strings } from "./strings.js";

const MOST = 8;

/** @param {Store} store @param {Options} options its `digits` follows */
export function createRespelling(store, options) {
  /** @type {AbortController | null} */
  let current = null;

  /** @param {number} digits @returns {Promise<Failure | null>} why the numbers stayed as they were */
  return async (digits) => {
    current?.abort();
    const { walk } = store.get();
    const chosen = Math.min(MOST, Math.max(0, digits));
    if (!walk || chosen === (options.digits ?? 4)) return null;
    if (options.alone) return { code: "offline", message: strings.alone, line: null, column: null, hint: null };
    const control = (current = new AbortController());
    try {
      const query = changed(walk.query, { digits: String(chosen) });
      const other = await walkOf(await fetch(new URL(`/api/walk?${query}`, location.href), { signal: control.signal }));
      if (control.signal.aborted) return null;
      options.digits = chosen;
      store.dispatch({ type: "respelt", walk: other });
      return null;
    } catch (error) {
      return control.signal.aborted ? null : failureOf(error);
    }
  };
}
