"""A number that is dragged, or changed by keys, repaints values and gradients at once; nothing else moves."""

from __future__ import annotations

from typing import Any

import torch
from playwright.sync_api import Page, Route, expect

from app.core.number import number_text

SOURCE = "w = torch.tensor(2.00, requires_grad=True)\ny = w * w  # 2.5 times\ny.backward()"
PLACES = """() => [...document.querySelectorAll('.canvas .body, .canvas .edges path, .stage, .code, .side, .transport')]
    .map((one) => {
        const { x, y, width, height } = one.getBoundingClientRect();
        return [x, y, width, height].join();
    })"""


def stock(w: float) -> tuple[str, str]:
    """w² and its gradient by PyTorch, as the page spells numbers."""
    leaf = torch.tensor(w, requires_grad=True)
    value = leaf * leaf
    value.backward()
    assert leaf.grad is not None
    return number_text(value.item()), number_text(leaf.grad.item())


def literal(page: Page, text: str) -> dict[str, float]:
    """The middle of a literal of the editor."""
    box = page.locator(".cm-literal", has_text=text).first.bounding_box()
    assert box is not None
    return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}


def shown(page: Page) -> tuple[str, str]:
    """What is seen of the value of y and of the gradient of w."""
    made: list[str] = page.evaluate(
        """() => [['y', 'value'], ['w', 'grad']].map(([name, kind]) => {
            const node = [...document.querySelectorAll('.canvas [data-node]')]
                .find((one) => one.querySelector('.name')?.textContent.trim() === name);
            return [...node.querySelectorAll(`g.${kind}`)]
                .filter((slot) => getComputedStyle(slot).visibility === 'visible')
                .map((slot) => slot.querySelector('text')?.textContent.trim()).join('|');
        })"""
    )
    return made[0], made[1]


def number(page: Page) -> float:
    """The literal of the first line, as it stands in the editor."""
    return float(page.locator(".cm-line").first.locator(".cm-literal").inner_text())


def settled(visitor: Any, page: Page) -> tuple[str, str]:
    """What is seen once the last number has been walked."""
    visitor.until(page, "!document.querySelector('[data-player]').hasAttribute('data-stale')")
    return shown(page)


def open_at_end(visitor: Any, **options: Any) -> Page:
    page: Page = visitor.edit("/", **options)
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(SOURCE)
    page.keyboard.press("Control+Enter")
    visitor.until(page, "document.querySelectorAll('.canvas [data-node]').length === 2")
    page.locator("[data-do=last]").click()
    return page


def test_dragging_repaints_live_and_moves_nothing(visitor: Any) -> None:
    page = open_at_end(visitor)
    page.evaluate("document.querySelector('.canvas svg').dataset.mine = 'yes'")
    before = page.evaluate(PLACES)
    at = literal(page, "2.00")
    page.mouse.move(at["x"], at["y"])
    page.mouse.down()
    seen = set()
    for pixels in range(5, 105, 5):
        page.mouse.move(at["x"] + pixels, at["y"])
        seen.add(shown(page))
        if pixels == 50:  # while the button is still down the numbers follow
            visitor.until(page, f"document.querySelector('.canvas').textContent.includes('{stock(2.1)[0]}')")
            assert page.evaluate(PLACES) == before
    page.mouse.up()
    assert number(page) == 2.2
    assert settled(visitor, page) == stock(2.2)
    assert page.evaluate(PLACES) == before
    assert page.locator(".canvas svg").get_attribute("data-mine") == "yes", "the drawing was replaced"
    assert page.evaluate("location.search").count("step=")
    page.keyboard.press("Control+z")
    assert number(page) == 2.0
    assert settled(visitor, page) == stock(2.0)
    page.keyboard.press("Control+y")
    assert number(page) == 2.2


