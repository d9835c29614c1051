// A reveal.js plugin: every step of an embedded walk is a fragment of its slide, so the deck alone counts steps.
//
//   <iframe data-gradwalk src="https://…/embed?ex=lecture"></iframe>        all steps
//   <iframe data-gradwalk data-steps="4-9" src="…"></iframe>                some of them
//   <iframe data-gradwalk data-pictures="steps/step-0000.svg" src="walk.html"></iframe>    a walk in a file; its pictures for print
//   Reveal.initialize({ plugins: [Gradwalk] })

import { connect } from "./embed.js";

const PATIENCE = 8000;

/** @typedef {{frame: HTMLIFrameElement, embed: import("./embed.js").GradwalkEmbed, first: number, last: number, marks: HTMLElement[]}} Walk */

/** Settles with the last step of a walk. @param {import("./embed.js").GradwalkEmbed} embed @returns {Promise<number>} */
function lastStep(embed) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${embed.frame.src} did not answer; give its steps as data-steps="0-10"`)), PATIENCE);
  });
  return Promise.race([embed.ready.then(({ steps }) => steps - 1), late]);
}

/** The steps that `data-steps="4-9"` asks for. @param {HTMLIFrameElement} frame @returns {[number, number] | null} */
function asked(frame) {
  const found = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(frame.dataset.steps ?? "");
  return found ? [Number(found[1]), Number(found[2])] : null;
}

/**
 * One invisible fragment for each step after the first; reveal.js counts them, also backwards, in the overview and in the speaker view.
 * @param {HTMLIFrameElement} frame @returns {Promise<Walk>}
 */
async function fragmented(frame) {
  const embed = connect(frame);
  const [first, last] = asked(frame) ?? [0, await lastStep(embed)];
  const marks = Array.from({ length: Math.max(0, last - first) }, (_, index) => {
    const mark = document.createElement("span");
    mark.className = "fragment gradwalk-step";
    mark.dataset.step = String(first + index + 1);
    mark.hidden = true;
    return mark;
  });
  frame.after(...marks);
  embed.goto(first);
  return { frame, embed, first, last, marks };
}

/**
 * Where the picture of a step is: `data-pictures` with its last digits replaced, else the embed's own address as a picture.
 * @param {HTMLIFrameElement} frame @param {number} step
 */
function pictureAddress(frame, step) {
  const pattern = frame.dataset.pictures;
  if (pattern) return pattern.replace(/\d+(?=\D*$)/, (digits) => String(step).padStart(digits.length, "0"));
  const address = new URL(frame.src);
  address.pathname = address.pathname.replace(/\/embed$/, "/svg");
  address.searchParams.set("step", String(step));
  address.searchParams.set("text", "paths"); // a picture has no web fonts
  return address.href;
}

/** @param {HTMLIFrameElement} frame @param {number} step */
function picture(frame, step) {
  const image = document.createElement("img");
  image.src = pictureAddress(frame, step);
  image.dataset.step = String(step);
  image.alt = frame.title || "Graph of a program";
  image.className = `gradwalk-picture ${frame.className}`;
  for (const name of ["width", "height"]) {
    const size = frame.getAttribute(name);
    if (size) image.setAttribute(name, size);
  }
  return image;
}

/**
 * In print a frame starts anew on each page, so every step becomes a picture, of which each page shows one.
 * @param {HTMLIFrameElement} frame @param {number} first @param {number} last @param {number} turn the slide's fragments before these
 */
async function printed(frame, first, last, turn) {
  const stack = document.createElement("div");
  stack.className = "r-stack gradwalk-print";
  const images = Array.from({ length: last - first + 1 }, (_, index) => picture(frame, first + index));
  for (const [index, image] of images.entries()) {
    // the first leaves with the first fragment, each other replaces its forerunner, the last one stays
    const kind = index === 0 ? "fade-out" : index < images.length - 1 ? "current-visible" : "";
    if (images.length > 1) image.classList.add("fragment", ...(kind ? [kind] : []));
    image.dataset.fragmentIndex = String(turn + Math.max(0, index - 1));
    stack.append(image);
  }
  frame.replaceWith(stack);
  await Promise.all(images.map((image) => image.decode().catch(() => {})));
}

/**
 * The fragment at which each walk of a slide begins, in the order of the screen: fragments that have an index come first, then the others and
 * the walks as they stand. Those others get the index that they have thereby, since pictures need theirs written down.
 * @param {Element} slide @param {Map<HTMLIFrameElement, [number, number]>} ranges @returns {Map<HTMLIFrameElement, number>}
 */
function turnsOf(slide, ranges) {
  const standing = [...slide.querySelectorAll(".fragment, iframe[data-gradwalk]")];
  const indexed = standing.flatMap((element) => element.getAttribute("data-fragment-index") ?? []).map(Number);
  let turn = Math.max(-1, ...indexed) + 1;
  /** @type {Map<HTMLIFrameElement, number>} */
  const turns = new Map();
  for (const element of standing) {
    const range = element instanceof HTMLIFrameElement ? ranges.get(element) : undefined;
    if (range) {
      turns.set(/** @type {HTMLIFrameElement} */ (element), turn);
      turn += range[1] - range[0];
    } else if (!element.hasAttribute("data-fragment-index")) {
      element.setAttribute("data-fragment-index", String(turn++));
    }
  }
  return turns;
}

/** @param {HTMLIFrameElement[]} frames */
async function print(frames) {
  /** @type {Map<HTMLIFrameElement, [number, number]>} */
  const ranges = new Map();
  await Promise.all(frames.map(async (frame) => ranges.set(frame, asked(frame) ?? [0, await lastStep(connect(frame))])));
  const slides = new Set(frames.map((frame) => frame.closest("section") ?? document.body));
  const turns = new Map([...slides].flatMap((slide) => [...turnsOf(slide, ranges)]));
  await Promise.all([...ranges].map(([frame, [first, last]]) => printed(frame, first, last, turns.get(frame) ?? 0)));
}

/** Every walk shows the step that the deck's fragments say; nothing depends on what was shown before. @param {Walk[]} walks */
function show(walks) {
  for (const { embed, first, marks } of walks) {
    const step = first + marks.filter((mark) => mark.classList.contains("visible")).length;
    if (embed.info && embed.step !== step) embed.goto(step);
  }
}

/**
 * Opened by the speaker view, a deck tells the room's deck each change of its own, also the one with which it starts, which would take
 * the room back to the slide's first step. It is quiet until it is ready. @param {any} deck
 */
function quietUntilReady(deck) {
  const config = deck.getConfig();
  const told = config.postMessageEvents;
  config.postMessageEvents = false;
  deck.on("ready", () => { config.postMessageEvents = told; });
}

const Gradwalk = {
  id: "gradwalk",

  /** @param {any} deck the reveal.js API */
  async init(deck) {
    if (new URLSearchParams(location.search).has("receiver")) quietUntilReady(deck);
    /** @type {HTMLIFrameElement[]} */
    const frames = [...deck.getRevealElement().querySelectorAll("iframe[data-gradwalk]")];
    for (const frame of frames) {
      if (!frame.getAttribute("src") && frame.dataset.src) frame.src = frame.dataset.src;
    }
    const complain = (/** @type {Error} */ error) => console.warn(`gradwalk: ${error.message}`);
    if (/[?&](print-pdf|view=print)/i.test(location.search)) return print(frames).catch(complain);
    const results = await Promise.allSettled(frames.map(fragmented));
    for (const result of results) if (result.status === "rejected") complain(result.reason);
    /** @type {Walk[]} */
    const walks = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    for (const type of ["ready", "slidechanged", "fragmentshown", "fragmenthidden", "overviewhidden"]) deck.on(type, () => show(walks));
    // a frame that was unloaded far from its slide says `ready` again when it is back
    for (const { embed } of walks) embed.on("ready", () => show(walks));
  },
};

export default () => Gradwalk;
export { Gradwalk };
