// What Predict asks at a step, what counts as an answer, and what helps: all read from the Trace and its explanation.

/** @import { AskKind, Edge, Explanation, Nested, Node, Scalar, Step, Value } from "./types.js" */
/** @import { Lookup } from "./trace.js" */
import { strings } from "./strings.js";
import { attributeAt, contributionIn, lookup, nameOf, tensorAt } from "./trace.js";

/** Longer answers are asked for by their shape. */
const MOST_NUMBERS = 6;
/** A guess may be this far off, relatively; and this far in all, for what is zero but for rounding. */
const TOLERANCE = 0.01;
const ROUNDING = 1e-6;

/** @typedef {{tex?: string | null, text?: string | null}} Hint */
/**
 * @typedef {object} Question
 * @property {"value" | "gradient" | "shape" | "node" | "other"} kind
 * @property {string} text
 * @property {number[]} [numbers] the answer, where it is numbers
 * @property {number[]} [shape]
 * @property {Node} [node]
 * @property {Hint[]} hints what helps, the gentlest first; none gives the answer away
 */

/**
 * The question of a step: what the viewer wants to be asked where that fits, else numbers, where there are few, else their shape.
 * @param {import("./types.js").Walk} walk @param {number} index @param {AskKind} wanted @returns {Question}
 */
export function questionAt(walk, index, wanted) {
  const at = lookup(walk.trace);
  const step = at.trace.steps[index];
  const node = step?.node ? at.nodes.get(step.node) : undefined;
  if (!step || !node) return { kind: "other", text: strings.ask.other, hints: [] };
  if (wanted === "node") return nextNode(at, step, node);
  const about = subjectOf(at, step, node, walk.explain);
  if (!about) return { kind: "other", text: strings.ask.other, hints: [] };
  const numbers = wanted === "shape" ? null : numbersOf(about.value);
  const { kind, name, hints } = about;
  if (numbers) return { kind, text: about.text, numbers, hints };
  return { kind: "shape", text: strings.ask.shape(name), shape: about.shape, hints: [{ text: shapesInto(at, step, node) }] };
}

/**
 * @typedef {{kind: "value" | "gradient", text: string, name: string, value: Value, shape: number[], hints: Hint[]}} Subject
 */

/**
 * The number or tensor that a step brings.
 * @param {Lookup} at @param {Step} step @param {Node} node @param {Explanation} explain @returns {Subject | null}
 */
function subjectOf(at, step, node, explain) {
  const pass = step.pass === null ? undefined : at.trace.passes[step.pass];
  const told = explain.nodes?.[node.id];
  const name = nameOf(node);
  if (step.kind === "compute" || step.kind === "update") {
    const set = step.sets.find((one) => one.node === node.id);
    const tensor = set && "tensor" in set ? at.tensors.get(set.tensor) : undefined;
    if (!tensor) return null;
    const forward = step.kind === "compute" ? told?.forward : null;
    return {
      kind: "value",
      text: step.kind === "compute" ? strings.ask.value(told?.plain ?? name) : strings.ask.updated(name),
      name: told?.plain ?? name,
      value: tensor.value,
      shape: tensor.shape,
      hints: forward
        ? [{ text: forward.note }, { tex: withoutResult(forward.numbers) }]
        : [{ text: strings.ask.line(step.line, lineOf(at, step)) }],
    };
  }
  if (!pass) return null;
  if (step.kind === "accumulate") {
    const write = pass.accumulated.find((one) => one.node === node.id);
    const hints = [{ text: strings.ask.adds(name, attributeAt(at, node.id, step.index - 1) != null) }];
    return write ? gradient(strings.ask.grad(name), `${name}.grad`, write.after, hints) : null;
  }
  if (step.kind === "capture") {
    const found = pass.captured.find((one) => one.node === node.id)?.value;
    return found ? gradient(strings.ask.captured(name), strings.ask.gradientOf(name), found, []) : null;
  }
  const edge = (at.into.get(node.id) ?? []).find((one) => contributionIn(pass, one.id));
  const sent = edge && contributionIn(pass, edge.id);
  if (step.kind !== "backward" || !edge || !sent) return null;
  const to = nameOf(at.nodes.get(edge.source));
  const line = told?.chain?.find((one) => one.pass === pass.index && one.edge === edge.id);
  const text = strings.ask.sent(told?.plain ?? name, to);
  return gradient(text, strings.ask.gradientFor(to), sent, [{ tex: line?.names }, { tex: line?.numbers }]);
}

/** @param {string} text @param {string} name @param {Value} value @param {Hint[]} hints @returns {Subject} */
function gradient(text, name, value, hints) {
  return { kind: "gradient", text, name, value, shape: shapeOf(value), hints };
}

/** @param {Lookup} at @param {Step} step @param {Node} node @returns {Question} */
function nextNode(at, step, node) {
  const forward = step.kind === "compute" || step.kind === "update";
  const hint = forward ? strings.ask.line(step.line, lineOf(at, step)) : strings.ask.ready[step.kind];
  return { kind: "node", text: strings.ask.next[step.kind] ?? strings.ask.other, node, hints: [{ text: hint }] };
}

