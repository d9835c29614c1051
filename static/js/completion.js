// What the editor completes: the names of torch that a snippet may use, with short signatures, fetched when they are first
// asked for; the snippet's own names; Python's words.

/** @import { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete" */
/** @import { EditorState } from "@codemirror/state" */
/** @typedef {[name: string, signature: string]} Entry */
/**
 * @typedef {{at: Record<string, string>, modules: Record<string, Entry[]>, tensor: Entry[], refused: string[], imports: string[]}} Names
 * `at`: what is at hand without import, and the module that each is
 */

/** @type {Promise<Names> | null} */
let names = null;

function load() {
  names ??= fetch(new URL("../data/names.json", import.meta.url))
    .then((response) => response.json())
    .catch(() => {
      names = null;
      return { at: {}, modules: {}, tensor: [], refused: [], imports: [] };
    });
  return names;
}

/** @param {typeof import("../vendor/codemirror/codemirror.js")} cm */
export function completing(cm) {
  /** @param {CompletionContext} context @returns {Promise<CompletionResult | null>} */
  const torch = async (context) => {
    const before = context.matchBefore(/[\w.)\]]*/);
    if (!before || isText(cm, context.state, context.pos)) return null;
    const line = context.state.doc.lineAt(context.pos);
    const text = line.text.slice(0, context.pos - line.from);
    if (!context.explicit && !/[\w.]$/.test(text)) return null;
    const data = await load();
    const options = optionsAt(data, text, context.state.doc.toString());
    if (!options) return null;
    const typed = /\w*$/.exec(text)?.[0].length ?? 0;
    return { from: context.pos - typed, options, validFor: /^\w*$/ };
  };

  /** Python's own names, without those that cannot be used here. @param {CompletionContext} context */
  const python = async (context) => {
    const found = await cm.globalCompletion(context);
    if (!found) return null;
    const { refused } = await load();
    return { ...found, options: found.options.filter((/** @type {Completion} */ one) => !refused.includes(one.label)) };
  };
  return cm.autocompletion({ icons: false, maxRenderedOptions: 8, override: [torch, cm.localCompletionSource, python] });
}

/**
 * What may stand at the end of a line's text.
 * @param {Names} data @param {string} text up to the cursor @param {string} source the whole program
 * @returns {Completion[] | null}
 */
export function optionsAt(data, text, source) {
  const from = /^\s*from\s+([\w.]+)\s+import\s+(?:\w+\s*,\s*)*\w*$/.exec(text)?.[1];
  if (from) return data.modules[from]?.map(entry) ?? null;
  const imported = /^\s*(?:from|import)\s+([\w.]*)$/.exec(text)?.[1];
  if (imported !== undefined) {
    const stem = imported.slice(0, imported.lastIndexOf(".") + 1);
    const rest = data.imports.filter((name) => name.startsWith(stem)).map((name) => name.slice(stem.length));
    return [...new Set(rest.map((name) => name.split(".")[0] ?? ""))].map((label) => ({ label, type: "namespace" }));
  }
  const known = { ...data.at, ...aliases(source) };
  const dotted = /([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\.\w*$/.exec(text)?.[1];
  if (!dotted && !/[)\]]\.\w*$/.test(text)) {
    if (/\.\w*$/.test(text) || !/\w$/.test(text)) return null;
    return Object.entries(data.at).map(([label, detail]) => ({ label, detail, type: "namespace", boost: 1 }));
  }
  const [root = "", ...more] = dotted?.split(".") ?? [];
  const module = known[root];
  const after = dotted && text.slice(0, -(/\w*$/.exec(text)?.[0].length ?? 0) || undefined);
  if (dotted && module && !/[)\]]\.[\w.]*$/.test(after ?? "")) {
    const path = [module, ...more].join(".");
    const below = Object.keys(data.modules).filter((name) => name.startsWith(`${path}.`) && !name.slice(path.length + 1).includes("."));
    const options = [...below.map((name) => ({ label: name.slice(path.length + 1), type: "namespace" })), ...(data.modules[path] ?? []).map(entry)];
    return options.length ? options : null;
  }
  return data.tensor.map(entry);
}

/** @param {Entry} entry @returns {Completion} */
function entry([label, signature]) {
  return { label, detail: signature, type: signature ? (/^[A-Z]/.test(label) ? "class" : "function") : "constant" };
}

/** Names that the program's imports give to modules. @param {string} source */
function aliases(source) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [, path = "", as] of source.matchAll(/^\s*import\s+([\w.]+)(?:\s+as\s+(\w+))?/gm)) {
    if (as) found[as] = path;
    else found[path.split(".")[0] ?? ""] = path.split(".")[0] ?? "";
  }
  for (const [, path = "", names = ""] of source.matchAll(/^\s*from\s+([\w.]+)\s+import\s+([\w ,]+)/gm))
    for (const one of names.split(",")) {
      const [name = "", as] = one.trim().split(/\s+as\s+/);
      found[as ?? name] = `${path}.${name}`;
    }
  return found;
}

/** Whether a position lies in a text or a comment. @param {typeof import("../vendor/codemirror/codemirror.js")} cm @param {EditorState} state @param {number} position */
function isText(cm, state, position) {
  return /String|Comment/.test(cm.syntaxTree(state).resolveInner(position, -1).name);
}
