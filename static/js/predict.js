// Predict: each new number is asked for before it is shown. Typing an answer or "Reveal" shows it; nothing is scored.

/** @import { Nested, Scalar, State, Step, Store, Value } from "./types.js" */
/** @import { Lookup } from "./trace.js" */
import { need } from "./dom.js";
import { belongsTo } from "./keys.js";
import { strings } from "./strings.js";
import { contributionIn, lookup, nameOf } from "./trace.js";

/** Longer answers are revealed rather than typed. */
const MOST_NUMBERS = 6;
/** A guess may be this far off, relatively. */
const TOLERANCE = 0.01;

/** @typedef {{text: string, numbers: number[] | null}} Question `numbers`: what to type; null where it is too much */

/**
 * What to ask at a step; null where nothing new is to be known.
 * @param {Lookup} at
 * @param {Step} step
 * @param {string} [plain] the step's node with its operation, `u = w × x`
 * @returns {Question | null}
 */
export function questionOf(at, step, plain) {
  const node = step.node === null ? undefined : at.nodes.get(step.node);
  const pass = step.pass === null ? undefined : at.trace.passes[step.pass];
  if (!node) return null;
  const name = nameOf(node);
  if (step.kind === "compute" || step.kind === "update") {
    const set = step.sets.find((one) => one.node === node.id && "tensor" in one);
    const tensor = set && "tensor" in set ? at.tensors.get(set.tensor) : undefined;
    const text = step.kind === "compute" ? strings.ask.value(plain ?? name) : strings.ask.updated(name);
    return tensor ? asked(text, tensor.value) : null;
  }
  if (!pass) return null;
  if (step.kind === "accumulate") {
    const write = pass.accumulated.find((one) => one.node === node.id);
    return write ? asked(strings.ask.grad(name), write.after) : null;
  }
  if (step.kind !== "backward") return null;
  const edge = (at.into.get(node.id) ?? []).find((one) => contributionIn(pass, one.id));
  const sent = edge && contributionIn(pass, edge.id);
  return edge && sent ? asked(strings.ask.sent(plain ?? name, nameOf(at.nodes.get(edge.source))), sent) : null;
}

/** @param {string} text @param {Value} value @returns {Question} */
function asked(text, value) {
  const all = value.kind === "full" ? flat(value.data) : [];
  const numbers = all.map((x) => (typeof x === "boolean" ? Number(x) : x)).filter((x) => typeof x === "number");
  return { text, numbers: all.length && numbers.length === all.length && all.length <= MOST_NUMBERS ? numbers : null };
}

/** @param {Nested} data @returns {Scalar[]} */
function flat(data) {
  return Array.isArray(data) ? data.flatMap(flat) : [data];
}

/**
 * The numbers in what was typed: `-1.5`, `2,5`, `1/3`, `[1, 2]`.
 * @param {string} text
 * @returns {number[]}
 */
export function typedNumbers(text) {
  const tidy = text.replaceAll("−", "-").replace(/(?<=\d),(?=\d)(?!.*[\s[\]])/g, ".");
  return [...tidy.matchAll(/(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?:\s*\/\s*(\d+\.?\d*))?/g)].map(
    ([, number, divisor]) => Number(number) / (divisor ? Number(divisor) : 1),
  );
}

/**
 * Whether a guess is right, within rounding.
 * @param {number[]} guess
 * @param {number[]} answer
 */
export function matches(guess, answer) {
  const near = (/** @type {number} */ x, /** @type {number} */ y) => Math.abs(x - y) <= TOLERANCE * Math.abs(y) + 1e-9;
  return guess.length === answer.length && guess.every((x, k) => near(x, answer[k] ?? NaN));
}

/** @param {HTMLElement} root @param {Store} store */
export function mountPredict(root, store) {
  const form = need(root, "[data-ask]");
  const input = /** @type {HTMLInputElement} */ (need(form, "input"));
  const check = need(form, "[data-check]");
  const said = need(form, "[data-said]");
  const sentence = need(root, "[data-sentence]");
  const button = document.querySelector("[data-predict]");
  /** @type {Question | null} */
  let question = null;

  /** @param {State} state @param {State | null} former */
  function update(state, former) {
    button?.setAttribute("aria-pressed", String(state.predict));
    if (former && state.asking === former.asking && state.step === former.step && state.walk === former.walk) return;
    const step = state.walk?.trace.steps[state.step];
    question =
      state.asking && state.walk && step
        ? questionOf(lookup(state.walk.trace), step, state.walk.explain?.nodes?.[step.node ?? ""]?.plain)
        : null;
    root.classList.toggle("asking", state.asking);
    form.hidden = !state.asking;
    sentence.hidden = state.asking;
    said.textContent = "";
    input.value = "";
    need(form, "[data-question]").textContent = question?.text ?? strings.ask.other;
    input.hidden = check.hidden = !question?.numbers;
    if (!state.asking && form.contains(document.activeElement)) root.focus({ preventScroll: true });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const guess = typedNumbers(input.value);
    if (!guess.length || (question?.numbers && matches(guess, question.numbers))) {
      store.dispatch({ type: "reveal" });
      if (guess.length) praise(sentence);
    } else {
      said.textContent = strings.ask.wrong;
      input.select();
    }
  });
  need(form, "[data-reveal]").addEventListener("click", () => store.dispatch({ type: "reveal" }));
  button?.addEventListener("click", () => store.dispatch({ type: "predict", on: !store.get().predict }));
  // A digit typed anywhere is an answer.
  document.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && /^[\d.−-]$/.test(event.key);
    if (store.get().asking && plain && !belongsTo(event.target, event.key)) input.focus();
  });
  update(store.get(), null);
  store.subscribe(update);
}

/** @param {HTMLElement} sentence */
function praise(sentence) {
  sentence.classList.add("right");
  setTimeout(() => sentence.classList.remove("right"), 1800);
}
