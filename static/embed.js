// The host side of a Gradwalk embed: speaks to the player in a frame (docs/embedding.md) and fits the frame to its height.

const NAME = "gradwalk";
const VERSION = 1;

/**
 * @typedef {{steps: number, step: number, labels: string[], aspect: number}} Ready
 * @typedef {{step: number, steps: number, phase: string | null, label: string}} Stepped
 * @typedef {{ready: Ready, step: Stepped, size: {width: number, height: number}, boundary: {edge: "start" | "end"}, error: {code: string, message: string}}} Events
 */

/** One embed. Make it with `connect`. */
class Embed extends EventTarget {
  /** @type {Ready | null} What the player said of itself last. */
  info = null;

  #abort = new AbortController();
  /** @type {(info: Ready) => void} */
  #arrived = () => {};

  /** Settles when the player is there. @type {Promise<Ready>} */
  ready = new Promise((resolve) => { this.#arrived = resolve; });

  /** @param {HTMLIFrameElement} frame */
  constructor(frame) {
    super();
    this.frame = frame;
    const { signal } = this.#abort;
    addEventListener("message", (event) => this.#hear(event), { signal });
    frame.addEventListener("load", () => this.#say("hello"), { signal });
    this.#say("hello");
  }

  /** The step that is shown. */
  get step() { return this.info?.step ?? 0; }

  /** The number of steps. */
  get steps() { return this.info?.steps ?? 0; }

  /** @param {number} step */
  goto(step) { this.#say("goto", { step }); }

  next() { this.#say("next"); }

  prev() { this.#say("prev"); }

  /** @param {number} [interval] milliseconds between steps */
  play(interval) { this.#say("play", interval === undefined ? {} : { interval }); }

  pause() { this.#say("pause"); }

  /** @param {{theme?: string, scale?: number, digits?: number}} options */
  set(options) { this.#say("set", options); }

  /**
   * @template {keyof Events} T
   * @param {T} type @param {(detail: Events[T]) => void} listener
   * @returns {() => void} ends it
   */
  on(type, listener) {
    const heard = (/** @type {Event} */ event) => listener(/** @type {CustomEvent} */ (event).detail);
    this.addEventListener(type, heard);
    return () => this.removeEventListener(type, heard);
  }

  /** Stops listening to the frame. */
  disconnect() { this.#abort.abort(); }

  /** @param {string} type @param {Record<string, unknown>} [content] */
  #say(type, content = {}) {
    // a sandboxed frame has the origin "null", so no narrower target can be named
    this.frame.contentWindow?.postMessage({ ns: NAME, v: VERSION, type, ...content }, "*");
  }

  /** @param {MessageEvent} event */
  #hear(event) {
    const told = event.data;
    if (event.source !== this.frame.contentWindow || typeof told !== "object" || told?.ns !== NAME || told.v !== VERSION) return;
    const { ns, v, type, ...detail } = told;
    if (type === "ready") {
      this.info = detail;
      this.#arrived(detail);
    } else if (type === "step" && this.info) {
      this.info = { ...this.info, step: detail.step };
    }
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @typedef {Embed} GradwalkEmbed */

/** @param {HTMLIFrameElement} frame a frame whose `src` is an `/embed` address or a standalone file */
export function connect(frame) {
  return new Embed(frame);
}

/**
 * Connects every `<iframe data-gradwalk>`; one with `data-gradwalk="fit"` takes the height of its content.
 * @param {ParentNode} [root]
 */
export function connectAll(root = document) {
  return [...root.querySelectorAll("iframe[data-gradwalk]")].map((element) => {
    const frame = /** @type {HTMLIFrameElement} */ (element);
    const embed = connect(frame);
    if (frame.dataset.gradwalk === "fit") embed.on("size", ({ height }) => { frame.height = String(Math.ceil(height)); });
    return embed;
  });
}
