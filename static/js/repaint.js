// Brings a drawing up to date with another of the same layout: only texts and attributes that differ are touched, so that a
// number that is dragged repaints in a few tenths of a millisecond and nothing moves.

/** Set by the page on drawn elements, and no part of the server's drawing. */
const OWN_CLASSES = new Set(["future", "gone", "past", "active", "new", "selected", "hint"]);
const OWN_ATTRIBUTES = new Set(["class", "tabindex"]);
/** What the view has read, or where something lies: where one of these differs it is another drawing. */
const FIXED = new Set(["data-from", "data-to", "data-active", "data-node", "data-edge"]);

/** @typedef {() => void} Change */

/**
 * Repaints `drawn` as `fresh`, in place.
 * @param {Element} drawn what the page shows
 * @param {Element} fresh the server's newer drawing of the same program with other numbers
 * @param {string} box the viewBox that `drawn` came with
 * @returns {boolean} false, and nothing done, where more than numbers differs
 */
export function repaint(drawn, fresh, box) {
  if (fresh.getAttribute("viewBox") !== box) return false;
  /** @type {Change[]} */
  const changes = [];
  if (drawn.getAttribute("aria-label") !== fresh.getAttribute("aria-label"))
    changes.push(() => drawn.setAttribute("aria-label", fresh.getAttribute("aria-label") ?? ""));
  if (!compareChildren(drawn, fresh, changes)) return false;
  for (const change of changes) change();
  return true;
}

/** @param {Element} drawn @param {Element} fresh @param {Change[]} changes @returns {boolean} */
function compareChildren(drawn, fresh, changes) {
  const before = [...drawn.children].filter((child) => !child.classList.contains("hit"));
  const after = [...fresh.children];
  if (!before.length && !after.length) {
    if (drawn.textContent !== fresh.textContent) {
      const text = fresh.textContent;
      changes.push(() => (drawn.textContent = text));
    }
    return true;
  }
  if (before.length === after.length && before.every((child, k) => child.localName === after[k]?.localName))
    return before.every((child, k) => compare(child, /** @type {Element} */ (after[k]), changes));
  // Another number of cells or shades in a slot: its contents are replaced, if nothing in them has steps of its own.
  if (timed(drawn) || timed(fresh) || before.length !== drawn.children.length) return false;
  changes.push(() => drawn.replaceChildren(...after.map((child) => document.importNode(child, true))));
  return true;
}

/** @param {Element} drawn @param {Element} fresh @param {Change[]} changes @returns {boolean} */
function compare(drawn, fresh, changes) {
  // A line has an unseen wider one under it, and a card is where its box was measured: neither may move.
  const still = drawn.hasAttribute("data-node") || drawn.parentElement?.closest(".edges") != null;
  for (const name of new Set([...drawn.getAttributeNames(), ...fresh.getAttributeNames()])) {
    const value = fresh.getAttribute(name);
    if (OWN_ATTRIBUTES.has(name) || drawn.getAttribute(name) === value) continue;
    if (FIXED.has(name) || (still && (name === "transform" || name === "d"))) return false;
    changes.push(() => (value === null ? drawn.removeAttribute(name) : drawn.setAttribute(name, value)));
  }
  const kind = ownless(drawn);
  if (kind !== ownless(fresh)) {
    if (drawn.hasAttribute("data-from")) return false;
    changes.push(() => drawn.setAttribute("class", fresh.getAttribute("class") ?? ""));
  }
  return compareChildren(drawn, fresh, changes);
}

/** @param {Element} element */
function ownless(element) {
  return [...element.classList].filter((name) => !OWN_CLASSES.has(name)).join(" ");
}

/** @param {Element} element */
function timed(element) {
  return element.querySelector("[data-from],[data-node],[data-edge]") !== null;
}
