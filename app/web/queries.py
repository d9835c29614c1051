"""How a request names a view: the query string, or the JSON body that the editor sends; and how the docs list the
parameters.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import GradwalkError
from app.core.parameters import PARAMETERS
from app.core.view import Program, View


class Snippet(BaseModel):
    """The body of `POST /api/trace` and `POST /api/walk`: one of source, expr and ex, and how to run and draw it."""

    model_config = ConfigDict(extra="ignore")

    source: str | None = Field(default=None, description="a program, or a bare expression")
    expr: str | None = Field(default=None, description="a bare expression")
    ex: str | None = Field(default=None, description="the name of a gallery example")
    seed: int | str | None = Field(default=None, description="seeds torch's, Python's and numpy's generators (0)")
    let: str | None = Field(default=None, description="values of a bare expression's names, such as `w:2,x:3`")
    root: str | None = Field(
        default=None, description="the variable, node `@n5` or element `y[0]` to start the implicit pass from"
    )
    cotangent: str | None = Field(
        default=None, description="what the implicit pass is seeded with, `[1,0]`: one number per element of the root"
    )
    dir: str | None = Field(default=None, description="LR or TB")
    detail: str | None = Field(default=None, description="module, call or autograd")
    digits: int | str | None = Field(default=None, description="significant digits, 0 to 8")
    eta: float | str | None = Field(default=None, description="the learning rate of steps beside gradients (0.1)")
    num: str | None = Field(default=None, description="auto, fixed or sci")
    names: str | None = Field(default=None, description="source or numbered: what unnamed operations are called")

    def view(self) -> View:
        """The view that the body names.

        Raises:
            GradwalkError: `bad_view`.
        """
        programs = [name for name in ("source", "expr", "ex") if getattr(self, name) is not None]
        if len(programs) != 1:
            raise GradwalkError(
                "bad_view", "Exactly one of source, expr and ex is expected.", hint="What is expected is at /docs."
            )
        pairs = [(name, str(value)) for name in _OPTIONS if (value := getattr(self, name)) is not None]
        if self.source is not None:
            # Not through the permalink's text: a source longer than a link may hold has its own error.
            return replace(View.parse(pairs), program=Program("c", self.source))
        return View.parse([*pairs, ("expr", self.expr) if self.expr is not None else ("ex", self.ex or "")])


_OPTIONS = ("seed", "let", "root", "cotangent", "dir", "detail", "digits", "eta", "num", "names")


def view_of(request: Request) -> View:
    """The view in a request's query string.

    Raises:
        GradwalkError: `bad_view`.
    """
    try:
        return View.parse(request.url.query)
    except GradwalkError:
        raise
    except ValueError as why:  # the query itself cannot be read
        raise GradwalkError("bad_view", f"This address cannot be read: {why}.") from why


def view_parameters() -> dict[str, Any]:
    """The view parameters for OpenAPI, which FastAPI cannot see because `View` reads the query itself."""
    programs = [
        ("expr", "a bare expression"),
        ("c", "`d1.` and base64url of the raw-deflated program"),
        ("ex", "the name of a gallery example"),
    ]
    options = [(name, f"{row.about}: {row.allowed}") for name, row in PARAMETERS.items()]
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "description": about, "schema": {"type": "string"}}
            for name, about in [*programs, *options]
        ]
    }
