"""The layout process: DOT text in through stdin, positions out through stdout, in frames (4 bytes of length, UTF-8).

Run as a script by `app.draw.layout`; a reply starts with `ok` or `error`. Imports nothing of Gradwalk.
"""

from __future__ import annotations

import struct
import sys
from typing import BinaryIO

import pygraphviz

HEADER = struct.Struct(">I")


def positions(dot: str) -> str:
    """Graphviz's `plain` format: a line per node and edge, inches from the lower left corner."""
    graph = pygraphviz.AGraph(string=dot)
    try:
        text: str = graph.draw(format="plain", prog="dot").decode()
    finally:
        graph.close()
    return text


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame's bytes, None at the end of the stream."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (size,) = HEADER.unpack(header)
    return stream.read(size)


def main() -> None:
    """Answer frames until stdin closes."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    positions("digraph{a->b}")  # the first layout loads plugins
    stdout.write(HEADER.pack(2) + b"ok")
    stdout.flush()
    while (frame := read_frame(stdin)) is not None:
        try:
            reply = "ok\n" + positions(frame.decode())
        except Exception as problem:
            reply = f"error\n{problem}"
        data = reply.encode()
        stdout.write(HEADER.pack(len(data)) + data)
        stdout.flush()


if __name__ == "__main__":
    main()
