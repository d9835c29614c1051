// Places in source text. A Trace counts columns in characters (code points); JavaScript and the editor in UTF-16 units.

/** @import { Span } from "./types.js" */

/** UTF-16 offset of a column in a line. @param {string} line @param {number} column */
export function unitOf(line, column) {
  let unit = 0;
  for (let left = column; left > 0 && unit < line.length; left--)
    unit += (line.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  return unit;
}

/** Column in characters of a UTF-16 offset. @param {string} line @param {number} unit */
export function columnOf(line, unit) {
  return [...line.slice(0, unit)].length;
}

/** Whether a span holds a place. @param {Span} span @param {number} line @param {number} column */
export function holds([top, left, bottom, right], line, column) {
  return (line > top || (line === top && column >= left)) && (line < bottom || (line === bottom && column <= right));
}

/** For choosing the narrowest of several spans. @param {Span} span */
export function extent([top, left, bottom, right]) {
  return (bottom - top) * 10_000 + right - left;
}
