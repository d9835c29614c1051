"""Permalink codec: a program as the text `d1.` + base64url (no padding) of its raw-deflated UTF-8.

`static/js/codec.js` is the same codec in the browser; each decodes whatever valid stream the other makes.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from app.core.errors import GradwalkError
from app.core.limits import Limits

PREFIX = "d1."
_VERSION = re.compile(r"([a-z]\d{1,3})\.")
"""How a token of another version begins."""
_RAW_DEFLATE = -15
_BYTES_PER_CHARACTER = 4
"""The most that UTF-8 needs."""


def encode(program: str) -> str:
    """The token of a program, in the server's (canonical) spelling.

    Raises:
        GradwalkError: `bad_view` when the text holds half a surrogate pair, which no UTF-8 can carry.
    """
    try:
        data = program.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise _bad(f"character {problem.start + 1} of the program is half a surrogate pair") from None
    squeeze = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE)
    packed = squeeze.compress(data) + squeeze.flush()
    return PREFIX + base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def decode(token: str, *, limit: int = Limits().source) -> str:
    """The program of a token; `limit` is the longest program, in characters.

    Raises:
        GradwalkError: `bad_view` when the token is not one, is cut short, or inflates to more than `limit`.
    """
    if not token.startswith(PREFIX):
        version = _VERSION.match(token)
        if version:
            raise _bad(f"it is written in the form {version[1]}, and this server reads {PREFIX[:-1]} only")
        raise _bad(f"it must start with {PREFIX}, followed by base64url of the raw-deflated program")
    data = _inflate(_from_base64url(token.removeprefix(PREFIX)), limit * _BYTES_PER_CHARACTER)
    try:
        program = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _bad("the program inside is not UTF-8 text") from None
    if len(program) > limit:
        raise _bad(f"the program inside has more than {limit:,} characters")
    return program


def _from_base64url(text: str) -> bytes:
    if not text.isascii() or "+" in text or "/" in text:
        raise _bad("it holds a character that base64url does not have")
    padded = text.rstrip("=")
    padded += "=" * (-len(padded) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _bad("it is not base64url; perhaps the link was cut") from None


def _inflate(packed: bytes, most: int) -> bytes:
    stream = zlib.decompressobj(_RAW_DEFLATE)
    try:
        data = stream.decompress(packed, most + 1)
    except zlib.error:
        raise _bad("it is not a deflate stream; perhaps the link was changed") from None
    if len(data) > most:
        raise _bad(f"the program inside has more than {most:,} bytes")
    if not stream.eof or stream.unused_data:
        raise _bad("it is cut short, or something follows its end")
    return data


def _bad(reason: str) -> GradwalkError:
    return GradwalkError(
        "bad_view", f"c: {reason}.", hint="Copy the whole link again, or give the program itself as expr=, ex= or id=."
    )
