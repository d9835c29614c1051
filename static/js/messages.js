// What an embed says to the page around it, and what it lets itself be told. It obeys its parent alone.

/** @import { Options, Store } from "./types.js" */
import { first, last } from "./state.js";

const NAME = "gradwalk";
const VERSION = 1;

/**
 * @param {Store} store
 * @param {Options} options
 * @param {{aspect: () => number, set: (options: Record<string, unknown>) => Promise<import("./types.js").Failure | null>}} player
 */
export function mountMessages(store, options, player) {
  if (parent === window) return;
  /** @param {string} type @param {Record<string, unknown>} [content] */
  const say = (type, content = {}) => parent.postMessage({ ns: NAME, v: VERSION, type, ...content }, "*");

  const ready = () => {
    const { walk, step } = store.get();
    const steps = walk?.trace.steps ?? [];
    say("ready", { steps: steps.length, step, labels: steps.map((one) => one.text), aspect: player.aspect() });
  };
  const size = () =>
    say("size", { width: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight });

  addEventListener("message", (event) => {
    const told = event.data;
    if (event.source !== parent || typeof told !== "object" || told === null || told.ns !== NAME || told.v !== VERSION)
      return;
    const state = store.get();
    switch (told.type) {
      case "hello":
        ready();
        size();
        break;
      case "goto":
        if (Number.isFinite(told.step)) store.dispatch({ type: "goto", step: told.step });
        break;
      case "next":
        state.step >= last(state) ? say("boundary", { edge: "end" }) : store.dispatch({ type: "next" });
        break;
      case "prev":
        state.step <= first(state) ? say("boundary", { edge: "start" }) : store.dispatch({ type: "prev" });
        break;
      case "play":
        if (Number.isFinite(told.interval)) store.dispatch({ type: "interval", interval: told.interval });
        store.dispatch({ type: "play" });
        break;
      case "pause":
        store.dispatch({ type: "pause" });
        break;
      case "set":
        player.set(told).then((failure) => failure && say("error", { code: failure.code, message: failure.message }));
        break;
    }
  });
  store.subscribe((state, former) => {
    if (state.walk !== former.walk) ready();
    if (state.step === former.step) return;
    const now = state.walk?.trace.steps[state.step];
    say("step", {
      step: state.step,
      steps: state.walk?.trace.steps.length ?? 0,
      phase: now?.phase ?? null,
      label: state.asking ? "" : (now?.text ?? ""),
    });
  });
  new ResizeObserver(size).observe(document.documentElement);
  const error = store.get().error;
  if (error) say("error", { code: error.code, message: error.message });
  ready();
}
