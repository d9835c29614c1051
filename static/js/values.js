// Changing a value in its card: a small form over the slot of a leaf or input. What is typed is written into the program.

/** @import { Node, Store, Tensor } from "./types.js" */
import { h, icon } from "./dom.js";
import { placesOf, shifted } from "./scrub.js";
import { strings } from "./strings.js";
import { firstTensor, lookup, nameOf } from "./trace.js";

/** Cells of the largest tensor that is changed here; larger ones are changed in the program. */
const MOST = 25;
const NUMBER = /^[+\-−]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf|nan)$/;

/**
 * @param {HTMLElement} root @param {HTMLElement} stage @param {Store} store @param {import("./rewrite.js").Rewriter} rewriter
 * @param {ReturnType<typeof import("./program.js").mountProgram>} program
 */
export function mountValues(root, stage, store, rewriter, program) {
  /** @type {{form: HTMLElement, id: string} | null} */
  let open = null;

  /** The leaf or input whose card an element is in. @param {EventTarget | null} target */
  const cardOf = (target) =>
    target instanceof Element ? target.closest(".node.leaf[data-node], .node.input[data-node]") : null;

  stage.addEventListener(
    "click",
    (event) => {
      const card = cardOf(event.target);
      // The first click or Enter chooses a card, as with all others, and the arrows still step; the next is for its value.
      if (!card?.classList.contains("selected")) return;
      if (!(event.target instanceof Element) || !event.target.closest(".value, .value-slot")) return;
      event.stopPropagation();
      edit(card);
    },
    true,
  );
  stage.addEventListener(
    "keydown",
    (event) => {
      const card = event.key === "Enter" && !event.shiftKey ? cardOf(event.target) : null;
      if (!card?.classList.contains("selected")) return;
      event.preventDefault();
      event.stopPropagation();
      edit(card);
    },
    true,
  );

  /** @param {Element} card */
  async function edit(card) {
    close();
    const { walk, source, ran } = store.get();
    const id = (card.getAttribute("data-node") ?? "").split(" ").at(-1) ?? "";
    store.dispatch({ type: "select", id });
    if (!walk || source !== ran) return;
    const at = lookup(walk.trace);
    const node = at.nodes.get(id);
    const tensor = firstTensor(at, id);
    if (!node || !tensor) return;
    const form = h("form", {
      class: "value-edit",
      role: "dialog",
      "aria-label": strings.values.label(nameOf(node)),
      "data-own-keys": true,
      novalidate: true,
    });
    open = { form, id };
    form.append(h("h3", { text: strings.values.head(nameOf(node)) }));
    root.append(form);
    place(form, card);
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close(true);
    });
    form.addEventListener("focusout", (event) => {
      if (event.relatedTarget instanceof Element && !form.contains(event.relatedTarget)) close();
    });
    const size = tensor.shape.reduce((product, length) => product * length, 1);
    const answer = size > MOST || size === 0 ? null : await rewriter.value(id);
    if (open?.form !== form) return;
    if (answer && "made" in answer && answer.made.numbers) fill(form, node, tensor, answer.made.numbers);
    else {
      const failure = answer && "failure" in answer ? answer.failure : null;
      form.append(
        h("p", { class: "why", role: "status", text: failure?.message ?? strings.values.large }),
        failure?.hint ? h("p", { class: "hint", text: failure.hint }) : "",
        h("button", { type: "button", class: "button small", text: strings.values.close, onclick: () => close(true) }),
      );
      form.querySelector("button")?.focus();
    }
    place(form, card);
  }

  /** @param {HTMLFormElement} form @param {Node} node @param {Tensor} tensor @param {string[]} numbers */
  function fill(form, node, tensor, numbers) {
    const columns = tensor.shape.at(-1) ?? 1;
    const whole = /^(u?int|bool)/.test(tensor.dtype);
    const said = h("p", { class: "hint", role: "alert" });
    const inputs = numbers.map((text, k) =>
      h("input", {
        type: "text",
        inputmode: whole ? "numeric" : "decimal",
        autocomplete: "off",
        spellcheck: "false",
        value: text,
        size: Math.min(9, Math.max(4, text.length)),
        "aria-label": tensor.shape.length ? strings.values.cell(nameOf(node), indexOf(k, tensor.shape)) : strings.values.label(nameOf(node)),
      }),
    );
    const grid = h("div", { class: "cells" }, ...inputs);
    grid.style.setProperty("--columns", String(tensor.shape.length > 1 || columns <= 5 ? columns : 5));
    form.append(
      grid,
      h("p", { class: "hint keys-hint", text: strings.values.keys }),
      said,
      h(
        "div",
        { class: "row" },
        h("button", { type: "submit", class: "button small primary" }, icon("check"), strings.values.set),
        h("button", { type: "button", class: "button small", text: strings.values.close, onclick: () => close(true) }),
      ),
    );
    let last = numbers.join();
    let turn = 0;
    /** @param {boolean} leave */
    const write = async (leave) => {
      const typed = inputs.map((input) => input.value.trim());
      const wrong = inputs.find((input) => !NUMBER.test(input.value.trim()));
      for (const input of inputs) input.toggleAttribute("aria-invalid", input === wrong);
      said.textContent = wrong ? strings.values.wrong : "";
      if (wrong) return wrong.focus();
      if (typed.join() !== last) {
        last = typed.join();
        const mine = ++turn;
        const answer = await rewriter.value(node.id, typed);
        if (mine !== turn) return; // newer numbers are on their way
        if ("failure" in answer) {
          said.textContent = answer.failure.message;
          return;
        }
        const source = answer.made.source.replace(/\n+$/, "");
        await program.replace(source, { said: strings.values.done(nameOf(node)) });
      }
      if (leave) close(true);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      write(true);
    });
    grid.addEventListener("keydown", (event) => {
      const sign = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
      const input = event.target;
      if (!sign || !(input instanceof HTMLInputElement) || !NUMBER.test(input.value)) return;
      event.preventDefault();
      const places = placesOf(input.defaultValue) + (event.altKey ? 1 : 0);
      input.value = shifted(input.value.replace("−", "-"), sign * (event.shiftKey ? 10 : 1), Math.max(places, placesOf(input.value)));
      write(false);
    });
    inputs[0]?.focus();
    inputs[0]?.select();
  }

  /** @param {boolean} [back] the focus goes back to the card */
  function close(back = false) {
    if (!open) return;
    const { form, id } = open;
    open = null;
    const held = form.contains(document.activeElement);
    form.remove();
    const card = stage.querySelector(`[data-node~="${CSS.escape(id)}"]`);
    if (back && held && card instanceof SVGElement) card.focus({ preventScroll: true });
  }

  /** Under the card, else above it; always within the window. @param {HTMLElement} form @param {Element} card */
  function place(form, card) {
    const box = card.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = form;
    const left = Math.min(innerWidth - width - 8, Math.max(8, box.left + box.width / 2 - width / 2));
    const below = box.bottom + 8;
    const top = below + height < innerHeight - 8 ? below : Math.max(8, box.top - height - 8);
    form.style.setProperty("left", `${left}px`);
    form.style.setProperty("top", `${top}px`);
  }

  store.subscribe((state, former) => {
    if (open && (state.step !== former.step || (state.select !== former.select && state.select !== open.id))) close();
  });
}

/** @param {number} flat @param {number[]} shape */
function indexOf(flat, shape) {
  const index = [];
  for (const length of [...shape].reverse()) {
    index.unshift(flat % length);
    flat = Math.floor(flat / length);
  }
  return index.join(", ");
}
