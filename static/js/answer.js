// What the server answered: a walk, or why there is none.

/** @import { Failure, Walk } from "./types.js" */
import { strings } from "./strings.js";

/** Why the server gave nothing. */
export class Refused extends Error {
  /** @param {Failure} failure */
  constructor(failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** An answer that is none of ours. */
export const odd = () => new Refused({ code: "odd", message: strings.odd, line: null, column: null, hint: null });

/** The JSON of an answer that is no error. @param {Response} response @returns {Promise<any>} */
export async function jsonOf(response) {
  const answer = await response.json().catch(() => null);
  const retry = Number(response.headers.get("Retry-After")) || null;
  if (answer?.error?.message) throw new Refused({ ...answer.error, retry });
  if (!response.ok || !answer) throw odd();
  return answer;
}

/** The walk in the server's answer. @param {Response} response @returns {Promise<Walk>} */
export async function walkOf(response) {
  const answer = await jsonOf(response);
  if (!answer.trace?.steps) throw odd();
  return answer;
}

/** @param {unknown} error @returns {Failure} */
export function failureOf(error) {
  if (error instanceof Refused) return error.failure;
  return { code: "unreachable", message: strings.unreachable, line: null, column: null, hint: null };
}
