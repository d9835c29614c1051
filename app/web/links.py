"""Short links: programs too long for an address, kept in one SQLite file under a digest of their text.

The id says what is kept, so the same program always has the same link, nothing can be overwritten, and who does not
know a program cannot guess its id (130 bits). Nothing is ever thrown away: a slide may hold the link. A full or
unwritable file refuses new links and goes on to answer old ones. Several workers, or servers, may share the file.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from cachetools import LRUCache

from app.core.codec import decode, encode
from app.core.errors import GradwalkError

ID = re.compile(r"[a-z2-7]{26}")
_PAGE = 4096
_WAIT = 5.0
"""Seconds for which another process may hold the file."""
_REMEMBERED = 4 * 2**20
"""Characters of programs that need not be read again."""
_TABLE = """CREATE TABLE IF NOT EXISTS links
    (id TEXT PRIMARY KEY, program TEXT NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID"""

_log = logging.getLogger("gradwalk")


def id_of(program: str) -> str:
    """The id of a program's short link: 26 letters and digits that survive being read aloud."""
    digest = hashlib.sha256(b"gradwalk link\0" + program.encode()).digest()
    return base64.b32encode(digest).decode("ascii")[:26].lower()


class Links:
    """The programs of short links. `file` None: there are none. `most`: bytes of the file."""

    def __init__(self, file: Path | None, most: int, characters: int) -> None:
        self._file = file
        self._pages = max(most // _PAGE, 4)
        self._characters = characters
        self._known: LRUCache[str, str] = LRUCache(_REMEMBERED, getsizeof=len)

    async def put(self, program: str) -> str:
        """Keeps a program; its id.

        Raises:
            GradwalkError: `links_unavailable`, where the file is full or cannot be written; `bad_view` for half a
                surrogate pair.
        """
        token = encode(program)
        id_ = id_of(program)
        if id_ not in self._known:
            await asyncio.to_thread(self._write, id_, token)
            self._remember(id_, program)
        return id_

    async def get(self, id_: str) -> str:
        """The program of an id.

        Raises:
            GradwalkError: `not_found`; `links_unavailable`, where the file cannot be read.
        """
        known = self._known.get(id_)
        if known is not None:
            return known
        token = await asyncio.to_thread(self._read, id_) if ID.fullmatch(id_) else None
        if token is None:
            raise GradwalkError(
                "not_found",
                "No program is kept under this short link.",
                hint="Perhaps the link was cut, comes from another Gradwalk server, or this server's links were lost. "
                "Ask whoever sent it for the program itself, or for a link made anew with Share.",
            )
        program = decode(token, limit=self._characters)
        self._remember(id_, program)
        return program

    def _remember(self, id_: str, program: str) -> None:
        if len(program) <= self._known.maxsize:
            self._known[id_] = program

    def _write(self, id_: str, token: str) -> None:
        if self._file is None:
            raise _unavailable("Short links are turned off on this server.")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._open("rwc") as store:
                store.execute(f"PRAGMA max_page_count = {self._pages}")
                store.execute(_TABLE)
                store.execute("INSERT OR IGNORE INTO links VALUES (?, ?, ?)", (id_, token, int(time.time())))
                store.commit()
        except (OSError, sqlite3.Error) as why:
            _log.warning("A short link could not be kept in %s: %s", self._file, why)
            if getattr(why, "sqlite_errorname", "") == "SQLITE_FULL":
                raise _unavailable("This server's short links are full, and it throws none away.") from None
            raise _unavailable("This server cannot keep short links now.") from None

    def _read(self, id_: str) -> str | None:
        if self._file is None or not self._file.exists():
            return None
        try:
            with self._open("ro") as store:
                row = store.execute("SELECT program FROM links WHERE id = ?", (id_,)).fetchone()
        except sqlite3.Error as why:
            if "no such table" in str(why):  # the first link is just being kept
                return None
            _log.warning("Short links in %s could not be read: %s", self._file, why)
            raise _unavailable("This server cannot read its short links now.") from None
        return None if row is None else str(row[0])

    @contextmanager
    def _open(self, mode: str) -> Iterator[sqlite3.Connection]:
        assert self._file is not None
        store = sqlite3.connect(f"file:{quote(str(self._file))}?mode={mode}", uri=True, timeout=_WAIT)
        try:
            yield store
        finally:
            store.close()


def _unavailable(message: str) -> GradwalkError:
    return GradwalkError(
        "links_unavailable", message, hint="All else works: share the long link, which holds the whole program."
    )
