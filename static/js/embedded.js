// The player alone, in a frame of someone else's page.

/** @import { Store } from "./types.js" */
import { ground, resize, scaleOf, themeOf } from "./dress.js";
import { need } from "./dom.js";
import { mountKeys } from "./keys.js";
import { createListing } from "./listing.js";
import { mountMessages } from "./messages.js";
import { mountError } from "./notices.js";
import { givenData, mountInspectorLater, mountPlayer } from "./player.js";
import { queryOf } from "./query.js";
import { createRespelling } from "./respell.js";
import { createStore, initial, shownStep } from "./state.js";
import { lookup, placeOf, stepOfLine } from "./trace.js";
import { transportKeys } from "./transport.js";

for (const root of document.querySelectorAll("[data-player]")) if (root instanceof HTMLElement) mountEmbed(root);

/** @param {HTMLElement} root */
function mountEmbed(root) {
  const given = givenData(root);
  const store = createStore(
    initial(given.walk, {
      source: given.source,
      step: given.step,
      error: given.error,
      theme: given.options.theme ?? "light",
      interval: given.options.interval ?? 1500,
      select: given.options.select ?? null,
      predict: given.options.predict ?? false,
      part: { range: given.options.range ?? null, phase: given.options.phase ?? "both" },
    }),
  );
  const { canvas } = mountPlayer(root, store, given.options);
  ground(document.documentElement, given.options);
  resize(given.options.scale ?? 1, canvas);
  mountError(need(root, "[data-error]"), store);
  const inspector = root.querySelector("[data-inspector]");
  if (inspector instanceof HTMLElement) mountInspectorLater(inspector, store, given.options);
  const code = root.querySelector(".listing");
  if (code instanceof HTMLElement) mountCode(code, store);
  const link = root.querySelector("[data-open-link]");
  if (link instanceof HTMLAnchorElement) {
    const point = () => {
      link.href = `/?${queryOf(store.get())}`;
    };
    point();
    store.subscribe(point);
  }
  mountKeys(document, store, { keys: given.options.keys, more: { ...transportKeys(store), f: () => canvas.fit() } });
  const respell = createRespelling(store, given.options);
  mountMessages(store, given.options, {
    aspect() {
      const box = root.querySelector("svg")?.viewBox.baseVal;
      return box && box.height ? box.width / box.height : 16 / 9;
    },
    async set(told) {
      const theme = themeOf(told.theme);
      if (theme) {
        document.documentElement.dataset.theme = theme;
        store.dispatch({ type: "theme", theme });
      }
      const scale = scaleOf(told.scale);
      if (scale !== null) resize(scale, canvas);
      return Number.isInteger(told.digits) ? respell(Number(told.digits)) : null;
    },
  });
  root.dataset.ready = "";
  if (given.options.autoplay) store.dispatch({ type: "play" });
}

/** @param {HTMLElement} element @param {Store} store */
function mountCode(element, store) {
  const { walk } = store.get();
  if (!walk) return;
  const listing = createListing(element, (line) => {
    const step = stepOfLine(lookup(walk.trace), line, store.get().step + 1);
    if (step) store.dispatch({ type: "goto", step: step.index });
  });
  listing.set(walk.trace.program.source);
  const mark = () => listing.mark(placeOf(lookup(walk.trace), shownStep(store.get()), store.get().select));
  mark();
  store.subscribe(mark);
}
