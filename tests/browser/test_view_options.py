"""Each parameter of an address, tried on the page and in an embed: what it says is what is seen."""

from __future__ import annotations

from typing import Any

import pytest

BOTH, EMBED = ("/", "/embed"), ("/embed",)
PARTS = {
    "code": "[data-player] :is(.listing, .cm-editor)",
    "inspector": "[data-inspector]",
    "values": ".diagram .value",
    "grads": ".diagram .grad",
    "locals": ".diagram .local",
    "legend": ".legend",
    "first": "[data-do=first]",
    "next": "[data-do=next]",
    "speed": "[data-speed]",
    "timeline": "[data-timeline]",
    "sentence": "[data-sentence]",
    "link": "[data-open-link]",
    "group": ".diagram .node.group",
    "chosen": ".diagram [data-node=n1].selected",
}
COUNT = "document.querySelector('[data-count]').textContent === 'step %d of 11'"
TEXT = "document.querySelector('%s').textContent.includes('%s')"
GROUND = (
    "['.stage', 'body', 'html'].every((one) => getComputedStyle(document.querySelector(one)).backgroundColor === '%s')"
)
STAGE = "getComputedStyle(document.querySelector('.stage')).backgroundColor === '%s'"
SIZE = "getComputedStyle(document.documentElement).fontSize === '%s'"
DOWNWARD = """(([a, b]) => Math.abs(a.y - b.y) > Math.abs(a.x - b.x))(['n0', 'n4'].map((id) =>
    document.querySelector(`.diagram [data-node=${id}]`).getBoundingClientRect()))"""
SIGMOID = "expr=sigmoid(w*x)&let=w:0.123456,x:3.14159&step=1"


def seen(parts: str) -> list[str]:
    """`code -link`: the code is seen, the link is not."""
    told = [(part.removeprefix("-"), part.startswith("-")) for part in parts.split()]
    query = "[...document.querySelectorAll('%s')].some((one) => one.checkVisibility({visibilityProperty: true}))"
    return [("!" if hidden else "") + query % PARTS[part] for part, hidden in told]


TABLE = [
    ("ex=lecture", EMBED, [*seen("-code -inspector -legend -link -first next"), STAGE % "rgb(251, 251, 249)"]),
    ("ex=lecture&step=loss&theme=dark&scale=1.5&controls=none", BOTH,
     [COUNT % 4, STAGE % "rgb(18, 23, 29)", SIZE % "24px", *seen("-next -timeline sentence")]),
    ("ex=lecture&range=3-5&step=9&theme=contrast&controls=min", BOTH,
     [COUNT % 6, STAGE % "rgb(255, 255, 255)", *seen("next -first timeline")]),
    ("ex=lecture&phase=backward&bg=f8f4e3&controls=full", BOTH,
     [COUNT % 5, STAGE % "rgb(248, 244, 227)", *seen("first next speed timeline")]),
    ("ex=lecture&step=6&select=n1&show=inspector&dir=TB", BOTH,
     [*seen("chosen inspector -code -values -grads -locals"), DOWNWARD]),
    ("ex=lecture&dir=LR", BOTH, ["!" + DOWNWARD]),
    ("ex=module&detail=module", BOTH, seen("group")),
    ("ex=module", BOTH, seen("-group")),
    ("ex=lecture&bg=transparent&theme=dark", EMBED, [GROUND % "rgba(0, 0, 0, 0)"]),
    (SIGMOID + "&digits=2", BOTH,
     [TEXT % (".diagram", "0.39"), "!" + TEXT % (".diagram", "0.3878"), TEXT % ("[data-sentence]", "= 0.39.")]),
    (SIGMOID + "&num=sci&digits=2&show=inspector,values", BOTH,
     [TEXT % (place, "3.9×10⁻¹") for place in (".diagram", "[data-sentence]", "[data-inspector]")]),
    (SIGMOID + "&digits=7&show=inspector,values", BOTH, [TEXT % ("[data-inspector] .quantity", "0.3878481")]),
    ("ex=lecture&step=end", BOTH, seen("values grads locals")),
    ("ex=lecture&step=end&show=code", BOTH, seen("code -values -grads -locals -inspector -legend")),
    ("ex=lecture&step=end&show=values", BOTH, seen("values -grads -code")),
    ("ex=lecture&step=end&show=grads,legend", BOTH, seen("grads legend -values -locals")),
    ("ex=lecture&step=end&show=locals,grads", BOTH, seen("locals -values")),
    ("ex=lecture&step=3&show=link", EMBED,
     [*seen("link"), "document.querySelector('[data-open-link]').getAttribute('href') === '/?ex=lecture&step=3'"]),
    ("ex=lecture&autoplay=1&interval=60000", BOTH,
     ["document.querySelector('[data-do=toggle]').getAttribute('aria-label') === 'Pause'", COUNT % 1]),
    ("ex=lecture&autoplay=1&interval=100", BOTH, [COUNT % 11]),
]  # fmt: skip


@pytest.mark.parametrize("path", BOTH)
def test_parameters_do_what_they_say(visitor: Any, path: str) -> None:
    page = visitor.new_page()
    for query, places, expected in TABLE:
        if path in places:
            page.goto(f"{visitor.server}{path}?{query}")
            page.wait_for_selector("[data-player][data-ready]", state="attached")
            visitor.until(page, " && ".join(f"({one})" for one in expected))


@pytest.mark.parametrize("path", BOTH)
def test_keys_and_predict(visitor: Any, path: str) -> None:
    page = visitor.open(f"{path}?ex=lecture&predict=1")
    page.locator("[data-player]").focus()
    page.keyboard.press("ArrowRight")
    visitor.until(page, "!document.querySelector('[data-ask]').hidden")
    page.goto(f"{visitor.server}{path}?ex=lecture&keys=off")
    page.wait_for_selector("[data-player][data-ready]", state="attached")
    page.keyboard.press("ArrowRight")
    page.locator("[data-do=next]").click()
    visitor.until(page, COUNT % 2)
