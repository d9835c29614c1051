// Predict: each step first asks for what it brings. A right answer, "Reveal" or going on shows it; wrong ones get a hint.

/** @import { AskKind, State, Store } from "./types.js" */
/** @import { Hint, Question } from "./questions.js" */
import { h, need } from "./dom.js";
import { formula } from "./inspector/formula.js";
import { belongsTo } from "./keys.js";
import { answers, questionAt } from "./questions.js";
import { strings } from "./strings.js";
import { nameOf } from "./trace.js";

/** @param {HTMLElement} root @param {Store} store */
export function mountPredict(root, store) {
  const form = /** @type {HTMLFormElement} */ (need(root, "[data-ask]"));
  const input = /** @type {HTMLInputElement} */ (need(form, "input"));
  const kind = /** @type {HTMLSelectElement} */ (need(form, "select"));
  const said = need(form, "[data-said]");
  const score = need(form, "[data-score]");
  const done = need(root, "[data-answered]");
  const sentence = need(root, "[data-sentence]");
  const stage = need(root, "[data-canvas]");
  const button = document.querySelector("[data-predict]");
  /** @type {Question | null} */
  let question = null;
  let tries = 0;
  /** Questions answered at the first try, and all that were asked. */
  let tally = { right: 0, asked: 0 };

  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    button?.setAttribute("aria-pressed", String(state.predict));
    root.classList.toggle("predicting", state.predict);
    if (state.predict !== former?.predict) tally = { right: 0, asked: 0 };
    const same =
      former && state.asking === former.asking && state.step === former.step && state.walk === former.walk;
    if (same && state.ask === former.ask) return;
    question = state.asking && state.walk ? questionAt(state.walk, state.step, state.ask) : null;
    tries = 0;
    root.classList.toggle("asking", state.asking);
    root.classList.toggle("asking-node", question?.kind === "node");
    // What an update brings is a leaf's value; else the leaves' values are given, and go into the answer.
    root.classList.toggle("asking-update", state.asking && state.walk?.trace.steps[state.step]?.kind === "update");
    form.hidden = !state.asking;
    sentence.hidden = state.asking;
    said.replaceChildren();
    if (state.asking) done.textContent = "";
    input.value = "";
    kind.value = state.ask;
    need(form, "[data-question]").textContent = question?.text ?? "";
    const typed = question !== null && question.kind !== "other";
    for (const element of form.querySelectorAll("[data-typed]")) /** @type {HTMLElement} */ (element).hidden = !typed;
    const several = (question?.numbers?.length ?? 0) > 1;
    input.placeholder = question ? strings.ask.form[several ? "several" : question.kind] : "";
    score.textContent = tally.asked ? strings.ask.score(tally.right, tally.asked) : "";
    if (!state.asking && form.contains(document.activeElement)) root.focus({ preventScroll: true });
  }

  /** @param {boolean} right */
  function settle(right) {
    if (!question) return;
    tally = { right: tally.right + Number(right && tries === 0), asked: tally.asked + 1 };
    if (right) praise(sentence);
    done.textContent = `${right ? strings.ask.right : ""} ${tally.asked ? strings.ask.score(tally.right, tally.asked) : ""}`;
    store.dispatch({ type: "reveal" });
  }

  /** @param {boolean} right */
  function judge(right) {
    if (right) return settle(true);
    const hint = question?.hints.filter((one) => one.tex || one.text)[Math.min(tries, question.hints.length - 1)];
    tries += 1;
    said.replaceChildren(strings.ask.wrong, " ", ...(hint ? [hinted(hint)] : []));
    input.select();
    input.focus({ preventScroll: true });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!question || !input.value.trim()) return;
    judge(answers(question, input.value));
  });
  need(form, "[data-reveal]").addEventListener("click", () => settle(false));
  kind.addEventListener("change", () => store.dispatch({ type: "ask", kind: /** @type {AskKind} */ (kind.value) }));
  button?.addEventListener("click", () => store.dispatch({ type: "predict", on: !store.get().predict }));

  /** Where the next node is asked for, a node of the drawing is an answer and not a choice. @param {Event} event */
  function pick(event) {
    if (question?.kind !== "node" || !question.node || !(event.target instanceof Element)) return;
    const card = event.target.closest("[data-node]");
    if (!card || (event instanceof KeyboardEvent && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.stopPropagation();
    const ids = [card, ...card.querySelectorAll("[data-node]")].map((one) => one.getAttribute("data-node"));
    input.value = nameOf(store.get().walk?.trace.nodes.find((node) => node.id === ids[0]));
    judge(ids.includes(question.node.id));
  }
  stage.addEventListener("click", pick, true);
  stage.addEventListener("keydown", pick, true);

  // A digit typed anywhere begins an answer; Enter behind an answer goes on.
  document.addEventListener("keydown", (event) => {
    const state = store.get();
    if (!state.predict || event.ctrlKey || event.metaKey || event.altKey || belongsTo(event.target, event.key)) return;
    if (state.asking && /^[\d.(−-]$/.test(event.key) && !input.hidden) input.focus();
    else if (!state.asking && event.key === "Enter" && (event.target === root || event.target === document.body))
      store.dispatch({ type: "next" });
  });
  update(store.get(), null);
  store.subscribe(update);
}

/** @param {Hint} hint */
function hinted(hint) {
  return hint.tex ? formula(hint.tex, "", "hint-formula") : h("span", { text: hint.text });
}

/** @param {HTMLElement} sentence */
function praise(sentence) {
  sentence.classList.add("right");
  setTimeout(() => sentence.classList.remove("right"), 2400);
}
