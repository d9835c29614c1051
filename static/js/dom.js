// Making elements. Text is always text: nothing here parses HTML, except the server's own drawing.

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} [properties] class, text, on… handlers, attributes
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = String(value);
    else if (name === "class") element.className = String(value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

/** An icon of templates/icons.svg. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Shows another icon in a button made by the template. @param {Element} button @param {string} name */
export function setIcon(button, name) {
  button.querySelector("use")?.setAttribute("href", `#icon-${name}`);
}

/**
 * An element that the template promises.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} root @param {string} selector @returns {T}
 */
export function need(root, selector) {
  const element = root.querySelector(selector);
  if (!element) throw new Error(`the page lacks ${selector}`);
  return /** @type {T} */ (element);
}

/**
 * The server's drawing, as an element of this document.
 * @param {string} text @returns {SVGSVGElement | null}
 */
export function parseSvg(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (parsed.localName !== "svg") return null;
  for (const script of parsed.querySelectorAll("script, foreignObject")) script.remove();
  return /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.importNode(parsed, true)));
}
