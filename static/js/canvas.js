// Fit, zoom and pan of one SVG by its viewBox, so that lines and type stay sharp; keeps the active thing in view.

/** @import { Box } from "./places.js" */
import { mountGestures } from "./gestures.js";
import { createPlaces } from "./places.js";

const SMALLEST = 0.05;
const LARGEST = 6;
/** Beyond this, a fitted picture isn't enlarged: two nodes needn't fill a wall. */
const LARGEST_FIT = 1.9;
/** Below this, type is too small to read; then the picture follows the active node instead of fitting. */
const SMALLEST_FIT = { hand: 0.42, desk: 0.5, wall: 0.42 };
/** The scale at which it follows: since not all can be seen, what is seen is easy to read. */
const FOLLOWING = { hand: 0.6, desk: 0.74, wall: 0.7 };
/** Widths of the frame: up to a phone's; from that of a large screen. */
const HAND = 520;
const WALL = 1200;
const MARGIN = { hand: 2, hall: 16 };
const GLIDE = 260;

/** @param {HTMLElement} stage the element that the SVG fills */
export function createCanvas(stage, { least } = /** @type {{least?: number}} */ ({})) {
  /** @type {SVGSVGElement | null} */
  let svg = null;
  /** @type {Box} the whole picture, in its own units */
  let whole = { x: 0, y: 0, width: 1, height: 1 };
  /** @type {Box} what is seen */
  let seen = whole;
  let fitted = true;
  let enlarged = 1;
  let frame = 0;
  /** @type {Box | null} */
  let lastActive = null;
  let places = createPlaces(null);
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  let frameSize = { width: stage.clientWidth || 1, height: stage.clientHeight || 1 };
  const size = () => frameSize;
  const scale = () => size().width / seen.width;
  const inHand = () => size().width < HAND;
  const margin = () => (inHand() ? MARGIN.hand : MARGIN.hall);

  /** @param {Box} box */
  function apply(box) {
    seen = box;
    svg?.setAttribute(
      "viewBox",
      `${box.x.toFixed(2)} ${box.y.toFixed(2)} ${box.width.toFixed(2)} ${box.height.toFixed(2)}`,
    );
  }

  /** @param {Box} box @param {boolean} smooth */
  function move(box, smooth) {
    cancelAnimationFrame(frame);
    if (!smooth || still.matches || document.hidden) return apply(box);
    const start = performance.now();
    const from = seen;
    /** @param {number} now */
    const tick = (now) => {
      const t = Math.min(1, Math.max(0, (now - start) / GLIDE));
      const e = 1 - (1 - t) ** 3;
      apply({
        x: from.x + (box.x - from.x) * e,
        y: from.y + (box.y - from.y) * e,
        width: from.width + (box.width - from.width) * e,
        height: from.height + (box.height - from.height) * e,
      });
      if (t < 1) frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
  }

  /**
   * The viewBox of a scale, around a centre.
   * @param {number} factor
   * @param {number} cx
   * @param {number} cy
   * @returns {Box}
   */
  function around(factor, cx, cy) {
    const { width, height } = size();
    return { x: cx - width / factor / 2, y: cy - height / factor / 2, width: width / factor, height: height / factor };
  }

  /** Doesn't leave empty room on one side while the picture is cut on the other. @param {Box} box @returns {Box} */
  function held(box) {
    const axis = (
      /** @type {number} */ at,
      /** @type {number} */ length,
      /** @type {number} */ low,
      /** @type {number} */ full,
      /** @type {number} */ edge,
    ) =>
      length >= full + 2 * edge
        ? low + (full - length) / 2
        : Math.min(Math.max(at, low - edge), low + full + edge - length);
    const edge = margin() / (size().width / box.width);
    return {
      ...box,
      x: axis(box.x, box.width, whole.x, whole.width, edge),
      y: axis(box.y, box.height, whole.y, whole.height, edge),
    };
  }

  function fitScale() {
    const { width, height } = size();
    return Math.min((width - 2 * margin()) / whole.width, (height - 2 * margin()) / whole.height, LARGEST_FIT * enlarged);
  }

  /** @param {boolean} [smooth] */
  function fit(smooth = false) {
    fitted = true;
    const factor = Math.max(fitScale(), SMALLEST);
    const room = inHand() ? "hand" : size().width < WALL ? "desk" : "wall";
    if (factor >= enlarged * (least ?? SMALLEST_FIT[room]))
      return move(around(factor, whole.x + whole.width / 2, whole.y + whole.height / 2), smooth);
    const target = lastActive ?? { x: whole.x, y: whole.y, width: 0, height: whole.height };
    const centre = { x: target.x + target.width / 2, y: target.y + target.height / 2 };
    return move(held(around(enlarged * FOLLOWING[room], centre.x, centre.y)), smooth);
  }

  /** Fits; where that follows the active node, asked for again it shows the picture as a whole, however small. */
  function fitOrOverview() {
    if (!fitted || !overflows()) return fit(true);
    fitted = false;
    move(around(Math.max(fitScale(), SMALLEST), whole.x + whole.width / 2, whole.y + whole.height / 2), true);
  }

  /** @param {number} factor @param {{x: number, y: number}} [at] client coordinates that stay where they are */
  function zoom(factor, at) {
    fitted = false;
    const rect = stage.getBoundingClientRect();
    const fx = at ? (at.x - rect.left) / rect.width : 0.5;
    const fy = at ? (at.y - rect.top) / rect.height : 0.5;
    const wanted = Math.min(LARGEST, Math.max(SMALLEST, scale() * factor));
    const width = rect.width / wanted;
    const height = rect.height / wanted;
    move({ x: seen.x + (seen.width - width) * fx, y: seen.y + (seen.height - height) * fy, width, height }, !at);
  }

  /** @param {number} dx @param {number} dy in screen pixels */
  function pan(dx, dy) {
    fitted = false;
    cancelAnimationFrame(frame);
    apply({ ...seen, x: seen.x - dx / scale(), y: seen.y - dy / scale() });
  }

  /**
   * Moves no more than is needed to see the elements, and what belongs to them where there is room for it.
   * @param {Element[]} elements
   * @param {Element[]} [near]
   */
  function reveal(elements, near = []) {
    const fits = (/** @type {Box | null} */ box) =>
      box !== null && box.width + 48 / scale() < seen.width && box.height + 48 / scale() < seen.height;
    const all = places.union(elements);
    // Of more than the frame can hold, the first counts.
    const own = fits(all) ? all : places.union(elements.slice(0, 1));
    if (!own) return;
    const wider = near.length ? places.union([...elements, ...near]) : own;
    const box = wider && fits(wider) ? wider : own;
    lastActive = box;
    const room = 24 / scale();
    const shift = (
      /** @type {number} */ low,
      /** @type {number} */ length,
      /** @type {number} */ at,
      /** @type {number} */ frame,
    ) =>
      length + 2 * room > frame
        ? at + length / 2 - frame / 2
        : low > at - room
          ? at - room
          : low + frame < at + length + room
            ? at + length + room - frame
            : low;
    const x = shift(seen.x, box.width, box.x, seen.width);
    const y = shift(seen.y, box.height, box.y, seen.height);
    if (x === seen.x && y === seen.y) return;
    // A picture that has to move anyway goes far enough that the next steps needn't move it again.
    const centred = {
      ...seen,
      x: x === seen.x ? x : box.x + box.width / 2 - seen.width / 2,
      y: y === seen.y ? y : box.y + box.height / 2 - seen.height / 2,
    };
    move(held(centred), true);
  }

  /** Whether something of the picture lies outside the frame. */
  function overflows() {
    return (
      seen.x > whole.x + 1 ||
      seen.y > whole.y + 1 ||
      seen.x + seen.width < whole.x + whole.width - 1 ||
      seen.y + seen.height < whole.y + whole.height - 1
    );
  }

  mountGestures(stage, { zoom, pan, overflows, fit: fitOrOverview });
  new ResizeObserver(() => {
    const former = scale();
    frameSize = { width: stage.clientWidth || 1, height: stage.clientHeight || 1 };
    if (!svg) return;
    if (fitted) fit();
    else apply({ ...seen, width: size().width / former, height: size().height / former });
  }).observe(stage);

  // Paper has room for the whole picture.
  let onScreen = seen;
  addEventListener("beforeprint", () => {
    onScreen = seen;
    apply(whole);
  });
  addEventListener("afterprint", () => apply(onScreen));

  return {
    /**
     * Takes a new drawing.
     * @param {SVGSVGElement | null} drawing
     * @param {boolean} [keep] keep zoom and place, as for a changed number
     */
    mount(drawing, keep = false) {
      svg = drawing;
      places = createPlaces(svg);
      if (!svg) return;
      const box = svg.viewBox.baseVal;
      const before = whole;
      whole = { x: box.x, y: box.y, width: box.width, height: box.height };
      svg.removeAttribute("width");
      svg.removeAttribute("height");
      svg.setAttribute("preserveAspectRatio", "xMidYMid meet");
      lastActive = null;
      if (keep && before.width === whole.width && before.height === whole.height) apply(seen);
      else fit();
    },
    fit: fitOrOverview,
    /** How large cards may and have to be, times the usual. @param {number} scale */
    resize(scale) {
      enlarged = scale;
      if (fitted) fit();
    },
    zoom,
    pan,
    reveal,
  };
}

/** @typedef {ReturnType<typeof createCanvas>} Canvas */
