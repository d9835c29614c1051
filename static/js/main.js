// The page: a player, with the editor, the inspector, the address and the menus around it.

/** @import { State, Store, Theme } from "./types.js" */
import { mountAddress } from "./address.js";
import { encode } from "./codec.js";
import { mountMarks } from "./checking.js";
import { mountDialogs, mountGallery } from "./dialogs.js";
import { need } from "./dom.js";
import { ground, resize } from "./dress.js";
import { mountKeys } from "./keys.js";
import { createListing } from "./listing.js";
import { errorOf, mountAside, mountError } from "./notices.js";
import { mountPanels } from "./panels.js";
import { givenData, mountInspectorLater, mountPlayer } from "./player.js";
import { mountPresenter } from "./presenter.js";
import { queryOf } from "./query.js";
import { createRunner } from "./run.js";
import { createStore, initial, shownStep } from "./state.js";
import { strings } from "./strings.js";
import { mountTable } from "./table.js";
import { extent, holds } from "./text.js";
import { mountTheme, remembered } from "./theme.js";
import { lookup, placeOf, stepOfLine } from "./trace.js";
import { transportKeys } from "./transport.js";

const PAUSE = 600;

for (const root of document.querySelectorAll("[data-player]")) if (root instanceof HTMLElement) mountPage(root);

/** @param {HTMLElement} root */
function mountPage(root) {
  const given = givenData(root);
  const theme = /** @type {Theme} */ (
    new URLSearchParams(location.search).has("theme")
      ? (given.options.theme ?? "auto")
      : (remembered("gradwalk.theme") ?? "auto")
  );
  const store = createStore(
    initial(given.walk, {
      source: given.source.replace(/\n+$/, ""),
      step: given.step,
      error: given.error,
      theme,
      interval: given.options.interval ?? 1500,
      select: given.options.select ?? null,
      predict: given.options.predict ?? false,
      part: { range: given.options.range ?? null, phase: given.options.phase ?? "both" },
    }),
  );
  const runner = createRunner(store, given.options);
  const { canvas } = mountPlayer(root, store, given.options);
  ground(need(root, ".stage"), given.options);
  resize(given.options.scale ?? 1, canvas);
  const panels = mountPanels(root, given.options);
  mountInspectorLater(need(root, "[data-inspector]"), store, given.options, {
    live: true,
    again() {
      const { walk, source, ran } = store.get();
      return runner.run(walk?.example && source === ran ? { ex: walk.example.name } : { source });
    },
  });
  mountMarks(need(root, "[data-canvas]"), store);
  mountTable(need(root, "[data-steps]"), store);
  mountError(need(root, "[data-error]"), store);
  mountTheme(store, need(document, "[data-theme-button]"));
  mountDialogs(document);
  mountStatus(root, need(root, "[data-status]"), store);

  const program = mountProgram(root, store, runner, given.longest);
  const address = mountAddress(store);
  mountAside(need(root, "[data-aside]"), store, program.replace);
  mountGallery(/** @type {HTMLDialogElement} */ (need(document, "#examples")), store, async (name) => {
    await address.flush();
    history.pushState(null, "");
    // Values, a seed and a root belong to the program that the address named.
    Object.assign(given.options, { let: null, seed: 0, root: null, cotangent: null });
    await runner.run({ ex: name }, { step: 0 });
  });
  addEventListener("popstate", () => location.reload());
  mountShareButton(store, address);
  const presenter = mountPresenter(need(document, "[data-present]"), root, store);
  mountKeys(document, store, {
    keys: given.options.keys,
    more: {
      ...transportKeys(store),
      "?": () => /** @type {HTMLDialogElement} */ (need(document, "#help")).showModal(),
      f: () => canvas.fit(),
      "+": () => canvas.zoom(1.25),
      "-": () => canvas.zoom(0.8),
      P: () => presenter.toggle(),
      Escape: () => presenter.leave() || store.dispatch({ type: "select", id: null }),
    },
  });
  store.subscribe((state, former) => {
    const narrow = matchMedia("(max-width: 800px)").matches;
    if (narrow && errorOf(state) && errorOf(state) !== errorOf(former)) panels.tab("code");
  });
  root.dataset.ready = "";
  if (given.options.autoplay) store.dispatch({ type: "play" });
}

/** @param {HTMLElement} root @param {HTMLElement} element @param {Store} store */
function mountStatus(root, element, store) {
  let timers = [0, 0];
  store.subscribe((state, former) => {
    root.toggleAttribute("data-stale", state.running > 0 || state.source !== state.ran);
    if (state.running === former.running && state.error === former.error) return;
    for (const timer of timers) clearTimeout(timer);
    element.classList.remove("busy");
    element.textContent = "";
    if (!state.running) return;
    const say = (/** @type {string} */ text) => () => {
      element.classList.add("busy");
      element.textContent = text;
    };
    timers = [window.setTimeout(say(strings.running), 250), window.setTimeout(say(strings.stillRunning), 3000)];
  });
}

