// The loss over the iterations of a training run, above the graph: a chart that is also a slider from iteration to iteration.

/** @import { Scalar, State, Stops, Store } from "./types.js" */
import { need } from "./dom.js";
import { numberText } from "./number.js";
import { tellable } from "./state.js";
import { iterationAt, stopsOf } from "./stops.js";
import { strings } from "./strings.js";

const NS = "http://www.w3.org/2000/svg";
const PAD = { left: 10, right: 10, top: 12, bottom: 12 };
/** More points than this are a line alone. */
const MOST_DOTS = 60;
/** From this ratio of the largest to the smallest loss, equal steps stand for equal factors. */
const STEEP = 10_000;

/** @typedef {{step: number, value: Scalar, name: string} | null} Point */

/** @param {HTMLElement} root the player @param {Store} store @param {{digits?: number, num?: string}} format */
export function mountCurve(root, store, format) {
  const strip = /** @type {HTMLElement} */ (need(root, "[data-curve]"));
  const slider = need(strip, "[role=slider]");
  const name = need(strip, "[data-curve-name]");
  const number = need(strip, "[data-curve-value]");
  const where = need(strip, "[data-curve-where]");
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("aria-hidden", "true");
  slider.append(svg);
  /** @type {Point[]} */
  let points = [];

  /** @param {State} state */
  const now = (state) => {
    const stops = stopsOf(state.walk);
    const inside = iterationAt(stops, state.step);
    return inside >= 0 ? inside : stops.iterations.findLastIndex((one) => one.last < state.step);
  };

  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    const stops = stopsOf(state.walk);
    const fresh = state.walk !== former?.walk;
    if (fresh) {
      points = stops.iterations.map((one) => one.loss);
      const shown = points.filter((point) => point !== null).length > 1;
      strip.hidden = !shown;
      root.classList.toggle("has-curve", shown);
    }
    if (strip.hidden) return;
    if (!fresh && state.step === former?.step && tellable(state) === tellable(former)) return;
    draw(state, stops);
  }

  /** @param {State} state @param {Stops} stops */
  function draw(state, stops) {
    const current = now(state);
    const point = points[current] ?? null;
    const known = point !== null && point.step <= Math.min(state.step, tellable(state));
    const text = known ? numberText(point.value, format) : strings.curve.unknown;
    const place = current < 0 ? strings.curve.before : strings.curve.where(current + 1, points.length);
    name.textContent = (point ?? points.find((one) => one !== null))?.name ?? "";
    number.textContent = text;
    where.textContent = place;
    slider.setAttribute("aria-valuemin", "1");
    slider.setAttribute("aria-valuemax", String(points.length));
    slider.setAttribute("aria-valuenow", String(Math.max(1, current + 1)));
    slider.setAttribute("aria-valuetext", `${place}: ${name.textContent} = ${text}`);
    chart(svg, points, current, Math.min(state.step, tellable(state)), tellable(state));
  }

  /** @param {number} index */
  function visit(index) {
    const { iterations } = stopsOf(store.get().walk);
    const chosen = Math.min(points.length - 1, Math.max(0, index));
    const step = points[chosen]?.step ?? iterations[chosen]?.first;
    if (step !== undefined) store.dispatch({ type: "goto", step });
  }
  slider.addEventListener("keydown", (event) => {
    const current = now(store.get());
    const to = {
      ArrowRight: current + 1,
      ArrowUp: current + 1,
      ArrowLeft: current - 1,
      ArrowDown: current - 1,
      Home: 0,
      End: points.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    visit(to);
  });
  const at = (/** @type {PointerEvent} */ event) => {
    const rect = svg.getBoundingClientRect();
    const along = (event.clientX - rect.left - PAD.left) / Math.max(1, rect.width - PAD.left - PAD.right);
    visit(Math.round(along * (points.length - 1)));
  };
  slider.addEventListener("pointerdown", (event) => {
    slider.setPointerCapture(event.pointerId);
    at(event);
  });
  slider.addEventListener("pointermove", (event) => {
    if (slider.hasPointerCapture(event.pointerId)) at(event);
  });
  new ResizeObserver(() => !strip.hidden && draw(store.get(), stopsOf(store.get().walk))).observe(slider);
  update(store.get(), null);
  store.subscribe(update);
}

