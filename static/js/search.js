// Finds examples by words of their title, idea or chapter: in the gallery's dialog, and on the page /examples.

import { need } from "./dom.js";
import { strings } from "./strings.js";

/**
 * Filters the elements `data-example` of a place by what is typed into its `data-search`, and hides chapters that have none left.
 * @param {ParentNode} place
 * @returns {HTMLElement[]} the examples
 */
export function mountSearch(place) {
  const search = /** @type {HTMLInputElement} */ (need(place, "[data-search]"));
  const none = need(place, "[data-none]");
  const cards = /** @type {HTMLElement[]} */ ([...place.querySelectorAll("[data-example]")]);
  const chapters = /** @type {HTMLElement[]} */ ([...place.querySelectorAll(".chapter")]);
  const heads = new Map(chapters.map((one) => [one, one.querySelector("h2, h3")?.textContent ?? ""]));
  none.textContent = strings.nothingFound;
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const chapter of chapters) {
      for (const card of /** @type {NodeListOf<HTMLElement>} */ (chapter.querySelectorAll("[data-example]"))) {
        const text = `${heads.get(chapter)} ${card.textContent}`.toLowerCase();
        const item = card.closest("li") ?? card;
        card.hidden = item.hidden = !words.every((word) => text.includes(word));
      }
      chapter.hidden = !chapter.querySelector("[data-example]:not([hidden])");
    }
    none.hidden = cards.some((card) => !card.hidden);
  };
  search.addEventListener("input", filter);
  filter();
  return cards;
}
