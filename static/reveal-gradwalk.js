// A reveal.js plugin: every step of an embedded walk is a fragment of its slide, so the deck alone counts steps.
//
//   <iframe data-gradwalk src="https://…/embed?ex=lecture"></iframe>        all steps
//   <iframe data-gradwalk data-steps="4-9" src="…"></iframe>                some of them
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

/** The picture of one step, from the address of the embed. @param {HTMLIFrameElement} frame @param {number} step */
function picture(frame, step) {
  const address = new URL(frame.src);
  address.pathname = address.pathname.replace(/\/embed$/, "/svg");
  address.searchParams.set("step", String(step));
  const image = document.createElement("img");
  image.src = address.href;
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

/** Walks of one slide take their turns one after the other, as they do on the screen. @param {HTMLIFrameElement[]} frames */
async function print(frames) {
  const ranges = await Promise.all(frames.map(async (frame) => asked(frame) ?? [0, await lastStep(connect(frame))]));
  /** @type {Map<Element | null, number>} */
  const turns = new Map();
  await Promise.all(frames.map((frame, index) => {
    const [first = 0, last = 0] = ranges[index] ?? [];
    const slide = frame.closest("section");
    const turn = turns.get(slide) ?? 0;
    turns.set(slide, turn + last - first);
    return printed(frame, first, last, turn);
  }));
}

/** Every walk shows the step that the deck's fragments say; nothing depends on what was shown before. @param {Walk[]} walks */
function show(walks) {
  for (const { embed, first, marks } of walks) {
    const step = first + marks.filter((mark) => mark.classList.contains("visible")).length;
    if (embed.info && embed.step !== step) embed.goto(step);
  }
}

const Gradwalk = {
  id: "gradwalk",

  /** @param {any} deck the reveal.js API */
  async init(deck) {
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
