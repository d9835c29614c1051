"""Answers kept as they are sent, compressed too: a class that opens one link costs one rendering and one compression.

A page holds the nonce of its answer in one place. So it is kept as what stands before and what stands after, each
compressed by itself, and the nonce goes between them as a block that is stored as it is (RFC 1951, 3.2.4).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

NONCE = "{nonce of this answer}"
"""What a template is given for a nonce; the first of them in a page is where the nonce goes."""
_RAW = -15
_LEVEL = 6
_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_LEAST = 512
"""Bytes below which compression gains nothing."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body: one part, or two with a nonce between. `packed`: each as raw deflate that ends at a whole byte."""

    parts: tuple[bytes, ...]
    packed: tuple[bytes, ...]

    @classmethod
    def of(cls, text: str | bytes, *, nonce: bool = False) -> Rendered:
        """A rendered text; with `nonce` it has a place for one."""
        data = text.encode("utf-8", "replace") if isinstance(text, str) else text
        if not nonce:
            return cls((data,), (_deflated(data, last=True),))
        before, slot, after = data.partition(NONCE.encode())
        assert slot, "a page names its nonce"
        return cls((before, after), (_deflated(before, last=False), _deflated(after, last=True)))

    @property
    def weight(self) -> int:
        """Bytes in memory."""
        return sum(map(len, self.parts)) + sum(map(len, self.packed))

    def plain(self, nonce: str = "") -> bytes:
        """The body."""
        return nonce.encode().join(self.parts)

    def gzipped(self, nonce: str = "") -> bytes:
        """The body, compressed."""
        middle = nonce.encode()
        stored = struct.pack("<BHH", 0, len(middle), len(middle) ^ 0xFFFF) + middle
        sum_, size = 0, 0
        for part in _between(self.parts, middle):
            sum_, size = zlib.crc32(part, sum_), size + len(part)
        return b"".join([_GZIP_HEAD, *_between(self.packed, stored), struct.pack("<II", sum_, size & 0xFFFFFFFF)])


def respond(
    request: Request, rendered: Rendered, headers: dict[str, str], *, media_type: str, nonce: str = ""
) -> Response:
    """The answer in the encoding that the client takes; an `ETag` among the headers is that of the plain body."""
    headers = {**headers, "Vary": "Accept-Encoding"}
    if not takes_gzip(request) or sum(map(len, rendered.parts)) < _LEAST:
        return Response(rendered.plain(nonce), headers=headers, media_type=media_type)
    headers |= {"Content-Encoding": "gzip"} | ({"ETag": gzip_tag(headers["ETag"])} if "ETag" in headers else {})
    return Response(rendered.gzipped(nonce), headers=headers, media_type=media_type)


def takes_gzip(request: Request) -> bool:
    """Whether the client reads gzip."""
    for offer in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, quality = offer.partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def not_modified(request: Request, headers: dict[str, str]) -> Response:
    """The answer to a client that has it already, with the ETag of the encoding that it takes."""
    taken = {"ETag": gzip_tag(headers["ETag"])} if takes_gzip(request) and "Vary" in headers else {}
    return Response(None, 304, {**headers, **taken})


def gzip_tag(tag: str) -> str:
    """The strong ETag of the compressed body, whose bytes differ."""
    return f'{tag[:-1]}-gzip"'


def _between(parts: tuple[bytes, ...], middle: bytes) -> list[bytes]:
    return [parts[0], middle, parts[1]] if len(parts) > 1 else [parts[0]]


def _deflated(data: bytes, *, last: bool) -> bytes:
    squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return squeeze.compress(data) + squeeze.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)
