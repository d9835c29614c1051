"""Runs strangers' snippets: a fork server, a fresh locked-down child per run, limits, and one plain result each."""

from app.sandbox.blocking import BlockingSandbox, run_sync
from app.sandbox.parse import parse
from app.sandbox.pool import Sandbox
from app.sandbox.result import Result
from app.sandbox.selftest import WallReport, platform_note
from app.sandbox.wire import Job

__all__ = ["BlockingSandbox", "Job", "Result", "Sandbox", "WallReport", "parse", "platform_note", "run_sync"]
