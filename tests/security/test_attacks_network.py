"""Attacks that reach for the network: no socket comes to be, and nothing arrives at the listening ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

ATTACKS = {
    "tcp": ("import socket\nsocket.create_connection(('127.0.0.1', @TCP@))", "PermissionError at 2"),
    "udp": (
        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.sendto(b'x', ('127.0.0.1', @UDP@))",
        "PermissionError at 2",
    ),
    "tcp6": ("import socket\nsocket.socket(socket.AF_INET6)", "PermissionError at 2"),
    "unix": ("import socket\nsocket.socket(socket.AF_UNIX)", "PermissionError at 2"),
    "abstract-unix": (
        "import socket\nsocket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind('\\0gradwalk')",
        "PermissionError at 2",
    ),
    "netlink": ("import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", "PermissionError at 2"),
    "raw": ("import socket\nsocket.socket(socket.AF_INET, socket.SOCK_RAW, 1)", "PermissionError at 2"),
    "packet": ("import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "PermissionError at 2"),
    "vsock": ("import socket\nsocket.socket(socket.AF_VSOCK)", "PermissionError at 2"),
    "socketpair": ("import socket\nsocket.socketpair()", "PermissionError at 2"),
    "server": ("import socket\nsocket.create_server(('127.0.0.1', 0))", "PermissionError at 2"),
    "name-lookup": ("import socket\nsocket.getaddrinfo('localhost', 80)", "gaierror at 2"),
    "adopt-a-descriptor": ("import socket\nsocket.socket(fileno=3)", "PermissionError at 2"),
    "send-over-the-result": (
        "import socket\nsocket.socket(fileno=201).connect(('127.0.0.1', @TCP@))",
        "PermissionError at 2",
    ),
    "http": ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:@TCP@/')", "URLError at 2"),
    "torch-hub": ("torch.hub.load_state_dict_from_url('http://127.0.0.1:@TCP@/x.pt')", "PermissionError at 1"),
    "init-process-group": (
        "torch.distributed.init_process_group('gloo', init_method='tcp://127.0.0.1:@TCP@', rank=0, world_size=1)",
        "DistStoreError at 1",
    ),
    "asyncio": ("import asyncio\nasyncio.run(asyncio.open_connection('127.0.0.1', @TCP@))", "PermissionError at 2"),
    "ctypes": (
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\nprint(c.socket(2, 1, 0), ctypes.get_errno())",
        "ran: -1 13",
    ),
}


@pytest.mark.parametrize(("source", "expected"), ATTACKS.values(), ids=ATTACKS)
def test_the_network_is_out_of_reach(attack: Callable[[str], str], source: str, expected: str) -> None:
    assert attack(source) == expected


def test_a_store_waits_in_vain(hurried_attack: Callable[[str], str]) -> None:
    assert hurried_attack("torch.distributed.TCPStore('127.0.0.1', @TCP@, 1, False)") == "time_limit SIGKILL"
