// Light, dark, contrast or the system's choice, on the root element; the page remembers what was chosen by hand.

/** @import { Store, Theme } from "./types.js" */
import { setIcon } from "./dom.js";
import { strings } from "./strings.js";

/** @type {Theme[]} */
const ORDER = ["auto", "light", "dark", "contrast"];
const ICONS = { auto: "sun-moon", light: "sun", dark: "moon", contrast: "contrast" };
const KEY = "gradwalk.theme";

/** @param {Store} store @param {HTMLElement} button */
export function mountTheme(store, button) {
  const update = () => {
    const { theme } = store.get();
    document.documentElement.dataset.theme = theme;
    setIcon(button, ICONS[theme]);
    button.setAttribute("aria-label", strings.themes[theme]);
    button.title = strings.themes[theme];
  };
  button.addEventListener("click", () => {
    const theme = ORDER[(ORDER.indexOf(store.get().theme) + 1) % ORDER.length] ?? "auto";
    remember(KEY, theme);
    store.dispatch({ type: "theme", theme });
  });
  update();
  store.subscribe((state, former) => {
    if (state.theme !== former.theme) update();
  });
}

/** Storage may be forbidden; then nothing is remembered. @param {string} key @param {string} value */
export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    /* a private window forgets, as it should */
  }
}

/** @param {string} key @returns {string | null} */
export function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
