"""Links that were given away must be read for ever: on slides, in mails, in the stores of other servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.core.codec import decode
from app.core.errors import GradwalkError
from app.core.view import View
from tests.core.test_codec import in_node

GIVEN = json.loads((Path(__file__).parent / "links.json").read_text("utf-8"))
LINKS: list[dict[str, Any]] = GIVEN["links"]


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link["query"][:40])
def test_an_old_link_shows_what_it_showed(link: dict[str, Any]) -> None:
    view = View.parse(link["query"])
    assert (view.program.kind, view.program.text) == (link["kind"], link["program"])
    options = {name: getattr(view, name) for name in View.__dataclass_fields__ if name != "program"}
    assert json.loads(json.dumps(options)) == {**json.loads(json.dumps(DEFAULTS)), **link["options"]}
    assert View.parse(link["canonical"]) == view


DEFAULTS = {name: getattr(View(), name) for name in View.__dataclass_fields__ if name != "program"}


def test_the_corpus_has_every_option_and_every_kind_of_program() -> None:
    assert {name for link in LINKS for name in link["options"]} == set(DEFAULTS)
    assert {link["kind"] for link in LINKS} == {"expr", "c", "ex", "id"}


def test_the_browser_reads_old_tokens_too() -> None:
    tokens = [link["query"][2:].split("&")[0].replace("%3D", "=") for link in LINKS if link["kind"] == "c"]
    assert len(tokens) >= 5
    assert in_node({"encode": [], "decode": tokens})["decoded"] == [decode(token) for token in tokens]


@pytest.mark.parametrize("form", ["d2", "d10", "e1"])
def test_a_later_version_is_refused_by_name(form: str) -> None:
    with pytest.raises(GradwalkError, match=f"form {form}, and this server reads d1 only") as caught:
        View.parse([("c", f"{form}.abc")])
    assert caught.value.code == "bad_view"
