// The page of a comparison: two programs and their graphs over one layout, one transport for both, and what differs.

/** @import { Comparison, Failure, Options, Store } from "./types.js" */
import { encode } from "./codec.js";
import { partnerOf, rowsOf, stepAt, waits, walkOf } from "./compared.js";
import { mountDialogs } from "./dialogs.js";
import { h, need } from "./dom.js";
import { mountKeys } from "./keys.js";
import { createListing } from "./listing.js";
import { mountGraph } from "./player.js";
import { mountSentence } from "./sentence.js";
import { createStore, initial } from "./state.js";
import { strings } from "./strings.js";
import { mountTheme, remembered } from "./theme.js";
import { lookup, placeOf, stepOfLine } from "./trace.js";
import { mountTransport, transportKeys } from "./transport.js";
import { markUnlike } from "./unlike.js";

const PAUSE = 600;
/** Half the room shows the whole, where one can still read it: that is what two pictures are compared by. */
const SMALLEST = 0.36;

/** @typedef {{data: Comparison | null, options: Options, error: Failure | null, sources: [string, string], step: number, longest: number}} Given */

/** @type {Comparison | null} */
const NONE = null;

for (const root of document.querySelectorAll("[data-player]")) if (root instanceof HTMLElement) mount(root);

/** @param {HTMLElement} root */
function mount(root) {
  /** @type {Given} */
  const given = JSON.parse(need(root, "script[data-comparison]").textContent ?? "null");
  let data = given.data ?? NONE;
  const theme = /** @type {import("./types.js").Theme} */ (given.options.theme ?? remembered("gradwalk.theme") ?? "auto");
  const store = createStore(
    initial(data && rowsOf(data), { step: given.step, theme, interval: given.options.interval ?? 1500 }),
  );
  const sources = /** @type {[string, string]} */ (given.sources.map((source) => source.replace(/\n+$/, "")));
  const sides = /** @type {const} */ ([0, 1]).map((side) => mountSide(root, side, store, () => data));
  const strip = need(root, "[data-error]");

  /** @param {Failure | null} error */
  function say(error) {
    strip.hidden = error === null;
    strip.textContent = error?.message ?? "";
  }
  say(given.error);

  /** @param {Comparison} fresh */
  function take(fresh) {
    data = fresh;
    say(null);
    for (const side of sides) side.take(fresh);
    store.dispatch({ type: "started", run: 1 });
    store.dispatch({ type: "walked", run: 1, walk: rowsOf(fresh), ran: "" });
    for (const side of sides) side.show();
    summarise();
  }

  function summarise() {
    const { headline = "", summary = [] } = data?.compare ?? {};
    need(root, "[data-headline]").textContent = data ? headline || strings.compare.same : "";
    const list = need(root, "[data-differences]");
    list.replaceChildren(...summary.map((one) => h("li", {}, differenceButton(one))));
    const details = need(root, "[data-all-differences]");
    details.hidden = summary.length < 2;
  }

  /** @param {Comparison["compare"]["summary"][number]} one */
  const differenceButton = (one) =>
    h("button", {
      type: "button",
      class: "link",
      text: one.text,
      onclick: () => {
        store.dispatch({ type: "goto", step: one.row });
        sides[0]?.select(one.first);
        sides[1]?.select(one.second);
      },
    });

  let timer = 0;
  let asked = 0;
  /** @param {0 | 1} side @param {string} source @param {number} [pause] */
  function typed(side, source, pause = PAUSE) {
    sources[side] = source;
    clearTimeout(timer);
    timer = window.setTimeout(run, pause);
  }
  async function run() {
    const ticket = ++asked;
    const { seed, dir, digits, num } = given.options;
    try {
      const response = await fetch("/api/compare", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ source: sources[0], other: sources[1], seed, dir, digits, num }),
      });
      const answer = await response.json();
      if (ticket !== asked) return;
      if (answer.error) say(answer.error);
      else take(answer);
    } catch {
      if (ticket === asked) say({ code: "unreachable", message: strings.unreachable, line: null, column: null, hint: null });
    }
    address();
  }

  const query = new URLSearchParams(location.search);
  let writing = 0;
  function address() {
    clearTimeout(writing);
    writing = window.setTimeout(async () => {
      if (asked) {
        for (const name of ["ex", "expr", "id", "let"]) query.delete(name);
        query.set("c", await encode(sources[0]));
        query.set("vs", await encode(sources[1]));
      }
      query.set("step", String(store.get().step));
      history.replaceState(null, "", `${location.pathname}?${query.toString().replaceAll("%2C", ",")}`);
    }, 350);
  }

  mountTransport(root, store);
  mountTheme(store, need(document, "[data-theme-button]"));
  mountDialogs(document);
  mountKeys(document, store, {
    keys: given.options.keys,
    more: {
      ...transportKeys(store),
      "?": () => /** @type {HTMLDialogElement} */ (need(document, "#help")).showModal(),
      f: () => sides.forEach((side) => side.fit()),
    },
  });
  store.subscribe((state, former) => {
    if (state.step === former.step) return;
    for (const side of sides) side.show();
    address();
  });
  for (const side of sides) side.show();
  summarise();
  mountEditors(root, sources, given.longest, typed, sides);
  root.dataset.ready = "";
}

