"""Long chains and wide graphs: readable, and what a step is about is always in view."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.codec import encode

CHAIN = (
    "x = torch.tensor(0.5, requires_grad=True)\nh = x\nfor i in range(24):\n    h = torch.tanh(h * 1.5)\nh.backward()\n"
)
WIDE = (
    "x = torch.tensor(2., requires_grad=True)\nparts = [x * k for k in range(1, 13)]\n"
    "y = torch.stack(parts).sum()\ny.backward()\n"
)
OUT_OF_VIEW = """() => {
    const frame = document.querySelector(".canvas").getBoundingClientRect();
    const halos = document.querySelectorAll(".canvas .node:not(.reference) > .halo.active");
    return [...halos].map((one) => one.getBoundingClientRect())
        .filter((box) => box.left < frame.left - 1 || box.right > frame.right + 1
            || box.top < frame.top - 1 || box.bottom > frame.bottom + 1).length;
}"""
TYPE_SIZE = """() => {
    const text = document.querySelector(".canvas .node .name tspan, .canvas .node .expression tspan");
    return Number(text.getAttribute("font-size")) * document.querySelector(".canvas svg").getScreenCTM().a;
}"""


@pytest.mark.parametrize("program", [CHAIN, WIDE], ids=["chain", "wide"])
@pytest.mark.parametrize("size", [(1280, 720), (390, 844)], ids=["wide", "narrow"])
def test_the_active_node_is_in_view_and_legible(visitor: Any, program: str, size: tuple[int, int]) -> None:
    page = visitor.open(
        f"/?c={encode(program)}", viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce"
    )
    slider = page.locator("[data-timeline]")
    last = int(slider.get_attribute("max") or 0)
    assert last > 25
    for step in [*range(1, 8), last // 2, last // 2 + 1, *range(last - 6, last), 1]:
        slider.fill(str(step))
        visitor.until(page, f"({OUT_OF_VIEW})() === 0", 5)
        assert page.evaluate("document.querySelectorAll('.canvas .halo.active').length") > 0
    assert page.evaluate(TYPE_SIZE) >= 9


def test_nothing_but_the_frame_moves(visitor: Any) -> None:
    """Cards keep their places in the picture from the first step to the last."""
    page = visitor.open(f"/?c={encode(CHAIN)}", reduced_motion="reduce")
    places = "() => [...document.querySelectorAll('.canvas .node')].map((one) => one.getAttribute('transform')).join()"
    before = page.evaluate(places)
    page.keyboard.press("End")
    assert page.evaluate(places) == before
