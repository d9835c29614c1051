"""Every setting of the server: one frozen object, read from environment variables `GRADWALK_…`.

`docs/settings.md` documents each; a test fails when one is missing there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import limits as rate_limits
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.errors import GradwalkError
from app.core.limits import Limits


def _rate(text: str) -> str:
    if text != "off":
        rate_limits.parse_many(text)
    return text


def _origin(text: str) -> str:
    bare = text.rstrip("/")
    if bare and not re.fullmatch(r"https?://[\w.:\[\]-]+", bare, re.ASCII):
        raise ValueError("expected is a scheme and a host, as in https://walk.example.edu")
    return bare


_DEFAULT = Limits()


class Settings(BaseSettings):
    """What an operator may choose. Times are seconds, sizes bytes unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="GRADWALK_", frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="the address that the server listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="the port that the server listens on")
    workers: int = Field(
        default=1, ge=1, le=64, description="server processes; each has a sandbox of its own, about 400 MB"
    )
    trust_local: bool = Field(
        default=False, description="run the visitor's own code without the operating system's wall, on loopback only"
    )
    rate_limit: Annotated[str, AfterValidator(_rate)] = Field(
        default="20/second",
        description="runs that one client may start, and tenfold drawings: `20/second;600/minute`, or `off`",
    )
    trusted_proxies: Annotated[str, NoDecode] = Field(
        default="", description="addresses of proxies, separated by commas, whose `X-Forwarded-For` names the client"
    )
    cache_bytes: int = Field(
        default=192 * 2**20, ge=0, description="memory for results and drawings, per server process"
    )
    cache_seconds: float = Field(default=3600, ge=0, description="how long a result or a drawing is kept")
    body_bytes: int = Field(default=256 * 2**10, ge=2**10, description="the largest request body")
    links_file: str = Field(
        default="gradwalk-links.sqlite3", description="the SQLite file of short links; empty turns them off"
    )
    links_bytes: int = Field(
        default=256 * 2**20, ge=2**14, description="the largest that file may become; then new links are refused"
    )
    public_url: Annotated[str, AfterValidator(_origin)] = Field(
        default="", description="scheme and host in links that leave the server; empty: as each request names them"
    )
    access_log: bool = Field(default=True, description="log each request: method, path, status, time; never a program")
    shutdown_seconds: float = Field(default=5, ge=0, description="how long requests may finish after SIGTERM")

    wall_seconds: float = Field(default=_DEFAULT.wall, gt=0, description="wall time of one run")
    cpu_seconds: int = Field(default=_DEFAULT.cpu, ge=1, description="CPU time of one run")
    memory_bytes: int = Field(
        default=_DEFAULT.memory, ge=2**24, description="memory of one run, above that of an idle child"
    )
    ops: int = Field(default=_DEFAULT.ops, ge=1, description="recorded operations of one run")
    stdout_bytes: int = Field(default=_DEFAULT.stdout, ge=0, description="text that one run may print")
    result_bytes: int = Field(default=_DEFAULT.result, ge=2**16, description="the JSON of one Trace")
    source_characters: int = Field(default=_DEFAULT.source, ge=1, description="the longest snippet")
    running: int = Field(
        default=_DEFAULT.running, ge=1, description="snippets that run at the same time, per server process"
    )
    standby: int = Field(default=_DEFAULT.standby, ge=1, description="children forked ahead, per server process")
    queue: int = Field(
        default=_DEFAULT.queue, ge=0, description="runs that may wait for their turn; one more is told `busy`"
    )
    wait_seconds: float = Field(
        default=_DEFAULT.wait, gt=0, description="the longest wait for a turn; beyond, the run is told `busy`"
    )

    @property
    def links_path(self) -> Path | None:
        """The file of short links, None where they are off."""
        return Path(self.links_file).expanduser() if self.links_file else None

    @property
    def limits(self) -> Limits:
        """What one run may use, and how many may run."""
        return Limits(
            wall=self.wall_seconds,
            cpu=self.cpu_seconds,
            memory=self.memory_bytes,
            ops=self.ops,
            stdout=self.stdout_bytes,
            result=self.result_bytes,
            source=self.source_characters,
            running=self.running,
            standby=self.standby,
            queue=self.queue,
            wait=self.wait_seconds,
        )


def settings_of(**given: Any) -> Settings:
    """The settings of this process: what is given, else its environment's; None counts as not given.

    Raises:
        GradwalkError: `bad_view`, naming each variable that cannot be read.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as wrong:
        told = "; ".join(f"GRADWALK_{str(one['loc'][0]).upper()}: {one['msg']}" for one in wrong.errors())
        raise GradwalkError("bad_view", told) from wrong
