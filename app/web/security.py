"""The security headers of each kind of answer, written out; `middleware.Front` gives every answer one of these sets.

An answer says which by its `policy`; whoever says nothing gets the strictest. Only `/embed` may be framed: it has no
`frame-ancestors` at all, because even `frame-ancestors *` keeps out decks that are opened from a file.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

_SENSORS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
)

COMMON: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # an address holds the visitor's program
    "Permissions-Policy": _SENSORS,
}
"""On every answer."""

_DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def _document_policy(nonce: str | None) -> str:
    styles = "'self'" if nonce is None else f"'self' 'nonce-{nonce}'"  # for the editor's generated style sheet
    return (
        f"default-src 'none'; script-src 'self'; style-src {styles}; "
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src 'self'; "
        "base-uri 'none'; form-action 'self'"
    )


def data() -> dict[str, str]:
    """JSON and errors for programs: nothing in them may run."""
    return {"Content-Security-Policy": _DATA_POLICY, "Cross-Origin-Resource-Policy": "same-origin"}


def page(nonce: str) -> dict[str, str]:
    """The app's pages: own scripts and styles alone, never in a frame."""
    return {
        "Content-Security-Policy": _document_policy(nonce) + "; frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",  # the nonce is good for one answer
    }


def embed() -> dict[str, str]:
    """The player for frames of other sites and of decks opened from a file. It has no editor, hence no nonce, and may
    be kept.
    """
    return {"Content-Security-Policy": _document_policy(None), "Cross-Origin-Resource-Policy": "cross-origin"}


def export() -> dict[str, str]:
    """Pictures and data for anyone's page. Opened by itself, an SVG has its own styles and fonts and runs nothing."""
    return {
        "Content-Security-Policy": f"{_DATA_POLICY}; style-src 'unsafe-inline'; font-src data:; img-src data:; sandbox",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def static() -> dict[str, str]:
    """Our own files. Sandboxed frames have the origin `null`, so their module scripts need the permission too."""
    return {
        "Content-Security-Policy": _DATA_POLICY,
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def new_nonce() -> str:
    """A nonce for one answer."""
    return secrets.token_urlsafe(16)
