// "One more SGD step": a button under the program, where a leaf holds a gradient.

/** @import { State, Store } from "./types.js" */
import { toast } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { strings } from "./strings.js";

/**
 * @param {HTMLElement} frame the editor's @param {Store} store @param {import("./rewrite.js").Rewriter} rewriter
 * @param {ReturnType<typeof import("./program.js").mountProgram>} program
 */
export function mountStep(frame, store, rewriter, program) {
  const button = h("button", { type: "button", class: "more-step", title: strings.oneMore.title });
  button.append(icon("plus"), strings.oneMore.label);
  frame.after(button);

  button.addEventListener("click", async () => {
    const end = (store.get().walk?.trace.steps.length ?? 1) - 1;
    button.setAttribute("aria-disabled", "true");
    const answer = await rewriter.step();
    if ("made" in answer)
      // The walk goes on where it ended: what was the end is the first new step.
      await program.replace(answer.made.source.replace(/\n+$/, ""), { said: strings.oneMore.done, step: end });
    else toast(`${answer.failure.message} ${answer.failure.hint ?? ""}`);
    button.removeAttribute("aria-disabled");
  });

  /** @param {State} state */
  function update(state) {
    const trace = state.walk?.trace;
    const can = trace?.passes.some((pass) => pass.accumulated.length > 0) && !trace.error && state.source === state.ran;
    button.hidden = !can;
  }
  update(store.get());
  store.subscribe(update);
}
