// What the Program's head says of a run: nothing while it is short; then that it runs, for how long, and how to stop it.

/** @import { Store } from "./types.js" */
import { h, need, setIcon } from "./dom.js";
import { strings } from "./strings.js";

/** Milliseconds: shorter runs pass without a word. */
const PATIENCE = 400;
const LONG = 3000;

/**
 * @param {HTMLElement} root @param {Store} store
 * @param {{run: () => void, stop: () => void}} acts
 */
export function mountStatus(root, store, { run, stop }) {
  const element = need(root, "[data-status]");
  const button = need(root, "[data-run]");
  const label = need(button, "span");
  const title = button.title;
  let timer = 0;
  let clock = 0;
  let began = 0;
  let busy = false;
  button.addEventListener("click", () => (busy ? stop() : run()));

  /** @param {boolean} on */
  function show(on) {
    if (busy === on) return;
    busy = on;
    clearInterval(clock);
    element.classList.toggle("busy", on);
    element.replaceChildren();
    setIcon(button, on ? "square" : "play");
    label.textContent = on ? strings.stop : strings.run;
    button.title = on ? strings.stopTitle : title;
    if (!on) return;
    const words = h("span", { text: strings.running });
    const seconds = h("span", { "aria-hidden": "true", class: "seconds" });
    element.append(words, seconds);
    clock = window.setInterval(() => {
      const gone = performance.now() - began;
      seconds.textContent = strings.seconds(Math.floor(gone / 1000));
      if (gone > LONG) words.textContent = strings.stillRunning;
    }, 500);
  }

  store.subscribe((state, former) => {
    root.toggleAttribute("data-stale", state.running > 0 || state.source !== state.ran);
    if (state.running === former.running) return;
    clearTimeout(timer);
    if (!state.running) return show(false);
    if (!former.running || !state.live) began = performance.now();
    timer = window.setTimeout(() => show(true), PATIENCE);
  });
}
