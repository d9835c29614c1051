// An export from the server, with its progress: lines of JSON, then the file (app/web/delivery.py).

/** @import { Failure } from "../types.js" */
import { Refused } from "../answer.js";
import { strings } from "../strings.js";

/** @typedef {{name: string, type: string, size: number}} Head */

/**
 * @param {string} address
 * @param {(done: number, total: number) => void} heard
 * @param {AbortSignal} signal ends it, and the server's work
 * @returns {Promise<{head: Head, file: Blob}>}
 */
export async function fetchExport(address, heard, signal) {
  const response = await fetch(address, { signal, headers: { Accept: "application/json" } });
  if (!response.ok || !response.body) throw await refusal(response);
  const reader = response.body.getReader();
  /** @type {Head | null} */
  let head = null;
  let rest = new Uint8Array();
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const pieces = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    if (head) {
      pieces.push(new Uint8Array(value));
      continue;
    }
    rest = joined(rest, value);
    for (let end = rest.indexOf(10); end >= 0 && !head; end = rest.indexOf(10)) {
      const line = JSON.parse(new TextDecoder().decode(rest.subarray(0, end)));
      rest = rest.slice(end + 1);
      if (line.error) throw new Refused(line.error);
      if ("size" in line) head = line;
      else heard(line.done, line.total);
    }
    if (head) pieces.push(rest);
  }
  const file = new Blob(pieces, { type: head?.type ?? "" });
  if (!head || file.size !== head.size) throw new Refused(cut());
  return { head, file };
}

/** Gives a file to the browser to save. @param {Blob} file @param {string} name */
export function save(file, name) {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** @param {Response} response */
async function refusal(response) {
  const answer = await response.json().catch(() => null);
  return new Refused(answer?.error ?? cut());
}

/** @returns {Failure} */
function cut() {
  return { code: "odd", message: strings.share.cut, line: null, column: null, hint: null };
}

/** @param {Uint8Array} one @param {Uint8Array} other @returns {Uint8Array<ArrayBuffer>} */
function joined(one, other) {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
