// The text of one number, spelt as app/core/number.py spells it in sentences and drawings (a test compares the two).

/** @import { Scalar } from "./types.js" */

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * @param {Scalar | null} x
 * @param {{digits?: number, num?: string, whole?: boolean}} [options] `whole`: the number is of an integer type, hence exact
 * @returns {string}
 */
export function numberText(x, { digits = 4, num = "auto", whole = false } = {}) {
  if (x === null) return "None";
  if (typeof x === "boolean") return x ? "True" : "False";
  if (typeof x === "string") return x === "inf" ? "∞" : x === "-inf" ? "−∞" : "nan";
  if (typeof x === "object") {
    const imaginary = numberText(/** @type {Scalar} */ (x.im), { digits, num });
    return `${numberText(/** @type {Scalar} */ (x.re), { digits, num })}${imaginary.startsWith("−") ? "" : "+"}${imaginary}j`;
  }
  if (whole && num !== "sci") return String(x).replace("-", "−");
  return floatText(x, Math.max(digits, 1), num);
}

/** @param {number} x @param {number} digits @param {string} num */
function floatText(x, digits, num) {
  if (x === 0) return "0";
  const sign = x < 0 ? "−" : "";
  const [mantissa = "", power = "0"] = exponential(Math.abs(x), digits - 1);
  const exponent = Number(power);
  const extreme = num !== "fixed" && (exponent < -3 || Math.abs(x) >= 10 ** 6 - 0.5);
  if (num === "sci" || extreme || Math.abs(exponent) > 15) {
    const raised = String(Math.abs(exponent)).replace(/\d/g, (d) => SUPERSCRIPT[Number(d)] ?? d);
    return `${sign}${trimmed(mantissa)}×10${exponent < 0 ? "⁻" : ""}${raised}`;
  }
  return sign + trimmed(fixed(Math.abs(x), Math.max(digits - 1 - exponent, 0)));
}

// JavaScript rounds an exact tie up, Python to the even digit: 2.5 to one digit is "3" there and "2" here.

/** @param {number} x @param {number} digits after the point @returns {string[]} mantissa and exponent */
function exponential(x, digits) {
  const [exact = "", power = "0"] = x.toExponential(100).split("e");
  return tiedToEven(exact, digits)
    ? [exact.slice(0, digits && digits + 2) || exact.slice(0, 1), power]
    : x.toExponential(digits).split("e");
}

/** @param {number} x @param {number} digits after the point */
function fixed(x, digits) {
  const exact = x.toFixed(100);
  return tiedToEven(exact, digits) ? exact.slice(0, exact.indexOf(".") + (digits && digits + 1)) : x.toFixed(digits);
}

/**
 * Whether what follows the digits is an exact half, after an even digit.
 * @param {string} exact
 * @param {number} digits after the point
 */
function tiedToEven(exact, digits) {
  const cut = exact.indexOf(".") + 1 + digits;
  const before = exact[digits ? cut - 1 : cut - 2] ?? "0";
  return /^50*$/.test(exact.slice(cut)) && Number(before) % 2 === 0;
}

/** @param {string} text */
function trimmed(text) {
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}
