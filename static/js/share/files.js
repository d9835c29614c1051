// The list of files: each is made while its progress shows, and can be cancelled.

import { failureOf } from "../answer.js";
import { need } from "../dom.js";
import { strings } from "../strings.js";
import { fetchExport, save } from "./download.js";

/**
 * @param {HTMLElement} row an export's row
 * @param {(row: HTMLElement) => string} queryFor the query string of what is shared, for this export
 */
export function mountFile(row, queryFor) {
  const suffix = row.dataset.export ?? "";
  const button = need(row, "[data-download]");
  const bar = /** @type {HTMLProgressElement} */ (need(row, "[data-progress]"));
  const told = need(row, "[data-told]");
  const label = button.getAttribute("aria-label") ?? "";
  /** @type {AbortController | null} */
  let control = null;

  /** @param {boolean} making */
  function show(making) {
    bar.hidden = !making;
    bar.removeAttribute("value");
    button.textContent = making ? strings.share.cancel : strings.share.download;
    button.setAttribute("aria-label", making ? strings.share.cancelOf(suffix.toUpperCase()) : label);
  }

  /** @param {string} text @param {boolean} [fault] */
  function say(text, fault = false) {
    told.textContent = text;
    told.classList.toggle("fault", fault);
  }

  button.addEventListener("click", async () => {
    if (control) return control.abort();
    const mine = (control = new AbortController());
    show(true);
    say("");
    try {
      const { head, file } = await fetchExport(
        `/api/export/${suffix}?${queryFor(row)}`,
        (done, total) => {
          if (total) bar.value = done / total;
          if (total) say(strings.share.making(done, total));
        },
        mine.signal,
      );
      save(file, head.name);
      say(strings.share.saved(head.name, sizeText(head.size)));
    } catch (error) {
      const failure = mine.signal.aborted ? null : failureOf(error);
      say(failure ? [failure.message, failure.hint].filter(Boolean).join(" ") : strings.share.cancelled, failure !== null);
    } finally {
      control = null;
      show(false);
    }
  });
  return { cancel: () => control?.abort() };
}

/** "24 kB" @param {number} bytes */
export function sizeText(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
