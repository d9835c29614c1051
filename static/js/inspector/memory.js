// What the inspector remembers while the tab lives: which sections are open, which switches are on. Where a frame may not store
// anything it is remembered until the page goes.

const KEY = "gradwalk.inspector";

export function createMemory() {
  /** @type {Record<string, boolean>} */
  let held = {};
  try {
    held = JSON.parse(sessionStorage.getItem(KEY) ?? "{}") ?? {};
  } catch {
    // A sandboxed frame has no storage.
  }
  return {
    /** @param {string} name @param {boolean} fallback */
    get: (name, fallback) => held[name] ?? fallback,
    /** @param {string} name @param {boolean} value */
    set(name, value) {
      held[name] = value;
      try {
        sessionStorage.setItem(KEY, JSON.stringify(held));
      } catch {
        // Nothing to store it in.
      }
    },
  };
}

/** @typedef {ReturnType<typeof createMemory>} Memory */
