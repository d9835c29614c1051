// The chain rule at a node: what it multiplies the gradient by for each of its inputs.

/** @import { ChainLine, Node, Pass } from "../types.js" */
/** @import { Scene } from "./inspector.js" */
import { strings } from "../strings.js";
import { aligned, graded, leftOf } from "./formula.js";
import { fold } from "./sections.js";

/**
 * @param {Scene} scene
 * @param {Node} node
 * @param {Pass} pass
 * @param {string} [only] one edge
 */
export function chainSection(scene, node, pass, only) {
  const lines = (scene.explain.nodes?.[node.id]?.chain ?? []).filter(
    (line) => line.pass === pass.index && (!only || line.edge === only),
  );
  if (!lines.length) return null;
  return fold(scene, "chain", strings.chainRule, () => lines.map((line) => scene.formula(chainTex(line), line.plain)));
}

/** @param {ChainLine} line */
function chainTex(line) {
  if (!line.names) return line.latex;
  const result = line.result ? graded(line.result) : null;
  const rest =
    line.numbers && line.numbers !== line.result
      ? [result ? `${line.numbers} = ${result}` : line.numbers]
      : result
        ? [result]
        : [];
  // A tensor's line already says what its left side is.
  const names = line.names.startsWith(`${leftOf(line.latex)} = `)
    ? line.names.slice(leftOf(line.latex).length + 3)
    : line.names;
  return aligned(leftOf(line.latex), [names, ...rest]);
}
