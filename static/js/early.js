// Before the first paint: the theme and the columns that were chosen on an earlier visit. A classic script, so that it blocks.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("gradwalk.theme");
    if (theme && !new URLSearchParams(location.search).has("theme")) root.dataset.theme = theme;
    const columns = JSON.parse(localStorage.getItem("gradwalk.columns") ?? "{}");
    for (const side of ["code", "side"]) {
      if (typeof columns[side] === "number") root.style.setProperty(`--${side}-width`, `${columns[side]}px`);
      if (columns[`${side}Folded`] === true) root.classList.add(`${side}-folded`);
    }
  } catch {
    /* storage is forbidden or holds something odd: the defaults are good */
  }
})();
