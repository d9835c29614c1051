// Typed text survives a reload that comes before the address has caught up with it. Kept for this tab alone.

/** @import { Store } from "./types.js" */

const KEY = "gradwalk.draft";

/** @param {Store} store @param {{replace: (source: string, and?: {said?: string | null}) => unknown}} program */
export function mountDrafts(store, program) {
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  const kept = take();
  if (navigation?.type === "reload" && kept !== null && kept !== store.get().source) program.replace(kept, { said: null });
  addEventListener("pagehide", () => {
    try {
      sessionStorage.setItem(KEY, store.get().source);
    } catch {
      /* no storage: the address has all but the last third of a second */
    }
  });
}

/** The draft of the page that was left, once. @returns {string | null} */
function take() {
  try {
    const kept = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return kept;
  } catch {
    return null;
  }
}
