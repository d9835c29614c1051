// Presenting: the whole screen for program, graph and sentence, in large type; a key that blanks it.

/** @param {HTMLElement} button */
export function mountPresenter(button) {
  const html = document.documentElement;
  const presenting = () => html.classList.contains("presenting");

  /** @param {boolean} on */
  function set(on) {
    html.classList.toggle("presenting", on);
    html.classList.remove("blank");
    button.setAttribute("aria-pressed", String(on));
    // Where full screen is refused, as in some frames, the large type is there all the same.
    if (on) html.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  }
  button.addEventListener("click", () => set(!presenting()));
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && presenting()) set(false);
  });
  return {
    toggle: () => set(!presenting()),
    blank() {
      if (presenting()) html.classList.toggle("blank");
    },
    /** Whether there was anything to leave. */
    leave() {
      if (!presenting()) return false;
      set(false);
      return true;
    },
  };
}
