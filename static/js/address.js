// The address always holds the view: program, options, step and selection, so that copying it shares it.

/** @import { State, Store } from "./types.js" */
import { encode } from "./codec.js";

/** Browsers refuse more than a hundred or so changes in half a minute. */
const PAUSE = 350;

/** Options that the server's query doesn't hold, as they change neither the walk nor its drawing: the address's own are kept. */
const CARRIED = /^(?:range|phase|theme|bg|scale|controls|show|autoplay|interval|keys|predict|text)=/;
const OWN = /^(?:step|select)=/;

/**
 * The query string of a state.
 * @param {State} state
 * @param {{token?: string | null, given?: string}} [from] `token`: the program's, where no walk holds it; `given`: the
 *   query string that the page was opened with
 * @returns {string}
 */
export function queryOf(state, { token = null, given = "" } = {}) {
  const pairs = (/** @type {string} */ query) => query.replace(/^\?/, "").split("&");
  const kept = pairs(token === null ? (state.walk?.query ?? "") : `c=${token}`).filter(
    (pair) => pair && !OWN.test(pair) && !CARRIED.test(pair),
  );
  kept.push(...pairs(given).filter((pair) => CARRIED.test(pair)));
  if (state.step > 0) kept.push(`step=${state.step}`);
  if (state.select) kept.push(`select=${state.select}`);
  return kept.join("&");
}

/** @param {Store} store */
export function mountAddress(store) {
  let timer = 0;
  let last = 0;
  let given = location.search;

  async function write() {
    timer = 0;
    last = performance.now();
    const state = store.get();
    const token = state.walk !== null && state.source === state.ran ? null : await encode(state.source);
    if (store.get() === state) {
      history.replaceState(history.state, "", `${location.pathname}?${queryOf(state, { token, given })}`);
    }
  }
  store.subscribe((state, former) => {
    // A theme chosen by hand is the viewer's, not the link's.
    if (state.theme !== former.theme) given = given.replace(/(?<=[?&])theme=[^&]*&?/, "");
    const changed =
      state.step !== former.step ||
      state.select !== former.select ||
      state.walk !== former.walk ||
      state.source !== former.source ||
      state.error !== former.error;
    if (changed && !timer) timer = window.setTimeout(write, Math.max(0, PAUSE - (performance.now() - last)));
  });
  return {
    /** Writes at once, before the address is copied. */
    flush() {
      clearTimeout(timer);
      return write();
    },
  };
}
