"""The player's modules packed for one file: deflated, and unpacked by the page before it runs them.

Written out, the modules are half of a standalone file; packed, a third of that. What unpacks them is a few lines that
every browser with import maps can run.
"""

from __future__ import annotations

import zlib
from base64 import b64encode

LOADER = """
const bytes = Uint8Array.from(atob(document.querySelector("[data-modules]").textContent), (c) => c.charCodeAt(0));
const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
const map = document.createElement("script");
map.type = "importmap";
map.textContent = text;
document.head.append(map);
await import("%s");
"""
"""A module script's text: reads the pack beside it, adds its import map, and starts the entry."""


def packed(import_map: str) -> str:
    """The JSON of an import map, deflated (zlib), in base64."""
    return b64encode(zlib.compress(import_map.encode(), 9)).decode()


def loader(entry: str) -> str:
    """The text of the script that unpacks and starts `entry`, a name of the import map."""
    return LOADER % entry
