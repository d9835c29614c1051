"""Whom the server may listen to: without the operating system's wall around programs, this machine alone.

Light to import, so that the sandbox can be warming up while the rest of the server is imported.
"""

from __future__ import annotations

import ipaddress
import logging

from app.sandbox import Sandbox
from app.sandbox.selftest import platform_note
from app.web.settings import Settings

_log = logging.getLogger("gradwalk")


class UnwalledError(Exception):
    """The wall around strangers' code does not stand, so the server must not listen to strangers."""


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_wall(sandbox: Sandbox, settings: Settings) -> None:
    """Says what is missing in the wall, and refuses an address that strangers can reach without it.

    Raises:
        UnwalledError: the wall does not stand, and the server was asked to listen to more than this machine.
    """
    for warning in sandbox.wall.warnings:
        _log.warning("%s", warning)
    if sandbox.wall.ok:
        return
    if not is_loopback(settings.host):
        raise UnwalledError(
            f"{sandbox.wall.reason} So Gradwalk does not listen on {settings.host}, where strangers come. "
            f"{platform_note()}"
        )
    if settings.trust_local:
        _log.warning("%s Programs can reach your files: run your own only.", sandbox.wall.reason)
    else:
        _log.warning("%s No program is run. %s", sandbox.wall.reason, platform_note())
