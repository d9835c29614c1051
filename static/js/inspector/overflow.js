// What is wider than its room can be scrolled with the keyboard too.

const WIDE = ".formula, .title, .quantity, .grid, .rank-frame, .strip-frame, .in-cell";
/** Milliseconds after the last drawing: measuring waits until nobody drags. */
const PAUSE = 200;

/** @param {HTMLElement} root @returns {() => void} to be called after each drawing */
export function reachable(root) {
  let timer = 0;
  function measure() {
    timer = 0;
    for (const element of root.querySelectorAll(WIDE)) {
      const wide = element.scrollWidth > element.clientWidth + 1;
      if (wide && !element.closest("button") && !element.querySelector('[tabindex="0"]')) {
        element.setAttribute("tabindex", "0");
        element.setAttribute("data-own-keys", "");
      }
    }
  }
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(measure, PAUSE);
  };
}
