// The hand on the picture: wheel, drag, pinch and double click, as zoom, pan and fit.

/**
 * Wheel, drag and pinch. A plain wheel moves a picture that is larger than its frame; with Ctrl (or a pinch on a touchpad) it zooms.
 * @param {HTMLElement} stage
 * @param {{zoom: (factor: number, at?: {x: number, y: number}) => void, pan: (dx: number, dy: number) => void, overflows: () => boolean,
 *   fit: () => void}} act
 */
export function mountGestures(stage, act) {
  stage.addEventListener(
    "wheel",
    (event) => {
      const zooming = event.ctrlKey || event.metaKey;
      if (!zooming && !act.overflows()) return;
      event.preventDefault();
      if (zooming) act.zoom(Math.exp(-event.deltaY * 0.01), { x: event.clientX, y: event.clientY });
      else act.pan(event.shiftKey ? -event.deltaY : -event.deltaX, event.shiftKey ? 0 : -event.deltaY);
    },
    { passive: false },
  );
  stage.addEventListener("dblclick", (event) => {
    if (!(event.target instanceof Element && event.target.closest("[data-node],[data-edge],button"))) act.fit();
  });

  /** @type {Map<number, {x: number, y: number}>} */
  const fingers = new Map();
  let travelled = 0;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest("button"))) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    travelled = 0;
  });
  stage.addEventListener("pointermove", (event) => {
    const former = fingers.get(event.pointerId);
    if (!former) return;
    const now = { x: event.clientX, y: event.clientY };
    const [dx, dy] = [now.x - former.x, now.y - former.y];
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    travelled += Math.hypot(dx, dy);
    if (travelled < 5) return;
    if (!stage.hasPointerCapture(event.pointerId)) stage.setPointerCapture(event.pointerId);
    stage.classList.add("dragging");
    fingers.set(event.pointerId, now);
    if (!other) return act.pan(dx, dy);
    const before = Math.hypot(former.x - other.x, former.y - other.y);
    const after = Math.hypot(now.x - other.x, now.y - other.y);
    act.pan(dx / 2, dy / 2);
    if (before > 0) act.zoom(after / before, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
  });
  /** @param {PointerEvent} event */
  const lift = (event) => {
    fingers.delete(event.pointerId);
    if (fingers.size === 0) stage.classList.remove("dragging");
  };
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", lift);
  // A drag isn't a click on the node where it happens to end.
  stage.addEventListener(
    "click",
    (event) => {
      if (travelled >= 5) event.stopPropagation();
      travelled = 0;
    },
    { capture: true },
  );
}
