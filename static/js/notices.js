// What the run has to say beside the walk: its error, its notes, what it printed, and the program it was expanded to.

/** @import { Failure, Note, State, Store } from "./types.js" */
import { h, icon } from "./dom.js";
import { createListing } from "./listing.js";
import { last } from "./state.js";
import { strings } from "./strings.js";
import { lookup, placeOf, stepOfLine } from "./trace.js";

/**
 * The error to show: why the last run gave nothing, else what the walk itself ended with.
 * @param {State} state
 * @returns {Failure | null}
 */
export function errorOf(state) {
  return state.error ?? state.walk?.trace.error ?? null;
}

/** The note that says what the walk's own error means. @param {State} state @returns {Note | undefined} */
function meaningOf(state) {
  const trace = state.walk?.trace;
  return trace?.notes.findLast((note) => note.code === trace.error?.note && note.line === trace.error?.line);
}

/** @param {HTMLElement} strip @param {Store} store @param {() => void} [again] runs the program once more */
export function mountError(strip, store, again) {
  let timer = 0;
  let tries = 0;
  addEventListener("online", () => {
    if (errorOf(store.get())?.code === "unreachable") again?.();
  });
  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    const error = errorOf(state);
    if (former && error === errorOf(former)) return;
    strip.hidden = error === null;
    clearTimeout(timer);
    if (state.walk !== former?.walk) tries = 0;
    if (!error) return strip.replaceChildren();
    const soon = again && error.retry && tries < MOST_TRIES ? error.retry : 0;
    if (soon && again) {
      tries += 1;
      timer = window.setTimeout(again, 1000 * soon);
    }
    const title =
      error.code === "raised" && error.type ? error.type : (strings.error.titles[error.code] ?? strings.error.other);
    const meaning = state.error ? undefined : meaningOf(state);
    strip.replaceChildren(
      icon("triangle-alert"),
      h(
        "div",
        { class: "strip-text" },
        h("p", {}, h("strong", { text: title }), error.line === null ? null : ` · ${strings.atLine(error.line)}`),
        h("p", { class: "strip-message", text: meaning?.message ?? error.message }),
        error.hint ? h("p", { class: "strip-hint", text: error.hint }) : null,
        meaning ? h("details", {}, h("summary", { text: strings.ownWords }), h("p", { text: error.message })) : null,
        h("p", { class: "strip-hint", text: state.error ? (state.walk ? strings.kept : "") : strings.raisedHere }),
        soon ? h("p", { class: "strip-hint", text: strings.retryIn(soon) }) : null,
        again && PASSING.has(error.code)
          ? h("button", { type: "button", class: "button small", text: strings.retry, onclick: again })
          : null,
      ),
    );
    if (state.error) {
      const button = h("button", {
        type: "button",
        class: "icon-button",
        "aria-label": strings.dismiss,
        onclick: () => store.dispatch({ type: "dismissed" }),
      });
      button.append(icon("x"));
      strip.append(button);
    }
  }
  update(store.get(), null);
  store.subscribe(update);
}

/** Errors that are not the program's, so that another try may go well. */
const PASSING = new Set(["rate_limited", "busy", "unreachable", "sandbox_unavailable", "crashed", "odd", "internal"]);
const MOST_TRIES = 3;

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
        if (trace.error?.line) pre.querySelector(`[data-line="${trace.error.line}"]`)?.classList.add("failed");
        root.append(
          part(
            strings.expanded,
            pre,
            h("button", {
              type: "button",
              class: "button small",
              text: strings.editExpanded,
              onclick: () => edit(trace.program.source),
            }),
          ),
        );
      }
      const example = state.walk?.example;
      if (example) root.append(lesson(example, store));
      // The lecturer's own notes are comments that stand in the program; they come with their steps. What the error
      // means stands with the error.
      const meaning = meaningOf(state);
      const notes = trace?.notes.filter((note) => note.code !== "lecturer" && note !== meaning) ?? [];
      notes.sort((a, b) => Number(a.line === null) - Number(b.line === null));
      if (trace && !trace.error && !trace.passes.length && !trace.nodes.some((node) => node.kind === "leaf"))
        notes.unshift({ code: "no_gradients", message: strings.noGradients, line: null, node: null });
      if (notes.length)
        root.append(
          part(
            strings.notes,
            h(
              "ul",
              { class: "notes" },
              ...notes.map((note) =>
                h(
                  "li",
                  {},
                  note.line === null ? null : h("span", { class: "quiet", text: `${strings.atLine(note.line)}: ` }),
                  note.message,
                ),
              ),
            ),
          ),
        );
      if (trace?.stdout)
        root.append(part(strings.output, h("pre", { class: "output", tabindex: "0", text: trace.stdout })));
      root.hidden = root.childElementCount === 0;
    }
    const told = root.querySelector(".lesson");
    if (told instanceof HTMLElement) told.hidden = state.source !== state.ran;
    for (const link of root.querySelectorAll(".lesson [data-step]")) {
      link.toggleAttribute("data-now", Number(link.getAttribute("data-step")) === state.step);
    }
    if (trace) listing?.mark(placeOf(lookup(trace), state.step, state.select));
  }
  update(store.get(), null);
  store.subscribe(update);
}

/**
 * The example's idea, and its lesson, whose `[words](step=3)` go to that step.
 * @param {import("./types.js").Example} example
 * @param {Store} store
 */
function lesson(example, store) {
  const paragraphs = [example.idea, ...(example.lesson ?? "").split("\n\n")]
    .filter((text) => text)
    .map((text) => {
      const paragraph = h("p");
      let at = 0;
      for (const match of text.matchAll(/\[([^\]]+)\]\(step=(\w+)\)/g)) {
        const step = stepNamed(store, match[2] ?? "");
        paragraph.append(
          text.slice(at, match.index),
          h("a", {
            class: "link",
            href: `?ex=${example.name}&step=${step}`,
            "data-step": step,
            text: match[1],
            onclick: (/** @type {Event} */ event) => {
              event.preventDefault();
              store.dispatch({ type: "goto", step });
            },
          }),
        );
        at = match.index + match[0].length;
      }
      paragraph.append(text.slice(at));
      return paragraph;
    });
  const section = part(strings.lesson, ...paragraphs);
  section.classList.add("lesson");
  return section;
}

/** The index of `3`, `start`, `loss` or `end`. @param {Store} store @param {string} name */
function stepNamed(store, name) {
  const state = store.get();
  const steps = state.walk?.trace.steps ?? [];
  if (name === "end") return last(state);
  if (name !== "loss") return Number(name) || 0;
  const seed = steps.find((step) => step.kind === "seed")?.index ?? Infinity;
  return steps.findLast((step) => step.kind === "compute" && step.index < seed)?.index ?? 0;
}

/** @param {string} title @param {...HTMLElement} children */
function part(title, ...children) {
  return h("section", { class: "aside-part" }, h("h3", { text: title }), ...children);
}
