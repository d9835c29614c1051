// The address always holds the view: program, options, step and selection, so that copying it shares it.

/** @import { Store } from "./types.js" */
import { encode } from "./codec.js";
import { changed, queryOf } from "./query.js";

/** Browsers refuse more than a hundred or so changes in half a minute. */
const PAUSE = 350;

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
    if (state.predict !== former.predict) given = changed(given, { predict: state.predict ? "1" : null });
    const other =
      state.predict !== former.predict ||
      state.step !== former.step ||
      state.select !== former.select ||
      state.walk !== former.walk ||
      state.source !== former.source ||
      state.error !== former.error;
    if (other && !timer) timer = window.setTimeout(write, Math.max(0, PAUSE - (performance.now() - last)));
  });
  return {
    /** Writes at once, before the address is copied. */
    flush() {
      clearTimeout(timer);
      return write();
    },
  };
}
