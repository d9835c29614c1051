"""A scene as SVG text, through the one template: the whole walk for the page, or one step for an export."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from app.draw.card import BADGE_SIZE, TAG_SIZE
from app.draw.elements import Scene
from app.draw.heat import CAPTION_SIZE
from app.draw.theme import PALETTES
from app.draw.timeline import When

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold, not even escaped: names of strangers may."""
SIZES = {"tag": TAG_SIZE, "badge": BADGE_SIZE, "caption": CAPTION_SIZE}
TEMPLATES = Path(__file__).parents[2] / "templates"


@cache
def _template() -> Template:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return env.get_template("diagram.svg")


def svg(
    scene: Scene, *, step: int | None = None, theme: str = "light", bg: str | None = None, scale: float = 1.0
) -> str:
    """SVG text. `step` None: the whole walk, every element with its interval; else what that step shows and no more.

    `bg`: a colour or `transparent`; None is the theme's for a step, and none for the page.
    """
    palette = PALETTES[theme]
    ground = None if bg == "transparent" else bg or (palette.paper if step is not None else None)
    text = _template().render(
        scene=scene,
        c=palette,
        step=step,
        ground=ground,
        sizes=SIZES,
        scale=scale,
        shown=_shown(step),
        state=_state(step),
        at=_attributes if step is None else _no_attributes,
    )
    return ILLEGAL.sub("\ufffd", text)


def _shown(step: int | None) -> Callable[[When], bool]:
    if step is None:
        return lambda _when: True
    return lambda when: when.state(step) in ("past", "active")


def _state(step: int | None) -> Callable[[When], str]:
    if step is None:
        return lambda _when: ""
    return lambda when: when.state(step)


@lru_cache(4096)
def _attributes(when: When) -> Markup:
    text = f' data-from="{when.start}"'
    if when.end is not None:
        text += f' data-to="{when.end}"'
    if when.active:
        text += f' data-active="{" ".join(map(str, when.active))}"'
    return Markup(text)  # noqa: S704 - integers only


def _no_attributes(_when: When) -> str:
    return ""
