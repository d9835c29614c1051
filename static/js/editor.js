// The program's editor: CodeMirror, fetched after the first picture. It marks where the walk is and where an error is,
// and reports what was typed; it never runs anything itself.

/** @import { Diagnostic } from "@codemirror/lint" */
/** @import { Text } from "@codemirror/state" */
/** @import { DecorationSet } from "@codemirror/view" */
/** @import { Place } from "./trace.js" */
/** @import { Failure } from "./types.js" */
import { completing } from "./completion.js";
import { scrubbing } from "./scrub.js";
import { strings } from "./strings.js";
import { columnOf, unitOf } from "./text.js";

/**
 * @typedef {object} Editor
 * @property {() => string} text
 * @property {(source: string) => void} replace replaces everything, as one change that can be undone
 * @property {() => void} undo
 * @property {(place: Place) => void} mark
 * @property {(error: Failure | null) => void} fail
 * @property {() => void} focus
 */

/**
 * @param {HTMLElement} parent
 * @param {string} source
 * @param {{typed: (source: string) => void, scrubbed: (source: string) => void,
 *   settled: (source: string) => void, run: () => void, place: (line: number, column: number) => void, line: (line: number) => void,
 *   longest: number}} report
 * @returns {Promise<Editor>}
 */
export async function createEditor(parent, source, report) {
  const cm = await import("../vendor/codemirror/codemirror.js");
  const { EditorState, EditorView, StateEffect, StateField, Decoration, tags } = cm;

  /** @type {import("@codemirror/state").StateEffectType<Place>} */
  const setPlace = StateEffect.define();
  const placed = StateField.define({
    create: () => /** @type {DecorationSet} */ (Decoration.none),
    update(marks, transaction) {
      marks = marks.map(transaction.changes);
      for (const effect of transaction.effects)
        if (effect.is(setPlace)) marks = placeMarks(cm, transaction.state.doc, effect.value);
      return transaction.docChanged ? Decoration.none : marks;
    },
    provide: (field) => EditorView.decorations.from(field),
  });

  // Comments that were aligned by spaces follow their code at once, except in the line being edited.
  const gaps = cm.ViewPlugin.fromClass(
    class {
      /** @param {import("@codemirror/view").EditorView} editor */
      constructor(editor) {
        this.decorations = closedGaps(cm, editor);
      }
      /** @param {import("@codemirror/view").ViewUpdate} update */
      update(update) {
        if (update.docChanged || update.selectionSet || update.focusChanged || update.viewportChanged)
          this.decorations = closedGaps(cm, update.view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );

  const highlight = cm.HighlightStyle.define([
    {
      tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword, tags.definitionKeyword, tags.moduleKeyword],
      class: "tok-keyword",
    },
    { tag: [tags.number], class: "tok-number" },
    { tag: [tags.bool, tags.null, tags.self], class: "tok-constant" },
    { tag: [tags.string, tags.special(tags.string)], class: "tok-string" },
    { tag: [tags.comment], class: "tok-comment" },
    { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], class: "tok-call" },
    { tag: [tags.definition(tags.variableName), tags.className], class: "tok-definition" },
    { tag: [tags.operator], class: "tok-operator" },
  ]);
  const scrub = scrubbing(cm, { changed: report.scrubbed, settled: report.settled });
  const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute("content") ?? "";

  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: source,
      extensions: [
        EditorView.cspNonce.of(nonce),
        cm.lineNumbers({
          domEventHandlers: {
            click: (editor, block) => {
              report.line(editor.state.doc.lineAt(block.from).number);
              return false;
            },
          },
        }),
        cm.history(),
        cm.drawSelection(),
        cm.dropCursor(),
        cm.indentOnInput(),
        cm.bracketMatching(),
        cm.closeBrackets(),
        cm.indentUnit.of("    "),
        EditorState.tabSize.of(4),
        EditorView.lineWrapping,
        cm.python(),
        cm.syntaxHighlighting(highlight),
        completing(cm),
        placed,
        gaps,
        scrub.extension,
        cm.placeholder(strings.editorPlaceholder),
        EditorView.contentAttributes.of({
          "aria-label": strings.editorLabel,
          "aria-description": strings.editorHelp,
          tabindex: "0",
          spellcheck: "false",
          autocorrect: "off",
          autocapitalize: "off",
        }),
        EditorState.changeFilter.of((transaction) => transaction.newDoc.length <= 2 * report.longest),
        cm.Prec.highest(
          cm.keymap.of([
            {
              key: "Mod-Enter",
              run: () => {
                report.run();
                return true;
              },
            },
            {
              key: "Alt-Enter",
              run: (editor) => {
                report.line(editor.state.doc.lineAt(editor.state.selection.main.head).number);
                return true;
              },
            },
            {
              key: "Escape",
              run: (editor) => {
                editor.contentDOM.blur();
                return true;
              },
            },
          ]),
        ),
        // Tab takes a completion or indents; after Escape, which leaves the text, it goes on through the page.
        cm.Prec.high(cm.keymap.of([{ key: "Tab", run: (editor) => cm.acceptCompletion(editor) || cm.completionStatus(editor.state) === "active" }, cm.indentWithTab])),
        cm.keymap.of([...cm.closeBracketsKeymap, ...cm.defaultKeymap, ...cm.historyKeymap, ...cm.completionKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !update.transactions.some(scrub.owns))
            report.typed(update.state.doc.toString());
        }),
        EditorView.domEventHandlers({
          mouseup(event, editor) {
            const position = editor.posAtCoords({ x: event.clientX, y: event.clientY });
            if (position === null || !editor.state.selection.main.empty || editor.dom.classList.contains("scrubbing"))
              return false;
            const line = editor.state.doc.lineAt(position);
            report.place(line.number, columnOf(line.text, position - line.from));
            return false;
          },
        }),
      ],
    }),
  });

  return {
    text: () => view.state.doc.toString(),
    replace(text) {
      const change = difference(view.state.doc.toString(), text);
      view.dispatch({ changes: change, annotations: cm.isolateHistory.of("full") });
    },
    undo: () => cm.undo(view),
    mark(place) {
      const { doc } = view.state;
      /** @type {import("@codemirror/state").StateEffect<unknown>[]} */
      const effects = [setPlace.of(place)];
      if (place.line !== null && place.line <= doc.lines && !view.hasFocus) {
        effects.push(EditorView.scrollIntoView(doc.line(place.line).from, { y: "nearest", yMargin: 24 }));
      }
      view.dispatch({ effects });
    },
    fail(error) {
      view.dispatch(cm.setDiagnostics(view.state, error ? diagnostics(view.state.doc, error) : []));
    },
    focus: () => view.focus(),
  };
}

