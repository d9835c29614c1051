// The part of CodeMirror 6 that static/js/editor.js uses; bundled by build.mjs into codemirror/codemirror.js.
export { Annotation, Compartment, EditorSelection, EditorState, Prec, RangeSet, StateEffect, StateField, Transaction } from "@codemirror/state";
export {
  Decoration, EditorView, GutterMarker, ViewPlugin, WidgetType, crosshairCursor, drawSelection, dropCursor, gutterLineClass,
  highlightActiveLine, highlightSpecialChars, hoverTooltip, keymap, lineNumbers, placeholder, tooltips,
} from "@codemirror/view";
export { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory, redo, undo } from "@codemirror/commands";
export {
  HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting, syntaxTree,
} from "@codemirror/language";
export { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completeFromList, completionKeymap, completionStatus } from "@codemirror/autocomplete";
export { setDiagnostics } from "@codemirror/lint";
export { globalCompletion, localCompletionSource, python, pythonLanguage } from "@codemirror/lang-python";
export { tags } from "@lezer/highlight";
