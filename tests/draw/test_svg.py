"""The SVG text: all of the Trace is in it, with its intervals; a step is a filter; strangers' names are harmless."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from app.core.trace import Trace
from app.draw.elements import Scene
from app.draw.svg import svg
from app.draw.theme import PALETTES
from app.draw.timeline import timeline

Draw = Callable[..., Scene]
SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)


def classes(element: ET.Element) -> set[str]:
    return set((element.get("class") or "").split())


def by_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in root.iter() if name in classes(element)]


def words(element: ET.Element) -> str:
    return "".join(element.itertext())


def ids(elements: list[ET.Element], attribute: str) -> Counter[str]:
    return Counter(id_ for element in elements for id_ in (element.get(attribute) or "").split())


def shown(element: ET.Element, step: int) -> bool:
    """The browser's rule."""
    start, end = int(element.get("data-from", 0)), int(element.get("data-to", 10**9))
    return start <= step <= end


def test_every_node_and_edge_is_drawn(picture: Trace, draw: Draw) -> None:
    root = parsed(svg(draw(picture)))
    assert set(ids(by_class(root, "node"), "data-node")) == {node.id for node in picture.nodes}
    assert ids(by_class(root, "edge"), "data-edge") == Counter(edge.id for edge in picture.edges)
    flowing = Counter(c.edge for one in picture.passes for c in one.contributions)
    assert ids(by_class(root, "flow"), "data-edge") == flowing
    assert ids(by_class(root, "chip"), "data-edge") == flowing


def test_intervals_are_those_of_the_timeline(lecture: Trace, draw: Draw) -> None:
    root = parsed(svg(draw(lecture)))
    when = timeline(lecture)
    for element in by_class(root, "node"):
        node = when.nodes[element.get("data-node", "")]
        assert element.get("data-from") == str(node.start)
        assert [int(k) for k in element.get("data-active", "").split()] == list(node.active)
    for element in by_class(root, "chip"):
        (flow,) = when.flows[element.get("data-edge", "")]
        assert (element.get("data-from"), element.get("data-active")) == (str(flow.when.start), str(flow.when.start))


def test_the_lecture_walk_in_words(lecture: Trace, draw: Draw) -> None:
    """Which numbers stand in the picture at each step: values, then local derivatives, then the chips one by one."""
    root = parsed(svg(draw(lecture)))

    def at(step: int, name: str) -> list[str]:
        return sorted(words(e).split("\n")[0] for e in by_class(root, name) if shown(e, step))

    chips = [sorted(e.findtext(f"{SVG}title") or "" for e in by_class(root, "chip") if shown(e, k)) for k in range(11)]
    assert chips[4] == []
    assert chips[5] == ["1 × 1 = 1"]
    assert chips[6] == chips[7] == ["1 × 1 = 1"] * 3
    assert chips[8] == chips[10] == ["1 × 1 = 1"] * 3 + ["1 × 3 = 3"]
    assert [at(k, "local") for k in (3, 4, 10)] == [[], ["1", "1", "1", "3"], ["1", "1", "1", "3"]]
    values = [[e.find(f".//{SVG}text").text for e in by_class(root, "value") if shown(e, k)] for k in range(4)]  # type: ignore[union-attr]
    assert [sorted(v) for v in values] == [
        [],
        ["2", "3", "6"],
        ["1", "2", "3", "6", "7"],
        ["1", "2", "3", "6", "7", "7"],
    ]
    grads = {k: sorted(e.find(f".//{SVG}text").text for e in by_class(root, "grad") if shown(e, k)) for k in (8, 9)}  # type: ignore[union-attr]
    assert grads == {8: ["1", "1", "1", "1"], 9: ["1", "1", "1", "1", "3"]}


