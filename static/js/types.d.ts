/** The shapes that travel between the server, the state and the views. The Trace is described in docs/trace.md. */

export type Scalar = boolean | number | "nan" | "inf" | "-inf" | { re: number | string; im: number | string };
export type Nested = Scalar | Nested[];
export interface Full {
  kind: "full";
  data: Nested;
}
export interface Summary {
  kind: "summary";
  numel: number;
  min: Scalar | null;
  max: Scalar | null;
  mean: Scalar | null;
  std: Scalar | null;
  zeros: number;
  nan: number;
  inf: number;
  sample: Scalar[][];
}
export type Value = Full | Summary;
export type Span = [number, number, number, number];
export type Endpoint = [string, number];

export interface Tensor {
  id: string;
  name: string | null;
  shape: number[];
  dtype: string;
  layout: string;
  stride: number[];
  offset: number;
  storage: string | null;
  version: number;
  requires_grad: boolean;
  is_leaf: boolean;
  value: Value;
}
export interface Storage {
  id: string;
  itemsize: number;
  size: number;
  cells: Value;
}
export interface Node {
  id: string;
  kind: "leaf" | "input" | "op";
  op: string;
  symbol: string;
  grad_fn: string | null;
  name: string | null;
  label: string;
  args: Record<string, unknown>;
  line: number | null;
  span: Span | null;
  call: string | null;
  module: string | null;
  outputs: string[];
  hooked: boolean;
  saved: { name: string; tensor: string }[];
}
export interface Edge {
  id: string;
  source: string;
  output: number;
  target: string;
  input: number;
  differentiable: boolean;
}
export interface ShownPath {
  edges: string[] | null;
  contribution: Value;
}
export interface Paths {
  leaf: string;
  root: Endpoint;
  count: number | string;
  exact: boolean;
  shown: ShownPath[];
}
export interface Pass {
  index: number;
  kind: "backward" | "grad";
  line: number | null;
  implicit: boolean;
  create_graph: boolean;
  within: number | null;
  inputs: Endpoint[];
  roots: Endpoint[];
  seeds: Value[];
  grads: { node: string; output: number; value: Value; hook?: { before: Value | null; after: Value | null } }[];
  contributions: { edge: string; value: Value }[];
  jacobians: { edge: string; of: number; shape: number[]; value: Value }[];
  accumulated: { node: string; before: Value | null; added: Value; after: Value }[];
  captured: { node: string; output: number; value: Value | null }[];
  paths: Paths[];
}
export type Phase = "start" | "forward" | "backward" | "update" | "end";
export type StepKind = "start" | "compute" | "seed" | "backward" | "accumulate" | "capture" | "update" | "end";
export interface SetTensor {
  node: string;
  output: number;
  tensor: string;
}
export interface SetGrad {
  node: string;
  grad: Value | null;
}
export interface Step {
  index: number;
  phase: Phase;
  kind: StepKind;
  node: string | null;
  pass: number | null;
  line: number | null;
  span: Span | null;
  text: string;
  sets: (SetTensor | SetGrad)[];
  /** What optimizers hold from this step on. */
  state?: { node: string; optimizer: string; key: string; value: Value }[];
}
export interface Note {
  code: string;
  message: string;
  line: number | null;
  node: string | null;
}
export interface Failure {
  code: string;
  type?: string | null;
  message: string;
  line: number | null;
  column: number | null;
  hint: string | null;
  /** The code of the note that says what a raised error means. */
  note?: string;
  /** Seconds after which another try is welcome. */
  retry?: number | null;
}
export interface Trace {
  version: number;
  program: { source: string; seed: number; torch: string; expanded: boolean };
  tensors: Tensor[];
  storages: Storage[];
  nodes: Node[];
  edges: Edge[];
  passes: Pass[];
  steps: Step[];
  stdout: string;
  notes: Note[];
  error: Failure | null;
}

