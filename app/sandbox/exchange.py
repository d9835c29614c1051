"""One conversation with one child: the job goes in, bytes come out, until it closes its pipe or its time is over."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from app.sandbox.fork_server import Child
from app.sandbox.result import End

CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Heard:
    """All that a child sent, and why the server stopped listening."""

    data: bytes
    end: End


async def exchange(child: Child, task: bytes, *, wall: float, most: int) -> Heard:
    """Hand `task` to the child and listen, for at most `wall` seconds and at most `most` bytes."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[End] = loop.create_future()
    heard = bytearray()
    unsent = memoryview(task)

    def listen() -> None:
        while not ended.done():
            try:
                data = os.read(child.result, CHUNK)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            heard.extend(data)
            if not data:
                ended.set_result("closed")
            elif len(heard) > most:
                ended.set_result("flood")
            elif len(data) < CHUNK:
                return  # nothing more now: save the call that would say so

    def speak() -> None:
        nonlocal unsent
        try:
            unsent = unsent[os.write(child.job, unsent) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            unsent = unsent[:0]  # it has ended; what it had to say is in its other pipe
        if not unsent:
            loop.remove_writer(child.job)
            child.close_job()

    listening = child.result
    loop.add_reader(listening, listen)
    try:
        speak()
        if child.job >= 0:
            loop.add_writer(child.job, speak)
        async with asyncio.timeout(wall):
            end = await ended
    except TimeoutError:
        end = "wall"
    finally:
        loop.remove_reader(listening)
        if child.job >= 0:
            loop.remove_writer(child.job)
    return Heard(bytes(heard), end)