/**
 * The program's text: a plain listing until the editor has loaded, then the editor; both show where the walk is.
 * @param {HTMLElement} root @param {Store} store @param {ReturnType<typeof createRunner>} runner @param {number} longest
 */
function mountProgram(root, store, runner, longest) {
  const frame = need(root, "[data-editor]");
  const pre = need(frame, ".listing");
  const listing = createListing(pre, (line) => goToLine(store, line));
  /** @type {import("./editor.js").Editor | null} */
  let editor = null;
  listing.set(store.get().source);

  const point = () => {
    const state = store.get();
    if (!state.walk || state.source !== state.ran || state.walk.trace.program.expanded) return;
    (editor ?? listing).mark(placeOf(lookup(state.walk.trace), shownStep(state), state.select));
  };
  const run = () => runner.run({ source: store.get().source });
  need(root, "[data-run]").addEventListener("click", run);
  need(root, "[data-compare]").addEventListener("click", async () => {
    const { source, ran, walk } = store.get();
    const variant = source === ran ? walk?.example?.variant : "";
    const [program, other] = await Promise.all([encode(source), encode(variant || source)]);
    const named = source === ran && walk ? queryOf({ ...store.get(), step: 0, select: null }) : `c=${program}`;
    location.assign(`/?${named}&vs=${other}`);
  });
  point();

  store.subscribe((state, former) => {
    if (state.walk !== former.walk && editor && editor.text() !== state.source) editor.replace(state.source);
    if (errorOf(state) !== errorOf(former)) editor?.fail(errorInText(state));
    if (state.walk !== former.walk || shownStep(state) !== shownStep(former) || state.select !== former.select) point();
  });

  import("./editor.js")
    .then(({ createEditor }) =>
      createEditor(frame, store.get().source, {
        longest,
        typed(source) {
          if (source === store.get().source) return;
          store.dispatch({ type: "typed", source });
          if (source.trim()) runner.soon({ source }, PAUSE);
        },
        scrubbed(source) {
          store.dispatch({ type: "typed", source });
          runner.live({ source });
        },
        settled: (source) => runner.settle({ source }),
        run,
        line: (line) => goToLine(store, line),
        place: (line, column) => selectAt(store, line, column),
      }),
    )
    .then((made) => {
      editor = made;
      pre.remove();
      frame.classList.add("ready");
      editor.fail(errorInText(store.get()));
      point();
    });

  return {
    /** @param {string} source */
    replace(source) {
      if (editor) editor.replace(source);
      store.dispatch({ type: "typed", source });
      runner.run({ source });
    },
  };
}

/** An error of the program that an expression was expanded to has no place in the expression. @param {State} state */
function errorInText(state) {
  return state.error ?? (state.walk?.trace.program.expanded ? null : errorOf(state));
}

/** @param {Store} store @param {number} line */
function goToLine(store, line) {
  const { walk, step } = store.get();
  const found = walk && stepOfLine(lookup(walk.trace), line, step + 1);
  if (found) store.dispatch({ type: "goto", step: found.index });
}

/**
 * Selects the narrowest operation at a place of the text.
 * @param {Store} store
 * @param {number} line
 * @param {number} column
 */
function selectAt(store, line, column) {
  const { walk, source, ran } = store.get();
  if (!walk || source !== ran || walk.trace.program.expanded) return;
  const here = walk.trace.nodes.filter((node) => node.line === line);
  if (!here.length && walk.trace.passes.some((pass) => pass.line === line)) return goToLine(store, line);
  const inside = here.filter((node) => node.span && holds(node.span, line, column));
  const narrowest = inside.sort((a, b) => extent(/** @type {any} */ (a.span)) - extent(/** @type {any} */ (b.span)))[0];
  const node = narrowest ?? here.filter((one) => one.kind === "op").at(-1) ?? here[0];
  store.dispatch({ type: "select", id: node?.id ?? null });
}

/** The panel is fetched when it is wanted first. @param {Store} store @param {{flush: () => Promise<void>}} address */
function mountShareButton(store, address) {
  const dialog = /** @type {HTMLDialogElement} */ (need(document, "#share"));
  /** @type {Promise<{open: () => void}> | null} */
  let panel = null;
  need(document, "[data-share]").addEventListener("click", async () => {
    await address.flush();
    panel ??= import("./share/share.js").then((made) => made.mountShare(dialog, store, () => location.search.slice(1)));
    (await panel).open();
  });
}
