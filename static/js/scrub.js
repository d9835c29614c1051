// Numbers in the editor that are dragged, or changed by arrow keys: a slider in every literal.

/** @import { EditorState } from "@codemirror/state" */
/** @import { DecorationSet, EditorView, ViewUpdate } from "@codemirror/view" */
/** @typedef {typeof import("../vendor/codemirror/codemirror.js")} CodeMirror */
/** @typedef {{from: number, to: number}} Range */

const LITERAL = /(?<![\w.])(?:\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)(?!\w)/g;
/** What holds text that isn't code. */
const TEXT = /String|Comment/;
/** Pixels of dragging for one unit of the last place. */
const PIXELS = 5;
const THRESHOLD = 3;
/** The user event of the first change of a drag, and of those that belong to it: history joins the latter, however slow. */
const FIRST = "input.type.scrub";
const MORE = "input.type.compose";

/**
 * The literals of a line, each with a sign that belongs to it.
 * @param {string} line
 * @returns {Range[]}
 */
export function literalsOf(line) {
  return [...line.matchAll(LITERAL)].map((match) => {
    // A minus is a sign where no operand stands before it.
    const sign = /(?:^|[([{,=:+\-*/%<>@])\s*-$/.test(line.slice(0, match.index)) ? 1 : 0;
    return { from: match.index - sign, to: match.index + match[0].length };
  });
}

/** The literal at a column of a line. @param {string} line @param {number} column @returns {Range | null} */
export function literalAt(line, column) {
  return literalsOf(line).find(({ from, to }) => column >= from && column <= to) ?? null;
}

/** Decimals that a literal is moved in; a float has one at least. @param {string} text */
export const placesOf = (text) => (text.includes(".") && !/[eE]/.test(text) ? Math.max(1, text.length - text.indexOf(".") - 1) : 0);

/**
 * A literal some units further on; a float stays one.
 * @param {string} text @param {number} units
 * @param {number} [places] decimals of a unit; more than the literal has make it finer
 */
export function shifted(text, units, places = placesOf(text)) {
  const finer = places > placesOf(text);
  if (/[eE]/.test(text)) return String(Number((Number(text) * (finer ? 1.01 : 1.1) ** units).toPrecision(finer ? 4 : 3)));
  if (!text.includes(".")) return String(Number(text) + units);
  const spelt = ((Math.round(Number(text) * 10 ** places) + units) / 10 ** places).toFixed(places);
  return text.endsWith(".") ? spelt.replace(/0+$/, "") : spelt;
}

/**
 * @param {CodeMirror} cm
 * @param {{changed: (source: string) => void, settled: (source: string) => void}} report `changed` with every number,
 *   `settled` when a drag ends
 */
export function scrubbing(cm, report) {
  const own = cm.Annotation.define();

  /** @param {EditorView} view @param {Range} place @param {string} insert @param {boolean} more @param {boolean} whole */
  const put = (view, { from, to }, insert, more, whole) => {
    if (view.state.sliceDoc(from, to) === insert) return;
    const end = from + insert.length;
    view.dispatch({
      changes: { from, to, insert },
      selection: whole ? { anchor: from, head: end } : { anchor: end },
      userEvent: more ? MORE : FIRST,
      annotations: more ? [own.of(true)] : [own.of(true), cm.isolateHistory.of("before")],
    });
    report.changed(view.state.doc.toString());
  };

  /** @param {EditorState} state @param {number} position @returns {Range | null} */
  const at = (state, position) => {
    const line = state.doc.lineAt(position);
    const found = literalAt(line.text, position - line.from);
    if (!found || TEXT.test(cm.syntaxTree(state).resolveInner(line.from + found.to, -1).name)) return null;
    return { from: line.from + found.from, to: line.from + found.to };
  };

  const drag = cm.EditorView.domEventHandlers({
    pointerdown(event, view) {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || !onLiteral(event)) return false;
      const position = view.posAtCoords({ x: event.clientX, y: event.clientY });
      const place = position === null ? null : at(view.state, position);
      if (place) follow(view, event, place, put, report.settled);
      return false;
    },
    // A press that turns into a drag must not select text; where it stays a click, `follow` sets the cursor.
    mousedown: (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && onLiteral(event),
    dblclick(event, view) {
      const position = onLiteral(event) ? view.posAtCoords({ x: event.clientX, y: event.clientY }) : null;
      const place = position === null ? null : at(view.state, position);
      if (place) view.dispatch({ selection: { anchor: place.from, head: place.to } });
      return place !== null;
    },
  });

  return {
    extension: [marks(cm), drag, nudging(cm, at, put)],
    /** Whether a change is one of ours. @param {import("@codemirror/state").Transaction} transaction */
    owns: (transaction) => transaction.annotation(own) === true,
  };

  /** @param {Event} event */
  function onLiteral(event) {
    return event.target instanceof Element && event.target.closest(".cm-literal") !== null;
  }
}

/** Marks every literal that is seen, so that it can be told from other text by pointer and eye. @param {CodeMirror} cm */
function marks(cm) {
  const mark = cm.Decoration.mark({ class: "cm-literal" });
  /** @param {EditorView} view */
  const find = (view) => {
    const { doc } = view.state;
    const tree = cm.syntaxTree(view.state);
    const found = [];
    for (const { from, to } of view.visibleRanges) {
      for (let line = doc.lineAt(from); ; line = doc.line(line.number + 1)) {
        for (const literal of literalsOf(line.text))
          if (!TEXT.test(tree.resolveInner(line.from + literal.to, -1).name))
            found.push(mark.range(line.from + literal.from, line.from + literal.to));
        if (line.to >= to || line.number === doc.lines) break;
      }
    }
    return cm.Decoration.set(found, true);
  };
  return cm.ViewPlugin.fromClass(
    class {
      /** @param {EditorView} view */
      constructor(view) {
        this.decorations = /** @type {DecorationSet} */ (find(view));
      }
      /** @param {ViewUpdate} update */
      update(update) {
        const parsed = cm.syntaxTree(update.state) !== cm.syntaxTree(update.startState);
        if (update.docChanged || update.viewportChanged || parsed) this.decorations = find(update.view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

/**
 * Arrow keys: on a literal that is selected as a whole, plainly; with the cursor in one, together with Alt.
 * @param {CodeMirror} cm
 * @param {(state: EditorState, position: number) => Range | null} at
 * @param {(view: EditorView, place: Range, insert: string, more: boolean, whole: boolean) => void} put
 */
function nudging(cm, at, put) {
  /** @type {{from: number, places: number} | null} the decimals of finer steps, which many of them don't add to */
  let fine = null;
  /** @param {EditorView} view @param {number} units @param {boolean} finer @param {boolean} whole */
  const nudge = (view, units, finer, whole) => {
    const { main } = view.state.selection;
    const place = at(view.state, main.to);
    if (!place || (whole ? main.from !== place.from || main.to !== place.to : !main.empty)) return false;
    const text = view.state.sliceDoc(place.from, place.to);
    if (!finer) fine = null;
    else if (fine?.from !== place.from) fine = { from: place.from, places: placesOf(text) + 1 };
    put(view, place, shifted(text, units, fine?.places), false, whole);
    return true;
  };
  return cm.Prec.highest(
    cm.keymap.of(
      [1, -1].flatMap((sign) => {
        const key = sign > 0 ? "ArrowUp" : "ArrowDown";
        return [
          {
            key,
            run: (/** @type {EditorView} */ view) => nudge(view, sign, false, true),
            shift: (/** @type {EditorView} */ view) => nudge(view, 10 * sign, false, true),
          },
          {
            key: `Alt-${key}`,
            run: (/** @type {EditorView} */ view) => nudge(view, sign, true, true) || nudge(view, sign, false, false),
            shift: (/** @type {EditorView} */ view) =>
              nudge(view, 10 * sign, true, true) || nudge(view, 10 * sign, false, false),
          },
        ];
      }),
    ),
  );
}

/**
 * Follows the pointer until it is let go. A press that doesn't move is a click.
 * @param {EditorView} view @param {PointerEvent} start @param {Range} place
 * @param {(view: EditorView, place: Range, insert: string, more: boolean, whole: boolean) => void} put
 * @param {(source: string) => void} settled
 */
function follow(view, start, place, put, settled) {
  const original = view.state.sliceDoc(place.from, place.to);
  let { to } = place;
  let moving = false;
  let changes = 0;
  /** @param {PointerEvent} event */
  const move = (event) => {
    if (event.pointerId !== start.pointerId) return;
    const dx = event.clientX - start.clientX;
    if (!moving && Math.abs(dx) < THRESHOLD) return;
    moving = true;
    view.dom.classList.add("scrubbing");
    event.preventDefault();
    event.stopPropagation();
    const units = Math.trunc(dx / PIXELS) * (event.shiftKey ? 10 : 1);
    const text = shifted(original, units, placesOf(original) + (event.altKey ? 1 : 0));
    put(view, { from: place.from, to }, text, changes++ > 0, true);
    to = place.from + text.length;
  };
  /** @param {PointerEvent} event */
  const end = (event) => {
    if (event.pointerId !== start.pointerId) return;
    removeEventListener("pointermove", move, true);
    removeEventListener("pointerup", end, true);
    removeEventListener("pointercancel", end, true);
    if (moving) settled(view.state.doc.toString());
    else if (event.type === "pointerup") click(view, event);
    // A finger that dragged a number asks for no keyboard.
    if (event.pointerType !== "touch" || !moving) view.focus();
    // The click that ends a drag chooses nothing.
    setTimeout(() => view.dom.classList.remove("scrubbing"));
  };
  addEventListener("pointermove", move, true);
  addEventListener("pointerup", end, true);
  addEventListener("pointercancel", end, true);
}

/** @param {EditorView} view @param {PointerEvent} event */
function click(view, event) {
  const head = view.posAtCoords({ x: event.clientX, y: event.clientY });
  if (head === null || event.detail > 1) return;
  view.dispatch({ selection: event.shiftKey ? { anchor: view.state.selection.main.anchor, head } : { anchor: head } });
}