@pytest.mark.parametrize("step", range(11))
def test_a_step_is_the_whole_walk_filtered(lecture: Trace, draw: Draw, step: int) -> None:
    whole, one = parsed(svg(draw(lecture))), parsed(svg(draw(lecture), step=step))
    assert not [element for element in one.iter() if "data-from" in element.attrib]
    for name in ("flow", "chip", "local", "value", "grad"):
        expected = [words(element) for element in by_class(whole, name) if shown(element, step)]
        assert [words(element) for element in by_class(one, name)] == expected, name
    for name in ("node", "edge"):
        faint = [shown(element, step) for element in by_class(whole, name)]
        assert [element.get("opacity") is None for element in by_class(one, name)] == faint
    halos = [e for e in by_class(whole, "halo") if str(step) in e.get("data-active", "").split()]
    assert len(by_class(one, "halo")) == len(halos)


HOSTILE = [
    "</script><script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "]]>&amp;&lt;<!--",
    "\u202eevil\u0000\u0008\ufffe",
    "x" * 5000,
    "𝔸" * 40 + "日本語の名前",
    "{{ 7 * 7 }}{% raw %}",
    "\ud800",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_come_from_strangers(made: Callable[[str], Trace], draw: Draw, name: str) -> None:
    trace = made("large")
    nodes = tuple(
        replace(node, name=name, label=name, op=name if node.kind == "op" else node.op) for node in trace.nodes
    )
    tensors = tuple(replace(tensor, name=name) for tensor in trace.tensors)
    program = replace(trace.program, source=name)
    drawn = draw(replace(trace, nodes=nodes, tensors=tensors, program=program))
    for text in (svg(drawn), svg(drawn, step=3)):
        root = parsed(text.encode().decode())
        tags = {element.tag.removeprefix(SVG) for element in root.iter()}
        assert tags <= {"svg", "g", "path", "rect", "text", "tspan", "title"}
        assert not [
            a for element in root.iter() for a in element.attrib if a.startswith("on") or a in ("style", "href")
        ]
        assert "49" not in words(root) or "7 * 7" in words(root)
    assert max(card.face.width for card in drawn.cards) < 700


@pytest.mark.parametrize("theme", PALETTES)
def test_an_export_has_plain_attributes_only(picture: Trace, draw: Draw, theme: str) -> None:
    text = svg(draw(picture), step=len(picture.steps) - 1, theme=theme)
    assert "var(" not in text
    assert " style=" not in text
    assert "<style" not in text
    for element in parsed(text).iter():
        if element.tag == f"{SVG}text":
            assert element.get("fill") or element.get("class") is None
        for name in ("fill", "stroke"):
            value = element.get(name)
            assert value is None or value == "none" or re.fullmatch(r"#[0-9a-f]{6}", value)


def test_no_ids_so_that_players_never_clash(lecture: Trace, draw: Draw) -> None:
    assert not [element for element in parsed(svg(draw(lecture))).iter() if "id" in element.attrib]


def test_accessible_names(lecture: Trace, draw: Draw) -> None:
    root = parsed(svg(draw(lecture)))
    assert root.get("role") == "graphics-document"
    assert root.get("aria-label")
    names = [element.get("aria-label") for element in by_class(root, "node")]
    assert names == ["w, leaf", "x, input", "u = w × x", "b, leaf", "v = u + b", "a = relu(v)"]
    assert {element.get("role") for element in by_class(root, "node")} == {"graphics-symbol"}


def test_scale_and_ground(lecture: Trace, draw: Draw) -> None:
    drawn = draw(lecture)
    once, twice = parsed(svg(drawn, step=3)), parsed(svg(drawn, step=3, scale=2, bg="#abcdef"))
    assert float(twice.get("width", 0)) == pytest.approx(2 * float(once.get("width", 0)), abs=0.2)
    assert once.get("viewBox") == twice.get("viewBox")
    assert twice.find(f"{SVG}rect").get("fill") == "#abcdef"  # type: ignore[union-attr]
    assert parsed(svg(drawn, step=3, bg="transparent")).find(f"{SVG}rect") is None


def test_show_leaves_out_what_is_not_asked_for(lecture: Trace, draw: Draw) -> None:
    root = parsed(svg(draw(lecture, "show=values")))
    assert by_class(root, "value")
    assert not [e for name in ("grad", "flow", "chip", "local") for e in by_class(root, name)]
    assert not by_class(parsed(svg(draw(lecture, "show=values,grads"))), "local")
