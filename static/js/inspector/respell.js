// Totals written d, or ∂ throughout: one spelling of the same formula.

const START = "\\frac{d ";

/**
 * `\frac{d a}{d b}` with ∂ in both places; anything else, such as a product of a variable d, stays.
 * @param {string} tex
 */
export function partialThroughout(tex) {
  let text = tex;
  let from = 0;
  for (;;) {
    const at = text.indexOf(START, from);
    if (at < 0) return text;
    const top = closing(text, at + 5);
    const below = `{d `;
    const derivative =
      top > 0 && text.startsWith(below, top + 1) && isName(text, at + START.length) && isName(text, top + 1 + below.length);
    if (derivative) {
      text = `${text.slice(0, at)}\\frac{\\partial ${text.slice(at + START.length, top + 1)}{\\partial ${text.slice(top + 1 + below.length)}`;
    }
    from = at + START.length;
  }
}

/** What follows the d is what it is a differential of, not an operator. @param {string} text @param {number} at */
function isName(text, at) {
  return !/^(?:\\(?:cdot|odot|times|,|;)(?![a-z])|[-+*/^_=}])/.test(text.slice(at, at + 8));
}

/** The brace that closes the one at `open`. @param {string} text @param {number} open */
function closing(text, open) {
  let depth = 0;
  for (let k = open; k < text.length; k++) {
    if (text[k] === "\\") k++;
    else if (text[k] === "{") depth++;
    else if (text[k] === "}" && --depth === 0) return k;
  }
  return -1;
}