/**
 * The one change that makes one text of another, without what both begin and end with.
 * @param {string} before @param {string} after
 */
function difference(before, after) {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from++;
  let same = 0;
  while (same < most - from && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return { from, to: before.length - same, insert: after.slice(from, after.length - same) };
}

/** @param {typeof import("../vendor/codemirror/codemirror.js")} cm @param {Text} doc @param {Place} place */
function placeMarks(cm, doc, { line, span, running }) {
  if (line === null || line < 1 || line > doc.lines) return cm.Decoration.none;
  const marks = [cm.Decoration.line({ class: "cm-here" }).range(doc.line(line).from)];
  if (running !== null && running >= 1 && running <= doc.lines)
    marks.push(cm.Decoration.line({ class: "cm-running" }).range(doc.line(running).from));
  if (span && span[0] <= doc.lines && span[2] <= doc.lines) {
    const first = doc.line(span[0]);
    const final = doc.line(span[2]);
    const from = first.from + unitOf(first.text, span[1]);
    const to = final.from + unitOf(final.text, span[3]);
    if (from < to) marks.push(cm.Decoration.mark({ class: "cm-here-span" }).range(from, to));
  }
  return cm.Decoration.set(marks, true);
}

/**
 * @param {typeof import("../vendor/codemirror/codemirror.js")} cm
 * @param {import("@codemirror/view").EditorView} editor
 */
function closedGaps(cm, editor) {
  const { doc, selection } = editor.state;
  const edited = editor.hasFocus ? doc.lineAt(selection.main.head).number : 0;
  const gaps = [];
  for (const { from, to } of editor.visibleRanges) {
    for (let line = doc.lineAt(from); ; line = doc.line(line.number + 1)) {
      const gap = line.number === edited ? null : /(?<=\S {2}) +(?=#)/.exec(line.text);
      if (gap) gaps.push(cm.Decoration.replace({}).range(line.from + gap.index, line.from + gap.index + gap[0].length));
      if (line.to >= to || line.number === doc.lines) break;
    }
  }
  return cm.Decoration.set(gaps, true);
}

/**
 * An error is underlined from its column to the end of its line, or over the whole line.
 * @param {Text} doc
 * @param {Failure} error
 * @returns {Diagnostic[]}
 */
function diagnostics(doc, error) {
  if (error.line === null || error.line < 1) return [];
  const line = doc.line(Math.min(error.line, doc.lines));
  const indent = line.text.length - line.text.trimStart().length;
  const column =
    error.column === null ? indent : Math.min(unitOf(line.text, error.column), Math.max(0, line.length - 1));
  return [
    { from: line.from + column, to: Math.max(line.to, line.from + column), severity: "error", message: error.message },
  ];
}
