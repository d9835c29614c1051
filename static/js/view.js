// From step to picture: show(k) compares integers and sets classes, and nothing depends on what was shown before.

/** @typedef {{element: Element, from: number, to: number, active: Set<number>, state: string, fresh: boolean}} Timed */

const STATES = ["future", "gone", "past", "active"];

/**
 * Reads the intervals of every drawn element once.
 * @param {Element | null} svg
 */
export function createView(svg) {
  /** @type {Timed[]} */
  const timed = [...(svg?.querySelectorAll("[data-from]") ?? [])].map((element) => ({
    element,
    from: Number(element.getAttribute("data-from")),
    to: element.hasAttribute("data-to") ? Number(element.getAttribute("data-to")) : Infinity,
    active: new Set((element.getAttribute("data-active") ?? "").split(" ").filter(Boolean).map(Number)),
    state: "",
    fresh: false,
  }));
  /** @type {Map<number, Element[]>} */
  const active = new Map();
  for (const one of timed) {
    for (const k of one.active) {
      const elements = active.get(k);
      if (elements) elements.push(one.element);
      else active.set(k, [one.element]);
    }
  }
  /** @type {Element[]} */
  let chosen = [];
  const elementsOf = (/** @type {string} */ id) => [
    ...(svg?.querySelectorAll(`[data-node~="${CSS.escape(id)}"],[data-edge~="${CSS.escape(id)}"]`) ?? []),
  ];

  return {
    svg,

    /** The one rule. @param {number} k */
    show(k) {
      for (const one of timed) {
        const state = k < one.from ? "future" : k > one.to ? "gone" : one.active.has(k) ? "active" : "past";
        // What a step brings, for Predict to hold back.
        if (one.fresh !== (one.from === k)) {
          one.fresh = one.from === k;
          one.element.classList.toggle("new", one.fresh);
        }
        if (state === one.state) continue;
        if (one.state) one.element.classList.remove(one.state);
        else one.element.classList.remove(...STATES);
        one.element.classList.add(state);
        one.state = state;
      }
    },

    /** The elements that are the active thing at a step. @type {(k: number) => Element[]} */
    activeAt: (k) => active.get(k) ?? [],

    /** Marks what is selected: nodes and edges by id. @param {string[]} ids */
    select(ids) {
      for (const element of chosen) element.classList.remove("selected");
      chosen = ids.flatMap(elementsOf);
      for (const element of chosen) element.classList.add("selected");
    },

    /** Everything drawn for a node or an edge. */
    elementsOf,
  };
}

/** @typedef {ReturnType<typeof createView>} View */