/**
 * @param {HTMLElement} root @param {0 | 1} side @param {Store} rows the store of the comparison @param {() => Comparison | null} current
 */
function mountSide(root, side, rows, current) {
  const frame = need(root, `[data-side="${side}"]`);
  const stage = need(frame, "[data-canvas]");
  const data = current();
  const store = createStore(initial(data && walkOf(data, side)));
  const listing = createListing(need(frame, ".listing"), (line) => goToLine(line));
  const sentence = need(frame, "[data-sentence]");
  /** @type {import("./editor.js").Editor | null} */
  let editor = null;
  const { canvas } = mountGraph(frame, store, { least: SMALLEST });
  mountSentence(sentence, store);
  let marks = data && markUnlike(stage, data, side);

  /** @param {number} line */
  function goToLine(line) {
    const [walk, now] = [store.get().walk, current()];
    const step = walk && now && stepOfLine(lookup(walk.trace), line, store.get().step + 1);
    if (!step || !now) return;
    const row = now.compare.rows.findIndex((one) => (side ? one.second : one.first) === step.index);
    if (row >= 0) rows.dispatch({ type: "goto", step: row });
  }

  store.subscribe((state, former) => {
    const now = current();
    if (!now || state.select === former.select || state.walk !== former.walk || !state.select) return;
    const id = partnerOf(now, side, state.select);
    document.dispatchEvent(new CustomEvent("gradwalk:partner", { detail: { side: side ? 0 : 1, id } }));
  });
  document.addEventListener("gradwalk:partner", (event) => {
    const { side: whose, id } = /** @type {CustomEvent} */ (event).detail;
    if (whose === side && store.get().select !== id) store.dispatch({ type: "select", id });
  });

  return {
    side,
    fit: () => canvas.fit(),
    goToLine,
    /** @param {string | null} id */
    select: (id) => store.dispatch({ type: "select", id }),
    /** @param {import("./editor.js").Editor} made */
    edit(made) {
      editor = made;
      this.show();
    },
    listing,
    /** @param {Comparison} fresh */
    take(fresh) {
      for (const sign of stage.querySelectorAll(".unlike-sign, .alone-word")) sign.remove();
      store.dispatch({ type: "started", run: 1 });
      store.dispatch({ type: "walked", run: 1, walk: walkOf(fresh, side), ran: "" });
      marks = markUnlike(stage, fresh, side);
    },
    show() {
      const now = current();
      if (!now) return;
      const row = rows.get().step;
      store.dispatch({ type: "goto", step: stepAt(now, side, row) });
      marks?.show(row);
      const still = waits(now, side, row);
      frame.classList.toggle("waits", still);
      need(frame, "[data-waits]").hidden = !still;
      const { walk, step, select } = store.get();
      if (walk && !walk.trace.program.expanded) (editor ?? listing).mark(placeOf(lookup(walk.trace), step, select));
    },
  };
}

/**
 * Editors in place of the listings, as soon as CodeMirror has come.
 * @param {HTMLElement} root @param {[string, string]} sources @param {number} longest
 * @param {(side: 0 | 1, source: string, pause?: number) => void} typed @param {ReturnType<typeof mountSide>[]} sides
 */
async function mountEditors(root, sources, longest, typed, sides) {
  const { createEditor } = await import("./editor.js");
  for (const side of sides) {
    const frame = need(root, `[data-side="${side.side}"] [data-editor]`);
    const made = await createEditor(frame, sources[side.side], {
      longest,
      typed: (source) => source !== sources[side.side] && typed(side.side, source),
      scrubbed: (source) => typed(side.side, source, 60),
      settled: (source) => typed(side.side, source, 0),
      run: () => typed(side.side, sources[side.side], 0),
      line: (line) => side.goToLine(line),
      place: (line) => side.goToLine(line),
    });
    need(frame, ".listing").remove();
    need(frame, ".cm-content").setAttribute("aria-label", strings.compare.editor(side.side));
    frame.classList.add("ready");
    side.edit(made);
  }
}