/** @param {Lookup} at @param {Step} step */
const lineOf = (at, step) => (step.line === null ? "" : (at.trace.program.source.split("\n")[step.line - 1] ?? "").trim());

/** The shapes of what a step works with. @param {Lookup} at @param {Step} step @param {Node} node */
function shapesInto(at, step, node) {
  const from = step.kind === "compute" ? (at.into.get(node.id) ?? []).map((/** @type {Edge} */ edge) => edge.source) : [node.id];
  return from
    .map((id) => ({ id, tensor: tensorAt(at, id, step.index - (step.kind === "compute" ? 1 : 0)) ?? tensorAt(at, id, step.index) }))
    .map(({ id, tensor }) => (tensor ? `${nameOf(at.nodes.get(id))}: ${shapeWords(tensor.shape)}` : null))
    .filter(Boolean)
    .join(" · ");
}

/** @param {number[]} shape */
export const shapeWords = (shape) => (shape.length ? shape.join("×") : strings.scalar);

/** `2 · 3 = 6` up to the first equals sign; nothing where there is none, as that is the result. @param {string | null | undefined} numbers */
function withoutResult(numbers) {
  const cut = numbers?.indexOf(" = ") ?? -1;
  return cut > 0 ? numbers?.slice(0, cut) : null;
}

/** @param {Value} value @returns {number[] | null} */
function numbersOf(value) {
  const all = value.kind === "full" ? flat(value.data) : [];
  const numbers = all.map(asNumber).filter((x) => x !== null);
  return all.length && numbers.length === all.length && all.length <= MOST_NUMBERS ? numbers : null;
}

/** @param {Scalar} x @returns {number | null} */
function asNumber(x) {
  if (typeof x === "object") return null;
  return typeof x === "string" ? { nan: NaN, inf: Infinity, "-inf": -Infinity }[x] : Number(x);
}

/** @param {Nested} data @returns {Scalar[]} */
function flat(data) {
  return Array.isArray(data) ? data.flatMap(flat) : [data];
}

/** @param {Value} value @returns {number[]} */
function shapeOf(value) {
  const shape = [];
  for (let at = value.kind === "full" ? value.data : 0; Array.isArray(at); at = /** @type {Nested} */ (at[0] ?? 0)) shape.push(at.length);
  return value.kind === "full" ? shape : [value.numel];
}

/**
 * The numbers in what was typed: `-1.5`, `2,5`, `1/3`, `[1, 2]`, `2e-3`, `nan`, `-inf`.
 * @param {string} text
 * @returns {number[]}
 */
export function typedNumbers(text) {
  const tidy = text
    .replaceAll("−", "-")
    .replaceAll("∞", "inf")
    .replace(/×\s*10\^?/g, "e")
    .replace(/(?<=\d),(?=\d)(?!.*[\s[\]])/g, ".");
  const number = /([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?:\s*\/\s*(\d+\.?\d*|\.\d+))?|[-+]?inf|nan|true|false/gi;
  return [...tidy.matchAll(number)].map(([all, digits, divisor]) => {
    if (digits) return Number(digits) / (divisor ? Number(divisor) : 1);
    const word = all.toLowerCase();
    return { nan: NaN, true: 1, false: 0 }[word] ?? (word.startsWith("-") ? -Infinity : Infinity);
  });
}

/**
 * Whether a guess is right, within rounding.
 * @param {number[]} guess
 * @param {number[]} answer
 */
export function matches(guess, answer) {
  const near = (/** @type {number} */ x, /** @type {number} */ y) =>
    Number.isFinite(y) ? Math.abs(x - y) <= TOLERANCE * Math.abs(y) + ROUNDING : Object.is(x, y);
  return guess.length === answer.length && guess.every((x, k) => near(x, answer[k] ?? NaN));
}

/** Whether `2x3`, `(2, 3)`, `[2,3]` or `scalar` is a shape. @param {string} text @param {number[]} shape */
export function isShape(text, shape) {
  const sizes = /^\s*(?:scalar|\(\s*\)|\[\s*\])\s*$/i.test(text) ? [] : (text.match(/\d+/g) ?? [null]).map(Number);
  return sizes.length === shape.length && sizes.every((size, k) => size === shape[k]);
}

/** Whether something is a node's name, or its text in the source. @param {string} text @param {Node} node */
export function isName(text, node) {
  const tight = (/** @type {string} */ words) => words.replace(/\s+/g, "").replaceAll("×", "*");
  return [node.name, node.label, node.op].some((name) => name && tight(name) === tight(text));
}

/**
 * Whether an answer is right.
 * @param {Question} question @param {string} typed
 */
export function answers(question, typed) {
  if (question.node) return isName(typed, question.node);
  if (question.shape) return isShape(typed, question.shape);
  return question.numbers !== undefined && matches(typedNumbers(typed), question.numbers);
}
