// Asks the server to rewrite the program: other numbers for a tensor, one more step of gradient descent. The text that comes
// back replaces the editor's and is run; nothing else holds a value.

/** @import { Failure, Options, Store } from "./types.js" */
import { failureOf } from "./answer.js";
import { post, sent } from "./run.js";

/** @typedef {{source: string, numbers?: string[]}} Rewritten `numbers`: those of the tensor, as the program spells them */
/** @typedef {ReturnType<typeof createRewriter>} Rewriter */

/** @param {Store} store @param {Options} options */
export function createRewriter(store, options) {
  /**
   * @param {"value" | "step"} what @param {Record<string, unknown>} [more]
   * @returns {Promise<{made: Rewritten} | {failure: Failure}>}
   */
  async function ask(what, more = {}) {
    const { walk, ran } = store.get();
    const program = walk?.example && walk.trace.program.source.replace(/\n+$/, "") === ran ? { ex: walk.example.name } : { source: ran };
    try {
      return { made: await post(`/api/edit/${what}`, { ...sent(options), ...program, ...more }) };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }
  return {
    /** Other numbers for a node; without any, those that it has. @param {string} node @param {string[]} [numbers] */
    value: (node, numbers) => ask("value", numbers ? { node, numbers } : { node }),
    step: () => ask("step"),
  };
}
