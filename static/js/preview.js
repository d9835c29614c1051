// What a step says, above the timeline: under the pointer, or while a finger drags; the node it is about is marked.

/** @import { State, Store } from "./types.js" */
import { h } from "./dom.js";
import { spelt } from "./sentence.js";
import { first, last, tellable } from "./state.js";
import { iterationAt, stopsOf } from "./stops.js";
import { strings } from "./strings.js";

const THUMB = 20;

/** @param {HTMLInputElement} range @param {HTMLElement} preview @param {Store} store */
export function mountPreview(range, preview, store) {
  /** @param {PointerEvent} event */
  function show(event) {
    const state = store.get();
    const rect = range.getBoundingClientRect();
    const along = Math.min(1, Math.max(0, (event.clientX - rect.left - THUMB / 2) / (rect.width - THUMB)));
    const step = state.walk?.trace.steps[Math.round(first(state) + along * (last(state) - first(state)))];
    if (!step) return;
    const told = step.index <= tellable(state);
    preview.replaceChildren(
      h("span", { class: "preview-head", text: headOf(state, step.index) }),
      h("span", { text: told ? spelt(step.text, state) : strings.ask.hidden }),
    );
    preview.hidden = false;
    const half = preview.offsetWidth / 2;
    preview.style.left = `${Math.min(rect.width - half, Math.max(half, event.clientX - rect.left))}px`;
    hint(told ? step.node : null);
  }
  function hide() {
    if (preview.hidden) return;
    preview.hidden = true;
    hint(null);
  }
  for (const type of /** @type {const} */ (["pointerdown", "pointermove"])) range.addEventListener(type, show);
  for (const type of ["pointerleave", "pointercancel", "lostpointercapture"]) range.addEventListener(type, hide);
  // A finger that is lifted points at nothing.
  range.addEventListener("pointerup", (event) => event.pointerType !== "mouse" && hide());
}

/** @param {State} state @param {number} index */
function headOf(state, index) {
  const phase = state.walk?.trace.steps[index]?.phase ?? "start";
  const turn = iterationAt(stopsOf(state.walk), index);
  return [index + 1, turn < 0 ? null : strings.iteration(turn + 1), strings.phases[phase]].filter(Boolean).join(" · ");
}

/** @param {string | null} detail */
function hint(detail) {
  document.dispatchEvent(new CustomEvent("gradwalk:hint", { detail }));
}