/** What app/explain says (docs/explain.md): LaTeX for KaTeX; `plain` and `text` are Unicode. */
export interface Rule {
  edge: string;
  output?: number;
  source?: "formula" | "pytorch" | "engine";
  pytorch?: string | null;
  general?: string | null;
  line?: string | null;
  named?: string | null;
  vjp?: string | null;
  plain?: string | null;
  note?: string | null;
  broadcast?: number[] | null;
  elements?: { index: number[]; input: number[]; latex: string }[] | null;
  jacobian?: JacobianExplanation;
  cells?: DependentCells | null;
}
export interface JacobianExplanation {
  rows: number;
  columns: number;
  out: number[] | null;
  in: number[] | null;
  scalar: boolean;
  known: boolean;
  sparsity: "zero" | "identity" | "diagonal" | "one-hot" | "selection" | "dense" | null;
  zeros: number | null;
  labels?: { rows: string[]; columns: string[] } | null;
}
/** Which cells depend on which: lists only for `table`, and only where they are short. */
export interface DependentCells {
  kind: "same" | "all" | "table";
  rows: number;
  columns: number;
  feeds: number[][] | null;
  adds: number[][] | null;
}
export interface ChainLine {
  pass: number;
  edge: string;
  names: string | null;
  numbers: string | null;
  result: string | null;
  latex: string;
  plain: string;
}
export interface SavedTensor {
  text: string;
  called: string;
  name?: string;
  tensor?: string;
  bytes?: number | null;
  freed?: number | null;
  when?: string;
  others?: string[];
}
export interface NodeExplanation {
  title?: string;
  plain?: string;
  where?: string[];
  forward?: { named: string; numbers: string | null; note: string | null } | null;
  rules?: Rule[];
  chain?: ChainLine[];
  saved?: SavedTensor[];
  why?: { pass: number | null; text: string; from?: number }[];
  because?: string | null;
}
/** By node: the line du/dW = Σ ∂u/∂v · dv/dW, and where each factor dv/dW goes on. */
export type Unfolded = Record<
  string,
  { lhs: string; latex: string; terms: { edge: string; latex: string; into: string | null }[] }
>;
export interface PathsExplanation {
  pass: number;
  leaf: string;
  exact?: boolean;
  lhs?: string;
  total?: string | null;
  sum?: string | null;
  derivation?: string;
  unfold?: Unfolded | null;
  folded?: { shown: { names: string | null; numbers: string | null }[]; derivation: string } | null;
  shown: {
    edges?: string[] | null;
    names: string | null;
    numbers: string | null;
    contribution: string | null;
    plain: string;
  }[];
}
/** Where the walk may stop besides at each step (app/explain/stops.py). */
export interface Stops {
  over: number[];
  passes: { pass: number; line: number | null; first: number; last: number }[];
  iterations: {
    first: number;
    last: number;
    passes: number[];
    loss: { step: number; node: string; name: string; value: Scalar } | null;
  }[];
  touch: Record<string, number[]>;
}
export interface LedgerEntry {
  edge: string | null;
  from: string | null;
  text?: string;
  value?: string | null;
  running?: string | null;
}
export interface LedgerPage {
  pass: number;
  output: number;
  text: string;
  entries?: LedgerEntry[];
  omitted?: number;
}
export interface GradientTable {
  pass: number;
  plain: string;
  eta: number;
  rows: {
    leaf: string;
    plain: string;
    tensor: string | null;
    gradient: Value | null;
    by: "program" | "eta" | null;
    next: Value | null;
    line: number | null;
  }[];
}
export interface Cost {
  pass: number;
  inputs: number;
  reverse: { sweeps: number; multiplications: number; bytes: number };
  forward: { sweeps: number; multiplications: number; bytes: number };
  estimated: boolean;
}
export interface Explanation {
  gradients?: GradientTable[];
  cost?: Cost[];
  stops?: Stops;
  nodes?: Record<string, NodeExplanation>;
  edges?: Record<string, { title: string; local: string | null; text: string }>;
  paths?: PathsExplanation[];
  ledger?: Record<string, LedgerPage[]>;
}
export interface Example {
  name: string;
  title: string;
  idea: string;
  chapter?: string;
  lesson?: string;
  /** The source of what it is worth comparing with, or empty. */
  variant?: string;
}
export interface Walk {
  trace: Trace;
  svg?: string;
  explain: Explanation;
  query: string;
  example: Example | null;
}

/** What `POST /api/check` says: docs/explain.md. */
export type Status = "mismatch" | "nonsmooth" | "ok" | "not_checked";
export interface Compared {
  edge?: string;
  pass?: number;
  status: Status;
  reason: string | null;
  elements: number;
  checked: number;
  error: Scalar | null;
  step: Scalar | null;
  cells: {
    index: number[];
    status: Status;
    autograd: Scalar;
    differences: Scalar;
    left: Scalar;
    right: Scalar;
    error: Scalar;
    tolerance: Scalar;
    step: Scalar;
  }[];
}
export interface Checked {
  node: string;
  status: Status;
  reason: string | null;
  edges: Compared[];
}
export interface Report {
  counts: Record<Status, number>;
  nodes: Checked[];
  leaves: (Compared & { node: string; output: number })[];
}