def test_older_runs_are_dropped_and_the_latest_wins(visitor: Any) -> None:
    page = open_at_end(visitor)
    asked: list[str] = []
    held: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route.request.post_data_json["source"])
        if len(asked) == 1:
            held.append(route)  # the first run never ends
        else:
            route.continue_()

    page.route("**/api/walk", hold)
    at = literal(page, "2.00")
    page.mouse.move(at["x"], at["y"])
    page.mouse.down()
    for pixels in range(5, 155, 5):
        page.mouse.move(at["x"] + pixels, at["y"])
    visitor.until(page, "document.querySelector('.cm-line').textContent.includes('2.30')")
    page.mouse.up()
    assert settled(visitor, page) == stock(2.3)
    assert len(held) == 1
    assert len(asked) < 6, "numbers that nobody waits for any more were run"
    assert "2.30" in asked[-1]


def test_arrow_keys_change_a_literal(visitor: Any) -> None:
    page = open_at_end(visitor)
    at = literal(page, "2.00")
    page.mouse.dblclick(at["x"], at["y"])  # chosen as a whole: plainly
    for key, then in [
        ("ArrowUp", 2.01), ("Shift+ArrowUp", 2.11), ("ArrowDown", 2.1), ("Alt+ArrowUp", 2.101),
        ("Shift+Alt+ArrowDown", 2.091),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert number(page) == then, key
    assert settled(visitor, page) == stock(2.091)
    page.keyboard.press("ArrowRight")  # the cursor in it: with Alt
    for key, then in [("Alt+ArrowUp", 2.092), ("Alt+Shift+ArrowUp", 2.102), ("ArrowUp", 2.102)]:
        page.keyboard.press(key)
        assert number(page) == then, key
    assert settled(visitor, page) == stock(2.102)


def test_a_number_in_a_comment_is_text(visitor: Any) -> None:
    page = open_at_end(visitor)
    assert page.locator(".cm-literal").all_inner_texts() == ["2.00"]
    page.get_by_text("2.5 times").click()
    page.keyboard.press("Alt+ArrowUp")  # the editor's own: moves the line
    assert "2.5 times" in page.locator(".cm-content").inner_text()


def test_a_finger_drags_a_number(visitor: Any) -> None:
    page = visitor.edit("/?step=end", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.get_by_role("tab", name="Program").tap()
    at = literal(page, "2")
    session = page.context.new_cdp_session(page)

    def touch(kind: str, x: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": at["y"]}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = page.locator(".cm-content").inner_text()
    touch("touchStart", at["x"])
    for pixels in range(4, 84, 4):
        touch("touchMove", at["x"] + pixels)
    touch("touchEnd", 0)
    expect(page.locator(".cm-content")).not_to_have_text(before)
    visitor.until(page, "!document.querySelector('[data-player]').hasAttribute('data-stale')")
    assert page.evaluate("document.querySelector('.app').scrollTop + document.querySelector('.code').scrollTop") == 0


def test_repainting_refuses_another_drawing(visitor: Any) -> None:
    """Only numbers may be patched: another layout, other steps or other nodes are another drawing."""
    page = visitor.open("/")
    made = page.evaluate(
        """async () => {
            const { repaint } = await import('/static/js/repaint.js');
            const drawing = (x, from, text, cells) => new DOMParser().parseFromString(
                `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">
                <g data-node="n0" transform="translate(${x} 0)"><g data-from="${from}">
                <g>${cells.map((cell) => `<text>${cell}</text>`).join('')}</g>
                <title>${text}</title></g></g></svg>`, 'image/svg+xml').documentElement;
            const old = drawing(0, 1, 'a', [1, 2]);
            const plain = new XMLSerializer().serializeToString(old);
            const others = [[1, 1, 'a', [1, 2]], [0, 2, 'a', [1, 2]]]
                .map((one) => repaint(old, drawing(...one), '0 0 9 9'));
            others.push(repaint(old, drawing(0, 1, 'a', [1, 2]), '0 0 8 9'));
            const untouched = new XMLSerializer().serializeToString(old) === plain;
            const same = repaint(old, drawing(0, 1, 'b', [3, 4, 5]), '0 0 9 9');
            return [others, untouched, same, old.textContent.replace(/\\s/g, '')];
        }"""
    )
    assert made == [[False, False, False], True, True, "345b"]
