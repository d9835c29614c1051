// Lookups over one Trace: what a node, an edge or a line holds at a step. It finds what was recorded, and computes nothing.

/** @import { Edge, Node, Pass, Step, Storage, Tensor, Trace, Value, Span } from "./types.js" */

/**
 * @typedef {object} Lookup
 * @property {Trace} trace
 * @property {Map<string, Node>} nodes
 * @property {Map<string, Edge>} edges
 * @property {Map<string, Tensor>} tensors
 * @property {Map<string, Storage>} storages
 * @property {Map<string, Edge[]>} into edges by their target
 * @property {Map<string, Edge[]>} outOf edges by their source
 * @property {Map<string, {step: number, output: number, tensor: string}[]>} values by node, in step order
 * @property {Map<string, {step: number, grad: Value | null}[]>} attributes writes of .grad by node, in step order
 * @property {Map<string, {step: number, pass: number}[]>} visits the steps in which a pass works at a node
 */

/** @type {WeakMap<Trace, Lookup>} */
const cache = new WeakMap();

/** @param {Trace} trace @returns {Lookup} */
export function lookup(trace) {
  let found = cache.get(trace);
  if (!found) {
    found = build(trace);
    cache.set(trace, found);
  }
  return found;
}

/** @template K, V @param {Map<K, V[]>} map @param {K} key @param {V} value */
function add(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** @param {Trace} trace @returns {Lookup} */
function build(trace) {
  /** @type {Lookup} */
  const found = {
    trace,
    nodes: new Map(trace.nodes.map((node) => [node.id, node])),
    edges: new Map(trace.edges.map((edge) => [edge.id, edge])),
    tensors: new Map(trace.tensors.map((tensor) => [tensor.id, tensor])),
    storages: new Map(trace.storages.map((storage) => [storage.id, storage])),
    into: new Map(),
    outOf: new Map(),
    values: new Map(),
    attributes: new Map(),
    visits: new Map(),
  };
  for (const edge of trace.edges) {
    add(found.into, edge.target, edge);
    add(found.outOf, edge.source, edge);
  }
  for (const step of trace.steps) {
    for (const set of step.sets) {
      if ("tensor" in set) add(found.values, set.node, { step: step.index, output: set.output, tensor: set.tensor });
      else add(found.attributes, set.node, { step: step.index, grad: set.grad });
    }
    if (step.pass !== null && step.node !== null) add(found.visits, step.node, { step: step.index, pass: step.pass });
  }
  return found;
}

/**
 * The tensor that an output of a node shows at a step.
 * @param {Lookup} at
 * @param {string} node
 * @param {number} step
 * @param {number} [output]
 */
export function tensorAt(at, node, step, output = 0) {
  const set = at.values
    .get(node)
    ?.filter((value) => value.step <= step && value.output === output)
    .at(-1);
  return set ? at.tensors.get(set.tensor) : undefined;
}

/** The first tensor of an output, whatever the step. @param {Lookup} at @param {string} node */
export function firstTensor(at, node) {
  const id = at.nodes.get(node)?.outputs[0];
  return id === undefined ? undefined : at.tensors.get(id);
}

/**
 * The `.grad` of a leaf at a step; undefined where it was never written.
 * @param {Lookup} at
 * @param {string} node
 * @param {number} step
 */
export function attributeAt(at, node, step) {
  return at.attributes
    .get(node)
    ?.filter((write) => write.step <= step)
    .at(-1)?.grad;
}

/**
 * The pass that reached the node last, at or before the step.
 * @param {Lookup} at
 * @param {string} node
 * @param {number} step
 * @returns {Pass | undefined}
 */
export function passAt(at, node, step) {
  const visit = at.visits
    .get(node)
    ?.filter((one) => one.step <= step)
    .at(-1);
  return visit && at.trace.passes[visit.pass];
}

/**
 * The gradient that arrived at a node's output in a pass.
 * @param {Pass} pass
 * @param {string} node
 * @param {number} [output]
 */
export function gradIn(pass, node, output = 0) {
  return pass.grads.find((grad) => grad.node === node && grad.output === output)?.value;
}

/** @param {Pass} pass @param {string} edge */
export function contributionIn(pass, edge) {
  return pass.contributions.find((one) => one.edge === edge)?.value;
}

/** How a person calls a node. @param {Node | undefined} node */
export function nameOf(node) {
  return node ? (node.name ?? (node.label || node.op)) : "?";
}

/** The name of what a pass starts from. @param {Lookup} at @param {Pass} pass */
export function rootName(at, pass) {
  const root = pass.roots[0];
  return root ? nameOf(at.nodes.get(root[0])) : "?";
}

/**
 * The first step that happens at a line; at the line of a `.backward()`, the first of its next pass.
 * @param {Lookup} at
 * @param {number} line
 * @param {number} from
 * @returns {Step | undefined}
 */
export function stepOfLine(at, line, from = 0) {
  const passes = at.trace.passes.some((pass) => pass.line === line);
  const steps = at.trace.steps.filter((step) => step.line === line && (!passes || step.kind === "seed"));
  return steps.find((step) => step.index >= from) ?? steps[0];
}

/** The nodes made at a line. @param {Lookup} at @param {number} line */
export function nodesOfLine(at, line) {
  return at.trace.nodes.filter((node) => node.line === line);
}

/**
 * What a selection stands for.
 * @param {Lookup} at @param {string | null} select
 * @returns {{node?: Node, edge?: Edge, path?: {pass: Pass, leaf: Node, edges: string[], index: number}}}
 */
export function selected(at, select) {
  if (!select) return {};
  const [kind, leaf, index] = select.split(":");
  if (kind === "path" && leaf && index) return pathOf(at, leaf, Number(index));
  return { node: at.nodes.get(select), edge: at.edges.get(select) };
}

/**
 * `path:n0:1` is the second shown path to n0, over the passes in order.
 * @param {Lookup} at
 * @param {string} leaf
 * @param {number} index
 */
function pathOf(at, leaf, index) {
  const shown = at.trace.passes.flatMap((pass) =>
    pass.paths.filter((paths) => paths.leaf === leaf).flatMap((paths) => paths.shown.map((path) => ({ pass, path }))),
  );
  const found = shown[index];
  const node = at.nodes.get(leaf);
  if (!found || !node) return {};
  return { path: { pass: found.pass, leaf: node, edges: found.path.edges ?? [], index }, node };
}

/**
 * What the page should point at: the selection, else the step.
 * @param {Lookup} at
 * @param {number} step
 * @param {string | null} select
 */
export function focusOf(at, step, select) {
  const chosen = selected(at, select);
  const now = at.trace.steps[step];
  const node =
    chosen.node ?? (chosen.edge ? at.nodes.get(chosen.edge.target) : now?.node ? at.nodes.get(now.node) : undefined);
  return { ...chosen, node, step: now };
}

/**
 * @typedef {{line: number | null, span: Span | null, running: number | null}} Place `running`: the line being executed, where it is another
 */

/**
 * The place in the source to highlight: where the thing in question was made. In a backward step the line that runs is the
 * `.backward()`, and what it works at is the operation.
 * @param {Lookup} at @param {number} step @param {string | null} select @returns {Place}
 */
export function placeOf(at, step, select) {
  const chosen = selected(at, select);
  const now = at.trace.steps[step];
  const made =
    chosen.node ??
    (chosen.edge ? at.nodes.get(chosen.edge.target) : undefined) ??
    (now?.phase === "backward" && now.node ? at.nodes.get(now.node) : undefined);
  const running = select === null ? (now?.line ?? null) : null;
  if (made && made.line !== null)
    return { line: made.line, span: made.span, running: running === made.line ? null : running };
  return { line: now?.line ?? null, span: now?.span ?? null, running: null };
}
