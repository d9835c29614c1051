// Query strings of views, changed without respelling what stays: the server's spelling is the canonical one.

/** @import { State } from "./types.js" */

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

/**
 * A query string with some parameters set, or left out where null. `first`: what is set comes first.
 * @param {string} query
 * @param {Record<string, string | null>} changes
 * @param {{first?: boolean}} [options]
 * @returns {string}
 */
export function changed(query, changes, { first = false } = {}) {
  const kept = query
    .replace(/^\?/, "")
    .split("&")
    .filter((pair) => pair && !Object.hasOwn(changes, pair.split("=", 1)[0] ?? ""));
  const set = Object.entries(changes).flatMap(([name, value]) => (value === null ? [] : [`${name}=${spelt(value)}`]));
  return (first ? [...set, ...kept] : [...kept, ...set]).join("&");
}

/** The value of a parameter, null where it isn't given. @param {string} query @param {string} name */
export function valueIn(query, name) {
  return new URLSearchParams(query).get(name);
}

/** A value as app/core/view.py spells it. @param {string} value */
function spelt(value) {
  return encodeURIComponent(value).replace(/%(?:28|29|2A|3A|2C|2F|40|21|24)/g, decodeURIComponent);
}
