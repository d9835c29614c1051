// All steps as a table: the walk in words, for screen readers and for whoever likes to read ahead.

/** @import { State, Store } from "./types.js" */
import { h } from "./dom.js";
import { spelt } from "./sentence.js";
import { tellable } from "./state.js";
import { strings } from "./strings.js";

/**
 * Writes anew what Predict has come to show, or hides.
 * @param {HTMLElement[]} rows @param {State} state @param {number} from @param {number} to
 */
function tell(rows, state, from, to) {
  for (const step of state.walk?.trace.steps.slice(Math.max(0, from), to + 1) ?? []) {
    const cell = rows[step.index]?.lastElementChild;
    if (cell) cell.textContent = wordsOf(state, step);
  }
}

/** @param {State} state @param {import("./types.js").Step} step */
function wordsOf(state, step) {
  return step.index <= tellable(state) ? spelt(step.text, state) : strings.ask.hidden;
}

/** @param {HTMLElement} root @param {Store} store */
export function mountTable(root, store) {
  /** @type {HTMLElement[]} */
  let rows = [];
  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    if (state.walk !== former?.walk) {
      rows = (state.walk?.trace.steps ?? []).map((step) =>
        h(
          "tr",
          { class: step.phase, "data-step": step.index },
          h(
            "th",
            { scope: "row" },
            h("button", {
              type: "button",
              class: "link",
              text: step.index + 1,
              onclick: () => store.dispatch({ type: "goto", step: step.index }),
            }),
          ),
          h("td", { text: step.line ?? "" }),
          h("td", { text: wordsOf(state, step) }),
        ),
      );
      root.replaceChildren(
        h(
          "table",
          { class: "steps" },
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ...[strings.stepTable.step, strings.stepTable.line, strings.stepTable.what].map((text) =>
                h("th", { scope: "col", text }),
              ),
            ),
          ),
          h("tbody", {}, ...rows),
        ),
      );
    }
    const [told, before] = [tellable(state), former ? tellable(former) : tellable(state)];
    if (former && state.partial !== former.partial) tell(rows, state, 0, rows.length - 1);
    else if (told !== before) tell(rows, state, Math.min(told, before) + 1, Math.max(told, before));
    rows[former?.step ?? -1]?.removeAttribute("aria-current");
    const row = rows[state.step];
    row?.setAttribute("aria-current", "step");
    // Only when it is seen: to measure is to lay out.
    if (row && root.closest("[data-player]")?.getAttribute("data-side-tab") === "steps") {
      const [top, bottom] = [row.offsetTop - 48, row.offsetTop + row.offsetHeight + 24];
      if (top < root.scrollTop) root.scrollTop = top;
      else if (bottom > root.scrollTop + root.clientHeight) root.scrollTop = bottom - root.clientHeight;
    }
  }
  root.addEventListener("click", (event) => {
    const row = event.target instanceof Element ? event.target.closest("tr[data-step]") : null;
    if (row) store.dispatch({ type: "goto", step: Number(row.getAttribute("data-step")) });
  });
  update(store.get(), null);
  store.subscribe(update);
}
