// Numbers in the editor that are dragged, or changed by Alt and the arrow keys: a slider in every literal.

/** @import { EditorView } from "@codemirror/view" */
/** @typedef {typeof import("../vendor/codemirror/codemirror.js")} CodeMirror */

const LITERAL = /(?<![\w.])\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|(?<![\w.])\.\d+/g;
/** Pixels of dragging for one unit of the last place. */
const PIXELS = 5;
const THRESHOLD = 3;
/** The user event of such a change; a part of "input.type", so that a drag is undone as one change. */
export const SCRUB = "input.type.scrub";

/**
 * The literal at a column of a line, with a sign that belongs to it.
 * @param {string} line @param {number} column
 * @returns {{from: number, to: number} | null}
 */
export function literalAt(line, column) {
  for (const match of line.matchAll(LITERAL)) {
    const to = match.index + match[0].length;
    if (column < match.index || column > to) continue;
    // A minus is a sign where no operand stands before it.
    const sign = /(?:^|[([{,=:+\-*/%<>@])\s*-$/.test(line.slice(0, match.index)) ? 1 : 0;
    return { from: match.index - sign, to };
  }
  return null;
}

/**
 * A literal some units of its last place further on; a float stays one.
 * @param {string} text @param {number} units
 */
export function shifted(text, units) {
  if (/[eE]/.test(text)) return String(Number((Number(text) * 1.1 ** units).toPrecision(3)));
  const point = text.indexOf(".");
  if (point < 0) return String(Number(text) + units);
  const places = Math.max(1, text.length - point - 1);
  const moved = (Math.round(Number(text) * 10 ** places) + units) / 10 ** places;
  const spelt = moved.toFixed(places);
  return text.length - point - 1 === 0 ? spelt.replace(/0+$/, "") : spelt;
}

/**
 * @param {CodeMirror} cm
 * @param {(source: string) => void} changed
 */
export function scrubbing(cm, changed) {
  /** @param {EditorView} view @param {number} from @param {number} to @param {string} insert */
  const put = (view, from, to, insert) => {
    if (view.state.sliceDoc(from, to) === insert) return;
    view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: SCRUB });
    changed(view.state.doc.toString());
  };

  /** @param {EditorView} view @param {number} position */
  const at = (view, position) => {
    const line = view.state.doc.lineAt(position);
    const found = literalAt(line.text, position - line.from);
    return found && { from: line.from + found.from, to: line.from + found.to };
  };

  const drag = cm.EditorView.domEventHandlers({
    pointerdown(event, view) {
      const literal = event.target instanceof Element && event.target.closest(".tok-number");
      const position =
        literal && event.button === 0 && event.pointerType !== "touch"
          ? view.posAtCoords({ x: event.clientX, y: event.clientY })
          : null;
      const place = position === null ? null : at(view, position);
      if (place) follow(view, event, place, put);
      return false;
    },
  });

  const nudge = (/** @type {number} */ units) => (/** @type {EditorView} */ view) => {
    const { main } = view.state.selection;
    const place = main.empty ? at(view, main.head) : null;
    if (!place) return false;
    put(view, place.from, place.to, shifted(view.state.sliceDoc(place.from, place.to), units));
    return true;
  };
  const keys = cm.Prec.highest(
    cm.keymap.of([
      { key: "Alt-ArrowUp", run: nudge(1), shift: nudge(10) },
      { key: "Alt-ArrowDown", run: nudge(-1), shift: nudge(-10) },
    ]),
  );
  return [drag, keys];
}

/**
 * Follows the pointer until it is let go. A press that doesn't move stays a click.
 * @param {EditorView} view @param {PointerEvent} start @param {{from: number, to: number}} place
 * @param {(view: EditorView, from: number, to: number, insert: string) => void} put
 */
function follow(view, start, place, put) {
  const original = view.state.sliceDoc(place.from, place.to);
  let length = original.length;
  let moving = false;
  /** @param {PointerEvent} event */
  const move = (event) => {
    const dx = event.clientX - start.clientX;
    if (!moving && Math.abs(dx) < THRESHOLD) return;
    moving = true;
    view.dom.classList.add("scrubbing");
    event.preventDefault();
    event.stopPropagation();
    const text = shifted(original, Math.trunc(dx / PIXELS) * (event.shiftKey ? 10 : 1));
    put(view, place.from, place.from + length, text);
    length = text.length;
  };
  const end = () => {
    view.dom.classList.remove("scrubbing");
    removeEventListener("pointermove", move, true);
    removeEventListener("pointerup", end, true);
    removeEventListener("pointercancel", end, true);
  };
  addEventListener("pointermove", move, true);
  addEventListener("pointerup", end, true);
  addEventListener("pointercancel", end, true);
}