/**
 * @param {SVGSVGElement} svg
 * @param {Point[]} points
 * @param {number} current
 * @param {number} reached the last step that is past
 * @param {number} told the last step that may be shown
 */
function chart(svg, points, current, reached, told) {
  const [width, height] = [svg.clientWidth || 300, svg.clientHeight || 72];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const numbers = points
    .map((point) => (point && point.step <= told ? finite(point.value) : null))
    .filter((x) => x !== null);
  const scale = scaleOf(numbers);
  const x = (/** @type {number} */ k) =>
    PAD.left + (k / Math.max(1, points.length - 1)) * (width - PAD.left - PAD.right);
  const y = (/** @type {number} */ value) => height - PAD.bottom - scale(value) * (height - PAD.top - PAD.bottom);
  /** @type {Element[]} */
  const drawn = [shape("path", "curve-ground", { d: `M${PAD.left - 6} ${height - 3.5}H${width - PAD.right + 6}` })];
  if (current >= 0)
    drawn.push(shape("path", "curve-now", { d: `M${x(current)} 2V${height - 3}` }));
  for (const part of ["curve-line ahead", "curve-line"]) {
    const upTo = part === "curve-line" ? reached : told;
    let d = "";
    let pen = "M";
    points.forEach((point, k) => {
      const value = point && point.step <= upTo ? finite(point.value) : null;
      if (value === null) pen = "M";
      else {
        d += `${pen}${x(k).toFixed(1)} ${y(value).toFixed(1)}`;
        pen = "L";
      }
    });
    if (d) drawn.push(shape("path", part, { d }));
  }
  points.forEach((point, k) => {
    if (!point || point.step > told) return;
    const value = finite(point.value);
    const state = k === current ? "here" : point.step <= reached ? "past" : "ahead";
    if (value === null) drawn.push(text(x(k), 12, numberText(point.value)));
    else if (points.length <= MOST_DOTS || state === "here")
      drawn.push(shape("circle", `curve-dot ${state}`, { cx: x(k), cy: y(value), r: state === "here" ? 6 : 4 }));
  });
  if (steep(numbers)) drawn.push(text(width - PAD.right, height - 8, strings.curve.log, "end"));
  svg.replaceChildren(...drawn);
}

/** @param {Scalar} value @returns {number | null} */
function finite(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** @param {number[]} numbers */
function steep(numbers) {
  const least = Math.min(...numbers);
  return least > 0 && Math.max(...numbers) / least > STEEP;
}

/**
 * From a loss to 0…1 of the chart's height; from zero where that tells no lie, by factors where it falls steeply.
 * @param {number[]} numbers @returns {(value: number) => number}
 */
export function scaleOf(numbers) {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  if (steep(numbers)) {
    const span = Math.log(most / least);
    return (value) => Math.log(value / least) / span;
  }
  const low = least >= 0 && least < most * 0.5 ? 0 : least;
  const span = most - low || 1;
  return (value) => (most === low ? 0.5 : (value - low) / span);
}

/** @param {string} tag @param {string} name @param {Record<string, string | number>} attributes */
function shape(tag, name, attributes) {
  const element = document.createElementNS(NS, tag);
  element.setAttribute("class", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** @param {number} x @param {number} y @param {string} content @param {string} [anchor] */
function text(x, y, content, anchor = "middle") {
  const element = shape("text", anchor === "end" ? "curve-scale" : "curve-odd", { x, y, "text-anchor": anchor });
  element.textContent = content;
  return element;
}
