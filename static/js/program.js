// The program's text: a plain listing until the editor has loaded, then the editor; both show where the walk is. Every change
// that isn't typed (an example, a value, a step more) is one change here, can be undone, and says so.

/** @import { Failure, State, Store } from "./types.js" */
import { encode } from "./codec.js";
import { h, icon, need } from "./dom.js";
import { createListing } from "./listing.js";
import { errorOf } from "./notices.js";
import { queryOf } from "./query.js";
import { shownStep } from "./state.js";
import { strings } from "./strings.js";
import { extent, holds } from "./text.js";
import { lookup, placeOf, stepOfLine } from "./trace.js";

const PAUSE = 600;

/**
 * @param {HTMLElement} root @param {Store} store @param {ReturnType<typeof import("./run.js").createRunner>} runner @param {number} longest
 */
export function mountProgram(root, store, runner, longest) {
  const frame = need(root, "[data-editor]");
  const pre = need(frame, ".listing");
  const listing = createListing(pre, (line) => goToLine(store, line));
  const notice = createNotice(frame);
  /** @type {import("./editor.js").Editor | null} */
  let editor = null;
  const pasted = cleaned(store.get());
  if (pasted !== null) store.dispatch({ type: "cleaned", source: pasted });
  listing.set(store.get().source);

  const point = () => {
    const state = store.get();
    if (!state.walk || state.source !== state.ran || state.walk.trace.program.expanded) return;
    (editor ?? listing).mark(placeOf(lookup(state.walk.trace), shownStep(state), state.select));
  };
  const run = () => {
    runner.run({ source: store.get().source });
  };

  need(root, "[data-compare]").addEventListener("click", async () => {
    const { source, ran, walk } = store.get();
    const variant = source === ran ? walk?.example?.variant : "";
    const [program, other] = await Promise.all([encode(source), encode(variant || source)]);
    const named = source === ran && walk ? queryOf({ ...store.get(), step: 0, select: null }) : `c=${program}`;
    location.assign(`/?${named}&vs=${other}`);
  });

  /** @param {string} source @param {{said?: string | null, step?: number}} [and] `said`: what happened, beside Undo */
  const replace = (source, { said = strings.replaced.other, step } = {}) => {
    const former = store.get().source;
    store.dispatch({ type: "typed", source });
    editor?.replace(source);
    if (!editor) listing.set(source);
    if (said !== null)
      notice.say(said, () => {
        if (editor) editor.undo();
        else listing.set(former);
        store.dispatch({ type: "typed", source: editor?.text() ?? former });
        run();
      });
    return runner.run({ source }, step === undefined ? {} : { step });
  };

  point();
  store.subscribe((state, former) => {
    if (state.walk !== former.walk) {
      const clean = cleaned(state);
      if (clean !== null) {
        // What pasting added is gone from what ran: the text follows, so that lines and columns are the same.
        store.dispatch({ type: "cleaned", source: clean });
        editor?.replace(clean);
        notice.say(strings.replaced.cleaned, undo);
        return;
      }
      if (editor ? editor.text() !== state.source : state.source !== former.source) {
        editor?.replace(state.source);
        if (!editor) listing.set(state.source);
        if (editor && own(former)) notice.say(strings.replaced.example(state.walk?.example?.title ?? ""), undo);
      }
    }
    if (errorOf(state) !== errorOf(former)) editor?.fail(errorInText(state));
    if (state.walk !== former.walk || shownStep(state) !== shownStep(former) || state.select !== former.select) point();
  });

  function undo() {
    editor?.undo();
    const source = editor?.text();
    if (source === undefined) return;
    store.dispatch({ type: "typed", source });
    run();
  }

  import("./editor.js")
    .then(({ createEditor }) =>
      createEditor(frame, store.get().source, {
        longest,
        typed(source) {
          if (source === store.get().source) return;
          notice.hide();
          store.dispatch({ type: "typed", source });
          if (source.trim()) runner.soon({ source }, PAUSE);
        },
        scrubbed(source) {
          store.dispatch({ type: "typed", source });
          runner.live({ source });
        },
        settled: (source) => runner.settle({ source }),
        run,
        line: (line) => goToLine(store, line),
        place: (line, column) => selectAt(store, line, column),
      }),
    )
    .then((made) => {
      editor = made;
      pre.remove();
      frame.classList.add("ready");
      const { source } = store.get();
      if (editor.text() !== source) editor.replace(source);
      editor.fail(errorInText(store.get()));
      point();
    });

  return { replace, run, focus: () => editor?.focus() };
}

/** Whether a state holds text that is found nowhere else. @param {State} state */
function own(state) {
  const { walk, source, ran } = state;
  return source.trim() !== "" && !(walk?.example && source === ran);
}

/**
 * The program that ran, where it isn't the text that was sent: prompts, fences and the like were taken away.
 * @param {State} state
 * @returns {string | null}
 */
function cleaned({ walk, source, ran }) {
  if (!walk || walk.trace.program.expanded || walk.example || source !== ran) return null;
  const tidy = (/** @type {string} */ text) => text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  const clean = tidy(walk.trace.program.source);
  return clean === tidy(source) ? null : clean;
}

/** A line under the editor: what was done to the text, and Undo. @param {HTMLElement} frame */
function createNotice(frame) {
  const line = h("div", { class: "replaced", role: "status", hidden: true });
  frame.after(line);
  const hide = () => {
    line.hidden = true;
    line.replaceChildren();
  };
  return {
    hide,
    /** @param {string} said @param {() => void} undo */
    say(said, undo) {
      const back = h("button", {
        type: "button",
        class: "button small",
        onclick: () => {
          hide();
          undo();
        },
      });
      back.append(icon("undo-2"), strings.replaced.undo);
      const close = h("button", { type: "button", class: "icon-button", "aria-label": strings.dismiss, onclick: hide });
      close.append(icon("x"));
      line.replaceChildren(h("p", { text: said }), back, close);
      line.hidden = false;
    },
  };
}

/** An error of the program that an expression was expanded to has no place in the expression. @param {State} state @returns {Failure | null} */
function errorInText(state) {
  return state.error ?? (state.walk?.trace.program.expanded ? null : errorOf(state));
}

/** @param {Store} store @param {number} line */
function goToLine(store, line) {
  const { walk, step } = store.get();
  const found = walk && stepOfLine(lookup(walk.trace), line, step + 1);
  if (found) store.dispatch({ type: "goto", step: found.index });
}

/**
 * Selects the narrowest operation at a place of the text.
 * @param {Store} store
 * @param {number} line
 * @param {number} column
 */
function selectAt(store, line, column) {
  const { walk, source, ran } = store.get();
  if (!walk || source !== ran || walk.trace.program.expanded) return;
  const here = walk.trace.nodes.filter((node) => node.line === line);
  if (!here.length && walk.trace.passes.some((pass) => pass.line === line)) return goToLine(store, line);
  const inside = here.filter((node) => node.span && holds(node.span, line, column));
  const narrowest = inside.sort((a, b) => extent(/** @type {any} */ (a.span)) - extent(/** @type {any} */ (b.span)))[0];
  const node = narrowest ?? here.filter((one) => one.kind === "op").at(-1) ?? here[0];
  store.dispatch({ type: "select", id: node?.id ?? null });
}
