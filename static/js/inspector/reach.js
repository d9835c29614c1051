// One cell through the whole graph: the server is asked which cells it depends on and which depend on it.

/** @import { Store } from "../types.js" */
/** @import { Lookup } from "../trace.js" */
/** @import { Picked } from "./inspector.js" */
/** @import { Lit } from "./lights.js" */
import { post, programOf } from "../checking.js";

/** @typedef {{node: string, output: number, cells: number[]}} Reached */
/** @typedef {{lit: Lit, elements: Record<string, {latex: string}>}} Reach `elements`: by edge, the rule at the cell */

/**
 * @param {Store} store @param {Lookup} at @param {Picked} picked
 * @returns {Promise<Reach | null>} null where the server can't tell
 */
export async function reach(store, at, picked) {
  const edge = picked.edge === null ? null : at.edges.get(picked.edge);
  const node = edge ? edge.source : picked.node;
  const names = new URLSearchParams(store.get().walk?.query ?? "").get("names");
  const body = { ...programOf(store.get()), ...(names ? { names } : {}), node, index: picked.index, output: edge?.output ?? 0 };
  /** @type {{backward: Reached[], forward: Reached[], elements?: Reach["elements"]} | null} */
  const found = await post("/api/cells", body).catch(() => null);
  if (!found) return null;
  const shown = [...found.backward, ...found.forward].filter((one) => one.output === 0);
  const lit = [{ node, places: [picked.place] }, ...shown.map((one) => ({ node: one.node, places: one.cells }))];
  return { lit, elements: edge ? {} : (found.elements ?? {}) };
}
