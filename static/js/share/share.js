// The Share panel: what of the walk, how it looks, and the ways to take it along.

/** @import { Store } from "../types.js" */
import { failureOf, jsonOf } from "../answer.js";
import { need, setIcon } from "../dom.js";
import { changed, valueIn } from "../query.js";
import { strings } from "../strings.js";
import { mountFile } from "./files.js";
import { TOOLS, frame } from "./snippets.js";

/** Beyond it a link breaks in mails and chats, and no phone reads its code. */
const LONG = 400;
/** Parts that pictures and players show when nothing is said. */
const PLAIN = ["values", "grads", "locals"];
const COPIED_FOR = 2000;

/**
 * @param {HTMLDialogElement} dialog @param {Store} store
 * @param {() => string} viewQuery the query string of what the page shows
 * @returns {{open: () => void}}
 */
export function mountShare(dialog, store, viewQuery) {
  const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (need(dialog, `#share-${id}`));
  const said = need(dialog, "[data-share-said]");
  const from = /** @type {HTMLInputElement} */ (need(dialog, "[data-from]"));
  const to = /** @type {HTMLInputElement} */ (need(dialog, "[data-to]"));
  const tool = /** @type {HTMLSelectElement} */ (need(dialog, "[data-tool]"));
  const selects = /** @type {HTMLSelectElement[]} */ ([...dialog.querySelectorAll("[data-option]")]);
  const parts = /** @type {HTMLInputElement[]} */ ([...dialog.querySelectorAll("[data-part]")]);
  let given = "";
  /** @type {string | null} the id of the program's short link, once there is one */
  let short = null;

  const what = () => /** @type {HTMLInputElement} */ (need(dialog, "[name=share-what]:checked")).value;

  /** Program and look of what is shared, without its step. */
  function base() {
    /** @type {Record<string, string | null>} */
    const changes = { step: null, select: null, range: null, show: shown() };
    for (const select of selects) changes[select.dataset.option ?? ""] = select.value || null;
    const query = changed(given, changes);
    return short ? changed(query, { expr: null, c: null, ex: null, id: short }, { first: true }) : query;
  }

  function shown() {
    const chosen = parts.filter((one) => one.checked).map((one) => one.dataset.part ?? "");
    return chosen.length === PLAIN.length && PLAIN.every((part) => chosen.includes(part)) ? null : chosen.join(",") || "none";
  }

  /** The step or steps, for a player or a picture. @param {{select?: boolean}} [options] */
  function whole({ select = false } = {}) {
    if (what() === "walk") return base();
    if (what() === "range") return changed(base(), { range: rangeText() });
    const state = store.get();
    return changed(base(), { step: state.step ? String(state.step) : null, select: select ? state.select : null });
  }

  /** @param {HTMLElement} row */
  function queryFor(row) {
    const { step } = store.get();
    if (what() !== "step") return whole();
    if ("exportSteps" in row.dataset) return changed(base(), { range: `${step}-${step}` });
    return changed(base(), { step: String(step) });
  }

  function rangeText() {
    const ends = [from, to].map((one) => Math.max(1, Math.trunc(Number(one.value) || 1)) - 1).sort((a, b) => a - b);
    return ends.join("-");
  }

  function pictureQuery() {
    const ends = what() === "range" ? rangeText().split("-") : [];
    const step = what() === "walk" ? "end" : (ends[1] ?? String(store.get().step));
    // An image may not ask for fonts, so its letters are drawn.
    return changed(base(), { step, text: "paths" });
  }

  function update() {
    const link = pageLink();
    const [bounds, all] = [store.get().bounds, need(dialog, "[data-range]")];
    all.hidden = what() !== "range";
    from.max = to.max = String(bounds[1] + 1);
    const shared = {
      embed: `${location.origin}/embed?${whole()}`,
      picture: `${location.origin}/svg?${pictureQuery()}`,
      title: store.get().walk?.example?.title ?? strings.share.title,
      steps: stepsShared(),
    };
    field("address").value = link;
    field("frame").value = frame(shared);
    field("image").value = shared.picture;
    field("snippet").value = TOOLS[tool.value]?.text(shared) ?? "";
    need(dialog, "[data-tool-note]").textContent = TOOLS[tool.value]?.note ?? "";
    code(link);
    preview();
  }

  function stepsShared() {
    const [first, last] = store.get().bounds;
    if (what() === "step") return 1;
    const [a = 0, b = 0] = what() === "range" ? rangeText().split("-").map(Number) : [first, last];
    return Math.max(1, Math.min(b, last) - Math.max(a, first) + 1);
  }

  function pageLink() {
    const query = changed(whole({ select: true }), { show: valueIn(given, "show") });
    if (!short) return `${location.origin}/?${query}`;
    const options = changed(query, { id: null });
    return `${location.origin}/s/${short}${options ? `?${options}` : ""}`;
  }

  /** @param {string} link */
  function code(link) {
    const image = /** @type {HTMLImageElement} */ (need(dialog, "[data-qr]"));
    image.hidden = link.length > LONG;
    if (!image.hidden) {
      setSource(image, `/qr?${changed(whole({ select: true }), { show: valueIn(given, "show") })}`);
      image.alt = strings.share.codeOf(link);
    }
    need(dialog, "[data-qr-note]").textContent = image.hidden ? strings.share.tooLong : strings.share.code;
  }

  function preview() {
    const image = /** @type {HTMLImageElement} */ (need(dialog, "[data-preview-image]"));
    const query = changed(pictureQuery(), { scale: null });
    const box = /** @type {HTMLElement} */ (image.parentElement);
    box.toggleAttribute("data-dark", valueIn(query, "theme") === "dark");
    box.toggleAttribute("data-light", valueIn(query, "theme") !== "dark");
    image.alt = strings.share.pictureOf(store.get().walk?.trace.steps[store.get().step]?.text ?? "");
    setSource(image, `/svg?${query}`);
  }

  const picture = /** @type {HTMLImageElement} */ (need(dialog, "[data-preview-image]"));
  const fault = need(dialog, "[data-preview-fault]");
  picture.addEventListener("load", () => {
    picture.hidden = false;
    fault.hidden = true;
  });
  picture.addEventListener("error", () => {
    picture.hidden = true;
    fault.hidden = false;
    fault.textContent = strings.share.noPicture;
  });

  for (const [name, one] of Object.entries(TOOLS)) tool.append(new Option(one.name, name));
  for (const button of dialog.querySelectorAll("[data-copy]"))
    button.addEventListener("click", () => copy(button, field(button.getAttribute("data-copy")?.slice(6) ?? ""), said));
  const rows = /** @type {HTMLElement[]} */ ([...dialog.querySelectorAll("[data-export]")]);
  const files = rows.map((row) => mountFile(row, queryFor));
  mountTabs(dialog);
  dialog.addEventListener("input", update);
  dialog.addEventListener("close", () => files.forEach((file) => file.cancel()));
  const shorten = /** @type {HTMLButtonElement} */ (need(dialog, "[data-shorten]"));
  const trouble = need(dialog, "[data-short-fault]");
  shorten.addEventListener("click", async () => {
    shorten.disabled = true;
    trouble.hidden = true;
    try {
      const answer = await jsonOf(
        await fetch("/s", {
          method: "POST",
          headers: { "Content-Type": "application/json", Accept: "application/json" },
          body: JSON.stringify({ query: given }),
        }),
      );
      short = answer.id;
      need(dialog, "[data-short-note]").textContent = strings.share.isShort;
      said.textContent = strings.share.isShort;
      update();
      field("address").focus();
      field("address").select();
    } catch (error) {
      const failure = failureOf(error);
      trouble.textContent = [failure.message, failure.hint].filter(Boolean).join(" ");
      trouble.hidden = false;
      shorten.disabled = false;
    }
  });

  return {
    open() {
      const now = viewQuery();
      if (programOf(now) !== programOf(given)) {
        short = valueIn(now, "id");
        shorten.disabled = short !== null;
        need(dialog, "[data-short-note]").textContent = short ? strings.share.isShort : strings.share.canBeShort;
      }
      given = now;
      for (const select of selects) {
        const value = valueIn(now, select.dataset.option ?? "") ?? "";
        select.value = [...select.options].some((one) => one.value === value) ? value : "";
      }
      const { bounds, step } = store.get();
      from.value = String(bounds[0] + 1);
      to.value = String(Math.max(step, bounds[0]) + 1);
      trouble.hidden = true;
      update();
      dialog.showModal();
      field("address").focus();
      field("address").select();
    },
  };
}

