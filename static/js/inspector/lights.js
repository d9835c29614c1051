// Cells lit in the drawing: what is pointed at in the inspector is shown on the cards too.

/** @typedef {{node: string, places: Iterable<number>, side?: "value" | "grad"}[]} Lit places in row-major order */

const EVENT = "gradwalk:cells";

/** Lights these cells and no others. @param {Lit} lit */
export function lightCells(lit) {
  document.dispatchEvent(new CustomEvent(EVENT, { detail: lit }));
}

/**
 * A slot that shows numbers has one text a cell, in row-major order; one with a heat map is lit as a whole.
 * @param {HTMLElement} stage
 */
export function mountLights(stage) {
  /** @type {Element[]} */
  let lit = [];
  document.addEventListener(EVENT, (event) => {
    for (const element of lit) element.classList.remove("lit");
    lit = [];
    for (const { node, places, side = "value" } of /** @type {CustomEvent<Lit>} */ (event).detail) {
      for (const slot of stage.querySelectorAll(
        `[data-node~="${CSS.escape(node)}"] .${side}:is(.past, .active)`,
      )) {
        const texts = slot.querySelectorAll("g[text-anchor] > text");
        const whole = slot.querySelector("path.bracket") || texts.length === 1 ? null : slot;
        const cells = whole ? [whole] : [...places].map((place) => texts[place]);
        for (const cell of cells) {
          if (!cell) continue;
          cell.classList.add("lit");
          lit.push(cell);
        }
      }
    }
  });
}
