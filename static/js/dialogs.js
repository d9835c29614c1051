// The gallery menu, the help, and the short message that says a link was copied.

/** @import { Store } from "./types.js" */
import { h, need } from "./dom.js";
import { mountSearch } from "./search.js";

/** Buttons `data-open="id"` open the dialog with that id; a click beside it closes it. @param {ParentNode} root */
export function mountDialogs(root) {
  for (const button of root.querySelectorAll("[data-open]")) {
    button.addEventListener("click", () =>
      /** @type {HTMLDialogElement | null} */ (
        document.getElementById(button.getAttribute("data-open") ?? "")
      )?.showModal(),
    );
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || (event.target instanceof Element && event.target.closest("[data-close]")))
        dialog.close();
    });
  }
}

/** @param {HTMLDialogElement} dialog @param {Store} store @param {(name: string) => void} choose */
export function mountGallery(dialog, store, choose) {
  const cards = mountSearch(dialog);
  for (const card of cards) {
    card.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.close();
      choose(card.dataset.example ?? "");
    });
  }
  const title = document.querySelector("[data-example-title]");
  const update = () => {
    const example = store.get().walk?.example;
    if (title) title.textContent = example?.title ?? "";
    document.title = example ? `${example.title} · Gradwalk` : "Gradwalk";
    for (const card of cards) card.toggleAttribute("aria-current", card.dataset.example === example?.name);
  };
  update();
  store.subscribe((state, former) => {
    if (state.walk !== former.walk) update();
  });
}

/** A message that goes by itself. @param {string} text */
export function toast(text) {
  document.querySelector(".toast")?.remove();
  const element = h("p", { class: "toast", role: "status", text });
  document.body.append(element);
  setTimeout(() => element.remove(), 2600);
}
