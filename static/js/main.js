// The page: a player, with the editor, the inspector, the address and the menus around it.

/** @import { Theme } from "./types.js" */
import { mountAddress } from "./address.js";
import { mountMarks } from "./checking.js";
import { mountDialogs, mountGallery } from "./dialogs.js";
import { need } from "./dom.js";
import { ground, resize } from "./dress.js";
import { mountDrafts } from "./drafts.js";
import { mountKeys } from "./keys.js";
import { errorOf, mountAside, mountError } from "./notices.js";
import { mountPanels } from "./panels.js";
import { givenData, mountInspectorLater, mountPlayer } from "./player.js";
import { mountPresenter } from "./presenter.js";
import { mountProgram } from "./program.js";
import { createRunner } from "./run.js";
import { createStore, initial } from "./state.js";
import { mountStatus } from "./status.js";
import { strings } from "./strings.js";
import { mountTable } from "./table.js";
import { mountTheme, remembered } from "./theme.js";
import { transportKeys } from "./transport.js";

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
  mountError(need(root, "[data-error]"), store, runner.again);
  mountTheme(store, need(document, "[data-theme-button]"));
  mountDialogs(document);

  const program = mountProgram(root, store, runner, given.longest);
  mountStatus(root, store, { run: program.run, stop: runner.stop });
  mountDrafts(store, program);
  const address = mountAddress(store);
  mountAside(need(root, "[data-aside]"), store, (source) => program.replace(source, { said: strings.replaced.expanded }));
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
  mountLater(root, store, given.options, program);
  if (given.options.autoplay) store.dispatch({ type: "play" });
}

/**
 * What the first picture doesn't need.
 * @param {HTMLElement} root @param {import("./types.js").Store} store @param {import("./types.js").Options} options
 * @param {ReturnType<typeof mountProgram>} program
 */
async function mountLater(root, store, options, program) {
  const [{ createRewriter }, { mountValues }, { mountStep }, { mountTour }] = await Promise.all([
    import("./rewrite.js"),
    import("./values.js"),
    import("./descent.js"),
    import("./tour.js"),
  ]);
  const rewriter = createRewriter(store, options);
  mountValues(root, need(root, "[data-canvas]"), store, rewriter, program);
  mountStep(need(root, "[data-editor]"), store, rewriter, program);
  mountTour(document, store);
}

/** The panel is fetched when it is wanted first. @param {import("./types.js").Store} store @param {{flush: () => Promise<void>}} address */
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
