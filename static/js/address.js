// The address always holds the view: program, options, step and selection, so that copying it shares it.

/** @import { State, Store } from "./types.js" */
import { encode } from "./codec.js";

/** Browsers refuse more than a hundred or so changes in half a minute. */
const PAUSE = 350;

/**
 * The query string of a state.
 * @param {State} state
 * @param {string | null} token the program's token where no walk holds it
 * @returns {string}
 */
export function queryOf(state, token = null) {
  const kept = (token === null ? (state.walk?.query ?? "").replace(/^\?/, "") : `c=${token}`)
    .split("&")
    .filter((pair) => pair && !/^(step|select|theme)=/.test(pair));
  if (state.step > 0) kept.push(`step=${state.step}`);
  if (state.select) kept.push(`select=${state.select}`);
  return kept.join("&");
}

/** @param {Store} store */
export function mountAddress(store) {
  let timer = 0;
  let last = 0;
  const theme = new URLSearchParams(location.search).get("theme");

  async function write() {
    timer = 0;
    last = performance.now();
    const state = store.get();
    const token = state.walk !== null && state.source === state.ran ? null : await encode(state.source);
    const query = queryOf(state, token) + (theme && state.theme === theme ? `&theme=${theme}` : "");
    if (store.get() === state) history.replaceState(history.state, "", `${location.pathname}?${query}`);
  }
  store.subscribe((state, former) => {
    const changed =
      state.step !== former.step ||
      state.select !== former.select ||
      state.walk !== former.walk ||
      state.source !== former.source ||
      state.error !== former.error;
    if (changed && !timer) timer = window.setTimeout(write, Math.max(0, PAUSE - (performance.now() - last)));
  });
  return {
    /** Writes at once, before the address is copied. */ flush: () => {
      clearTimeout(timer);
      return write();
    },
  };
}