/** @param {string} query */
function programOf(query) {
  return ["expr", "c", "ex", "id"].map((name) => valueIn(query, name) ?? "").join(" ");
}

/** An image's address, set only where it changed, so that nothing is fetched twice. @param {HTMLImageElement} image @param {string} address */
function setSource(image, address) {
  if (image.getAttribute("src") !== address) image.src = address;
}

/**
 * Copies a field, and says so on its button.
 * @param {Element} button @param {HTMLInputElement} field @param {HTMLElement} said
 */
async function copy(button, field, said) {
  const label = button.querySelector("span");
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    said.textContent = strings.share.copied;
    if (label) label.textContent = strings.share.copied;
    setIcon(button, "check");
  } catch {
    said.textContent = strings.share.copyByHand;
    if (label) label.textContent = strings.share.byHand;
  }
  setTimeout(() => {
    if (label) label.textContent = strings.share.copy;
    setIcon(button, "copy");
    said.textContent = "";
  }, COPIED_FOR);
}

/** @param {HTMLElement} dialog */
function mountTabs(dialog) {
  const tabs = /** @type {HTMLElement[]} */ ([...dialog.querySelectorAll("[role=tab]")]);
  const choose = (/** @type {HTMLElement} */ chosen) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      need(dialog, `#${tab.getAttribute("aria-controls")}`).hidden = tab !== chosen;
    }
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const next = by && tabs[(index + by + tabs.length) % tabs.length];
      if (!next) return;
      event.preventDefault();
      choose(next);
      next.focus();
    });
  }
}
