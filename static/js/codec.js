// @ts-check
/**
 * Permalink codec, browser side: a program as `d1.` + base64url (no padding) of its raw-deflated UTF-8.
 * The server's side is app/core/codec.py; each decodes whatever valid stream the other makes.
 */

export const PREFIX = "d1.";
/** Longest program, in characters (Unicode code points), that a token may hold. */
export const LIMIT = 20_000;
const BYTES_PER_CHARACTER = 4;

/**
 * The token of a program.
 * @param {string} program
 * @returns {Promise<string>}
 */
export async function encode(program) {
  const packed = await through(new TextEncoder().encode(program), new CompressionStream("deflate-raw"), Infinity);
  return PREFIX + toBase64url(packed);
}

/**
 * The program of a token.
 * @param {string} token
 * @param {number} [limit] longest program, in characters
 * @returns {Promise<string>}
 * @throws {RangeError} when the token is not one, is cut short, or inflates to more than `limit`
 */
export async function decode(token, limit = LIMIT) {
  if (!token.startsWith(PREFIX)) throw new RangeError(`a program link starts with ${PREFIX}`);
  const packed = fromBase64url(token.slice(PREFIX.length));
  const bytes = await through(packed, new DecompressionStream("deflate-raw"), limit * BYTES_PER_CHARACTER);
  const program = asText(bytes);
  if (Array.from(program).length > limit) throw new RangeError(`the program is longer than ${limit} characters`);
  return program;
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function asText(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new RangeError("the program inside the link is not UTF-8 text");
  }
}

/**
 * Everything that comes out of `stream` when `bytes` go in, read piece by piece so that a small link cannot fill memory.
 * @param {Uint8Array} bytes
 * @param {GenericTransformStream} stream
 * @param {number} most bytes out
 * @returns {Promise<Uint8Array>}
 */
async function through(bytes, stream, most) {
  const writer = stream.writable.getWriter();
  // Both promises reject with the reader's error, which is the one reported.
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  const reader = stream.readable.getReader();
  /** @type {Uint8Array[]} */
  const pieces = [];
  let size = 0;
  for (;;) {
    const { value, done } = await reader.read().catch(() => {
      throw new RangeError("the program link is damaged or cut short");
    });
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel().catch(() => {});
      throw new RangeError(`the program inside the link has more than ${most} bytes`);
    }
    pieces.push(value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function toBase64url(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*=*$/.test(text)) throw new RangeError("the program link holds a foreign character");
  const plain = text.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  if (plain.length % 4 === 1) throw new RangeError("the program link is cut short");
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
}
