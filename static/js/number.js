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
  const [mantissa = "", power = "0"] = Math.abs(x).toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const extreme = num !== "fixed" && (exponent < -3 || Math.abs(x) >= 10 ** 6 - 0.5);
  if (num === "sci" || extreme || Math.abs(exponent) > 15) {
    const raised = String(Math.abs(exponent)).replace(/\d/g, (d) => SUPERSCRIPT[Number(d)] ?? d);
    return `${sign}${trimmed(mantissa)}×10${exponent < 0 ? "⁻" : ""}${raised}`;
  }
  return sign + trimmed(Math.abs(x).toFixed(Math.max(digits - 1 - exponent, 0)));
}

/** @param {string} text */
function trimmed(text) {
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}
