// What the run has to say beside the walk: its error, its notes, what it printed, and the program it was expanded to.

/** @import { Failure, State, Store } from "./types.js" */
import { h, icon } from "./dom.js";
import { createListing } from "./listing.js";
import { strings } from "./strings.js";
import { lookup, placeOf, stepOfLine } from "./trace.js";

/** The error to show: why the last run gave nothing, else what the walk itself ended with. @param {State} state @returns {Failure | null} */
export function errorOf(state) {
  return state.error ?? state.walk?.trace.error ?? null;
}

/** @param {HTMLElement} strip @param {Store} store */
export function mountError(strip, store) {
  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    const error = errorOf(state);
    if (former && error === errorOf(former)) return;
    strip.hidden = error === null;
    if (!error) return strip.replaceChildren();
    const title = error.code === "raised" && error.type ? error.type : (strings.error.titles[error.code] ?? strings.error.other);
    strip.replaceChildren(icon("triangle-alert"), h("div", { class: "strip-text" },
      h("p", {}, h("strong", { text: title }), error.line === null ? null : ` · ${strings.atLine(error.line)}`),
      h("p", { class: "strip-message", text: error.message }),
      error.hint ? h("p", { class: "strip-hint", text: error.hint }) : null,
      h("p", { class: "strip-hint", text: state.error ? (state.walk ? strings.kept : "") : strings.raisedHere })));
    if (state.error) {
      const button = h("button", { type: "button", class: "icon-button", "aria-label": strings.dismiss, onclick: () => store.dispatch({ type: "dismissed" }) });
      button.append(icon("x"));
      strip.append(button);
    }
  }
  update(store.get(), null);
  store.subscribe(update);
}

/** @param {HTMLElement} root @param {Store} store @param {(source: string) => void} edit */
export function mountAside(root, store, edit) {
  /** @type {import("./listing.js").Listing | null} */
  let listing = null;
  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    const trace = state.walk?.trace;
    if (state.walk !== former?.walk) {
      listing = null;
      root.replaceChildren();
      if (trace?.program.expanded) {
        const pre = h("div", { class: "listing" });
        listing = createListing(pre, (line) => {
          const step = stepOfLine(lookup(trace), line);
          if (step) store.dispatch({ type: "goto", step: step.index });
        });
        listing.set(trace.program.source);
        root.append(part(strings.expanded, pre, h("button", { type: "button", class: "button small", text: strings.editExpanded, onclick: () => edit(trace.program.source) })));
      }
      if (trace?.notes.length) root.append(part(strings.notes, h("ul", { class: "notes" }, ...trace.notes.map((note) => h("li", {},
        note.line === null ? null : h("span", { class: "quiet", text: `${strings.atLine(note.line)}: ` }), note.message)))));
      if (trace?.stdout) root.append(part(strings.output, h("pre", { class: "output", tabindex: "0", text: trace.stdout })));
      root.hidden = root.childElementCount === 0;
    }
    if (trace) listing?.mark(placeOf(lookup(trace), state.step, state.select));
  }
  update(store.get(), null);
  store.subscribe(update);
}

/** @param {string} title @param {...HTMLElement} children */
function part(title, ...children) {
  return h("section", { class: "aside-part" }, h("h3", { text: title }), ...children);
}
