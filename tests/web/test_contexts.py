"""Each template uses what its context gives, and nothing else; each field says what it holds."""

from __future__ import annotations

from dataclasses import fields
from typing import get_type_hints

import pytest
from jinja2 import TemplateError, meta, nodes

from app.web import contexts
from app.web.pages import environment

TEMPLATES = {
    "page.html": contexts.PageContext,
    "embed.html": contexts.PageContext,
    "compare.html": contexts.CompareContext,
    "examples.html": contexts.ExamplesContext,
    "error.html": contexts.ErrorContext,
    "docs.html": contexts.DocsContext,
}


def used_names(text: str) -> set[str]:
    """The context names that a template's text and what it includes use."""
    env = environment()
    tree = env.parse(text)
    names = meta.find_undeclared_variables(tree)
    for node in tree.find_all(nodes.Include):
        assert isinstance(node.template, nodes.Const)
        assert env.loader is not None
        names |= used_names(env.loader.get_source(env, node.template.value)[0])
    return names


def source(name: str) -> str:
    env = environment()
    assert env.loader is not None
    return env.loader.get_source(env, name)[0]


def lacking(text: str, context: type) -> set[str]:
    return used_names(text) - {field.name for field in fields(context)} - {"static", "modules"}


def every_template() -> list[str]:
    """All pages of the server; the standalone one is an export's, whose tests render it."""
    names = environment().list_templates()
    return [name for name in names if name.endswith(".html") and "/" not in name and name != "standalone.html"]


@pytest.mark.parametrize("name", every_template())
def test_a_template_uses_only_what_its_context_has(name: str) -> None:
    assert lacking(source(name), TEMPLATES[name]) == set()


def test_a_name_that_no_context_has_is_found() -> None:
    assert lacking("{{ svg }} {% include 'partials/head.html' %} {{ nobody }}", contexts.PageContext) == {"nobody"}


@pytest.mark.parametrize("context", sorted(set(TEMPLATES.values()), key=lambda context: context.__name__))
def test_every_field_says_what_it_holds(context: type) -> None:
    for name, hint in get_type_hints(context, include_extras=True).items():
        assert len(hint.__metadata__[0]) > 10, name


def test_an_unknown_name_is_an_error_when_rendered() -> None:
    with pytest.raises(TemplateError):
        environment().from_string("{{ nobody }}").render()
