// Where drawn elements lie, in the picture's own units.

/** @typedef {{x: number, y: number, width: number, height: number}} Box */

/** @param {SVGSVGElement | null} svg */
export function createPlaces(svg) {
  /** @type {Map<Element, Box | null>} measured once: nothing moves in a drawing, and to measure is to lay out */
  const boxes = new Map();

  /** @param {Element} element @returns {Box | null} */
  function boxOf(element) {
    let box = boxes.get(element);
    if (box === undefined) {
      box = declared(element) ?? measured(element);
      boxes.set(element, box);
    }
    return box;
  }

  /** A card or chip says where it is, so that it needn't be measured. @param {Element} element @returns {Box | null} */
  function declared(element) {
    const body = element.querySelector(":scope > .body") ?? element.querySelector(":scope > rect");
    if (!body) return null;
    const number = (/** @type {string} */ name) => Number(body.getAttribute(name) ?? 0);
    const box = { x: number("x"), y: number("y"), width: number("width"), height: number("height") };
    for (let at = /** @type {Element | null} */ (element); at && at !== svg; at = at.parentElement) {
      const text = at.getAttribute("transform");
      const shift = text && /^translate\(\s*([-\d.e]+)[\s,]+([-\d.e]+)\s*\)$/.exec(text);
      if (text && !shift) return null;
      if (shift) [box.x, box.y] = [box.x + Number(shift[1]), box.y + Number(shift[2])];
    }
    return box;
  }

  /** @param {Element} element @returns {Box | null} */
  function measured(element) {
    const matrix = svg?.getScreenCTM()?.inverse();
    const rect = element.getBoundingClientRect();
    if (!matrix || (!rect.width && !rect.height)) return null;
    const a = new DOMPoint(rect.left, rect.top).matrixTransform(matrix);
    const b = new DOMPoint(rect.right, rect.bottom).matrixTransform(matrix);
    return { x: a.x, y: a.y, width: b.x - a.x, height: b.y - a.y };
  }

  return {
    /** The box around all of them. @param {Element[]} elements @returns {Box | null} */
    union(elements) {
      const all = elements.map(boxOf).filter((box) => box !== null);
      if (!all.length) return null;
      const x = Math.min(...all.map((box) => box.x));
      const y = Math.min(...all.map((box) => box.y));
      return {
        x,
        y,
        width: Math.max(...all.map((box) => box.x + box.width)) - x,
        height: Math.max(...all.map((box) => box.y + box.height)) - y,
      };
    },
  };
}