/** Two walks side by side (app/web/comparison.py). */
export interface Comparison {
  walks: [{ trace: Trace; svg: string }, { trace: Trace; svg: string }];
  compare: {
    headline: string;
    nodes: [string | null, string | null][];
    rows: { first: number; second: number; moves: "both" | "first" | "second" }[];
    alone: [string | null, string | null][];
    changed: [string, string][];
    marks: { first: string; second: string; kind: "value" | "grad"; start: number; end: number | null }[];
    summary: { kind: string; first: string | null; second: string | null; row: number; text: string }[];
  };
}

export type Theme = "auto" | "light" | "dark" | "contrast";
export interface Options {
  theme?: Theme;
  keys?: "local" | "reveal" | "off";
  controls?: "full" | "min" | "none";
  show?: string[] | null;
  interval?: number;
  autoplay?: number | boolean;
  digits?: number;
  num?: "auto" | "fixed" | "sci";
  names?: "source" | "numbered";
  seed?: number;
  let?: string | null;
  root?: string | null;
  cotangent?: string | null;
  eta?: number;
  dir?: string;
  detail?: string;
  select?: string | null;
  range?: [number, number] | null;
  phase?: "both" | "forward" | "backward";
  predict?: boolean;
  scale?: number;
  bg?: string | null;
  /** Whether the player is a file by itself, without a server. */
  alone?: boolean;
  [more: string]: unknown;
}

export type AskKind = "auto" | "node" | "value" | "shape" | "gradient";

export interface Part {
  range: [number, number] | null;
  phase: "both" | "forward" | "backward";
}
export interface State {
  walk: Walk | null;
  /** The editor's text. */
  source: string;
  /** The text that the walk came from. */
  ran: string;
  /** Absolute index into walk.trace.steps. */
  step: number;
  /** Which part of the walk is walked, as the view asks. */
  part: Part;
  /** The first and last step of that part. */
  bounds: [number, number];
  playing: boolean;
  /** Milliseconds between steps while playing. */
  interval: number;
  /** What the inspector shows when it isn't the step's own node: "n2", "e0", "path:n0:1". */
  select: string | null;
  /** Whether each new number is asked for first. */
  /** total derivatives are written ∂ too, not d */
  partial: boolean;
  predict: boolean;
  /** Whether the numbers of this step are still hidden. */
  asking: boolean;
  /** Which kind of question the viewer wants; "auto": what fits the step. */
  ask: AskKind;
  /** The last step that Predict has shown. */
  known: number;
  /** Number of the run that is under way, 0 when none is. */
  running: number;
  /** Whether the last run was one of a number being dragged. */
  live: boolean;
  /** Why the last run gave no walk; the last good walk stays. */
  error: Failure | null;
  theme: Theme;
  /** The check of this walk by finite differences, once it was asked for. */
  report: Report | "asked" | { failed: string } | null;
}
export type Action =
  | { type: "goto"; step: number; select?: string | null }
  | { type: "next" }
  | { type: "prev" }
  | { type: "first" }
  | { type: "last" }
  | { type: "play" }
  | { type: "pause" }
  | { type: "toggle" }
  | { type: "tick" }
  | { type: "interval"; interval: number }
  | { type: "select"; id: string | null }
  | { type: "typed"; source: string }
  | { type: "theme"; theme: Theme }
  | { type: "started"; run: number; live?: boolean }
  | { type: "walked"; run: number; walk: Walk; ran: string; step?: number; source?: string }
  | { type: "respelt"; walk: Walk }
  | { type: "failed"; run: number; error: Failure }
  | { type: "stopped" }
  | { type: "cleaned"; source: string }
  | { type: "partial"; on: boolean }
  | { type: "predict"; on: boolean }
  | { type: "ask"; kind: AskKind }
  | { type: "reveal" }
  | { type: "checked"; walk: Walk; report: State["report"] }
  | { type: "dismissed" };

export interface Store {
  get(): State;
  dispatch(action: Action): void;
  /** Calls back after every change with the new and the former state. */
  subscribe(listener: (state: State, former: State) => void): () => void;
}
