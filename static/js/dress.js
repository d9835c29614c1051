// How a view is dressed beside its drawing: colours, ground and size. The page, the embed and a host's `set` share it.

/** @import { Options, Theme } from "./types.js" */

export const THEMES = /** @type {const} */ (["auto", "light", "dark", "contrast"]);
const LEAST = 0.5;
const MOST = 3;

/** A theme that there is, else null. @param {unknown} theme @returns {Theme | null} */
export function themeOf(theme) {
  return THEMES.find((one) => one === theme) ?? null;
}

/** A scale within its limits, else null. @param {unknown} scale @returns {number | null} */
export function scaleOf(scale) {
  return typeof scale === "number" && Number.isFinite(scale) ? Math.min(MOST, Math.max(LEAST, scale)) : null;
}

/**
 * The size of all text, and how large cards may and have to be.
 * @param {number} scale @param {import("./canvas.js").Canvas} canvas
 */
export function resize(scale, canvas) {
  document.documentElement.style.fontSize = scale === 1 ? "" : `${scale * 100}%`;
  canvas.resize(scale);
}

/**
 * The ground as the address wants it; `transparent` is a class of the embed's template, so that it is there at once.
 * @param {HTMLElement} element what has the ground: all of an embed, the graph of the page
 * @param {Options} options
 */
export function ground(element, options) {
  if (/^#[0-9a-f]{6}$/.test(String(options.bg ?? ""))) element.style.setProperty("--paper", String(options.bg));
}
