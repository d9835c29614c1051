"""The player alone, in a frame of another page: its messages, and whom it obeys."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

HOST = """<!doctype html><title>deck</title><script>
window.heard = [];
addEventListener('message', (event) => { if (event.data?.ns === 'gradwalk') heard.push(event.data); });
window.say = (message) =>
  document.querySelector('iframe').contentWindow.postMessage({ ns: 'gradwalk', v: 1, ...message }, '*');
</script><iframe width="900" height="500" src="%s" sandbox="allow-scripts"></iframe>"""


def host(visitor: Any, query: str = "ex=lecture") -> Page:
    """A page that frames the embed, sandboxed, so that its origin is opaque."""
    page: Page = visitor.new_page()
    page.route(
        "**/host.html",
        lambda route: route.fulfill(body=HOST % f"{visitor.server}/embed?{query}", content_type="text/html"),
    )
    page.goto(f"{visitor.server}/host.html")
    visitor.until(page, "heard.some((one) => one.type === 'ready')")
    return page


def test_the_embed_alone_steps_with_keys(visitor: Any) -> None:
    page = visitor.open("/embed?ex=lecture", viewport={"width": 800, "height": 450})
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-count]")).to_have_text("step 2 of 11")
    expect(page.locator("[data-editor]")).to_have_count(0)


def test_ready_tells_steps_labels_and_aspect(visitor: Any) -> None:
    page = host(visitor)
    ready = page.evaluate("heard.find((one) => one.type === 'ready')")
    assert (ready["v"], ready["steps"], ready["step"]) == (1, 11, 0)
    assert len(ready["labels"]) == 11
    assert ready["aspect"] > 0


def test_it_goes_where_its_parent_says_and_reports_the_step(visitor: Any) -> None:
    page = host(visitor)
    page.evaluate("say({ type: 'goto', step: 8 })")
    visitor.until(page, "heard.some((one) => one.type === 'step' && one.step === 8)")
    told = page.evaluate("heard.findLast((one) => one.type === 'step')")
    assert (told["steps"], told["phase"]) == (11, "backward")
    page.evaluate("say({ type: 'prev' })")
    visitor.until(page, "heard.findLast((one) => one.type === 'step').step === 7")
    page.evaluate("say({ type: 'goto', step: 99 })")
    visitor.until(page, "heard.findLast((one) => one.type === 'step').step === 10")
    page.evaluate("say({ type: 'next' })")
    visitor.until(page, "heard.some((one) => one.type === 'boundary' && one.edge === 'end')")


def test_it_obeys_nobody_else(visitor: Any) -> None:
    page = visitor.open("/embed?ex=lecture")
    page.evaluate("postMessage({ ns: 'gradwalk', v: 1, type: 'goto', step: 5 }, '*')")
    page.wait_for_timeout(150)
    assert page.locator("[data-count]").inner_text() == "step 1 of 11"


def test_other_messages_are_ignored(visitor: Any) -> None:
    page = host(visitor)
    page.evaluate(
        "say({ type: 'run', source: 'x = 1' }); say({ ns: 'other', type: 'next' }); say({ v: 2, type: 'next' })"
    )
    page.wait_for_timeout(150)
    assert page.evaluate("heard.some((one) => one.type === 'step')") is False


def test_its_host_sets_theme_scale_and_digits(visitor: Any) -> None:
    page = host(visitor, "expr=sigmoid(w*x)&let=w:0.123456,x:3.14159&step=1&show=inspector,values")
    frame = page.frame_locator("iframe")
    expect(frame.locator("[data-sentence]")).to_contain_text("= 0.3878.")
    page.evaluate("say({ type: 'set', theme: 'dark', scale: 2, digits: 2 })")
    expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
    expect(frame.locator("html")).to_have_css("font-size", "32px")
    expect(frame.locator("[data-sentence]")).to_contain_text("= 0.39.")
    expect(frame.locator(".diagram")).to_contain_text("0.39")
    expect(frame.locator("[data-inspector] .quantity").first).to_have_text("0.39")
    visitor.until(page, "heard.findLast((one) => one.type === 'ready').labels[1].endsWith('= 0.39.')")
    page.evaluate("say({ type: 'set', digits: 7 }); say({ type: 'set', digits: 3, theme: 'pink', scale: 'huge' })")
    expect(frame.locator("[data-sentence]")).to_contain_text("= 0.388.")
    expect(frame.locator("[data-count]")).to_have_text("step 2 of 9")
    expect(frame.locator("html")).to_have_attribute("data-theme", "dark")


def test_keys_for_the_deck_are_handed_to_it(visitor: Any) -> None:
    page = host(visitor, "ex=lecture&keys=reveal")
    deck = "addEventListener('message', ({ data }) => { if (typeof data === 'string') heard.push({ deck: data }); })"
    page.evaluate(deck)
    page.frame_locator("iframe").locator("[data-player]").click(position={"x": 5, "y": 5})
    page.keyboard.press("ArrowRight")
    visitor.until(page, 'heard.some((one) => one.deck === \'{"method":"next"}\')')
    assert page.evaluate("heard.some((one) => one.type === 'step')") is False
