"""Attacks that read or write files: each must fail, in the words that any Python program would get."""

from __future__ import annotations

from collections.abc import Callable

import pytest

READS = {
    "open": ("open('@SECRET@').read()", "PermissionError at 1"),
    "open-binary": ("open('@SECRET@', 'rb').read()", "PermissionError at 1"),
    "os-open": ("import os\nos.open('@SECRET@', os.O_RDONLY)", "PermissionError at 2"),
    "io-open-code": ("import io\nio.open_code('@SECRET@')", "PermissionError at 2"),
    "pathlib": ("from pathlib import Path\nPath('@SECRET@').read_text()", "PermissionError at 2"),
    "etc-passwd": ("print(open('/etc/passwd').read())", "PermissionError at 1"),
    "etc-shadow": ("print(open('/etc/shadow').read())", "PermissionError at 1"),
    "proc-environ": ("print(open('/proc/self/environ').read())", "PermissionError at 1"),
    "proc-parent-memory": ("import os\nopen(f'/proc/{os.getppid()}/mem', 'rb')", "PermissionError at 2"),
    "proc-own-memory": ("open('/proc/self/mem', 'r+b')", "PermissionError at 1"),
    "proc-descriptors": ("import os\nos.listdir('/proc/self/fd')", "PermissionError at 2"),
    "listdir": ("import os\nos.listdir('/')", "PermissionError at 2"),
    "scandir": ("import os\nlist(os.scandir('@DIR@'))", "PermissionError at 2"),
    "walk": ("import os\nprint(list(os.walk('@DIR@')))", "ran: []"),
    "glob": ("import glob\nprint(glob.glob('@DIR@/*'))", "ran: []"),
    "stat": ("import os\nos.stat('@SECRET@')", "PermissionError at 2"),
    "lstat": ("import os\nos.lstat('@SECRET@')", "PermissionError at 2"),
    "exists": ("import os\nprint(os.path.exists('@SECRET@'))", "ran: False"),
    "access": ("import os\nprint(os.access('@SECRET@', os.R_OK))", "ran: False"),
    "readlink": ("import os\nos.readlink('/proc/self/exe')", "PermissionError at 2"),
    "getcwd": ("import os\nos.getcwd()", "PermissionError at 2"),
    "chdir": ("import os\nos.chdir('/')", "PermissionError at 2"),
    "statvfs": ("import os\nos.statvfs('/')", "PermissionError at 2"),
    "listxattr": ("import os\nos.listxattr('@SECRET@')", "PermissionError at 2"),
    "fileinput": ("import io\nio.FileIO('@SECRET@')", "PermissionError at 2"),
    "linecache": ("import linecache\nprint(linecache.getlines('@SECRET@'))", "ran: []"),
    "import-of-a-file": ("import sys\nsys.path.insert(0, '@DIR@')\nimport secret", "ModuleNotFoundError at 3"),
    "import-not-loaded": ("import ftplib", "ModuleNotFoundError at 1"),
    "source-loader": (
        "import importlib.machinery as m\nm.SourceFileLoader('s', '@SECRET@').get_data('@SECRET@')",
        "PermissionError at 2",
    ),
    "torch-from-file": ("torch.from_file('@SECRET@', size=4, dtype=torch.uint8)", "RuntimeError at 1"),
    "torch-load": ("torch.load('@SECRET@')", "PermissionError at 1"),
    "numpy-fromfile": ("import numpy as np\nnp.fromfile('@SECRET@', dtype=np.uint8)", "PermissionError at 2"),
    "numpy-load": ("import numpy as np\nnp.load('@SECRET@')", "PermissionError at 2"),
    "numpy-memmap": ("import numpy as np\nnp.memmap('@SECRET@')", "PermissionError at 2"),
    "mmap-of-a-descriptor": ("import mmap\nmmap.mmap(0, 100)", "PermissionError at 2"),
    "read-stdin": ("import os\nos.read(0, 10)", "PermissionError at 2"),
    "read-low-descriptors": (
        "import os\nfound = []\nfor fd in range(0, 1100):\n    try:\n        found.append(os.read(fd, 1))\n"
        "    except OSError:\n        pass\nprint(found)",
        "ran: []",
    ),
    "input": ("input()", "EOFError at 1"),
    "torch-random-device": ("open('/dev/urandom', 'rb').read(8)", "PermissionError at 1"),
    "ctypes-open": (
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\nprint(c.open(b'@SECRET@', 0), ctypes.get_errno())",
        "ran: -1 13",
    ),
    "ctypes-openat2": (
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\n"
        "how = (ctypes.c_uint64 * 3)()\nprint(c.syscall(437, -100, b'@SECRET@', how, 24), ctypes.get_errno())",
        "ran: -1 13",
    ),
    "name-to-handle": (
        "import ctypes\nctypes.CDLL(None).syscall(303, -100, b'@SECRET@', 0, 0, 0)",
        "crashed SIGSYS",
    ),
}

WRITES = {
    "open-write": ("open('@DIR@/made', 'w')", "PermissionError at 1"),
    "open-append": ("open('@SECRET@', 'a')", "PermissionError at 1"),
    "os-open-creat": ("import os\nos.open('@DIR@/made', os.O_CREAT | os.O_WRONLY)", "PermissionError at 2"),
    "tmpfile": ("import os\nos.open('@DIR@', os.O_TMPFILE | os.O_RDWR)", "PermissionError at 2"),
    "tempfile": ("import tempfile\ntempfile.TemporaryFile(dir='@DIR@')", "PermissionError at 2"),
    "torch-save": ("torch.save(torch.ones(2), '@DIR@/made')", "RuntimeError at 1"),
    "numpy-save": ("import numpy as np\nnp.save('@DIR@/made', np.ones(2))", "PermissionError at 2"),
    "tofile": ("import numpy as np\nnp.ones(2).tofile('@DIR@/made')", "PermissionError at 2"),
    "untyped-storage-from-file": (
        "torch.UntypedStorage.from_file('@DIR@/made', shared=True, nbytes=16)",
        "RuntimeError at 1",
    ),
    "share-memory": ("torch.ones(4).share_memory_()", "RuntimeError at 1"),
    "multiprocessing-shared-memory": (
        "import _posixshmem, os\n_posixshmem.shm_open('/gradwalk', os.O_CREAT | os.O_RDWR)",
        "PermissionError at 2",
    ),
    "sysv-shared-memory": ("import ctypes\nprint(ctypes.CDLL(None).shmget(0, 4096, 0o1600))", "ran: -1"),
    "memfd": ("import os\nos.memfd_create('x')", "PermissionError at 2"),
    "unlink": ("import os\nos.unlink('@SECRET@')", "PermissionError at 2"),
    "rename": ("import os\nos.rename('@SECRET@', '@DIR@/made')", "PermissionError at 2"),
    "link": ("import os\nos.link('@SECRET@', '@DIR@/made')", "PermissionError at 2"),
    "symlink": ("import os\nos.symlink('@SECRET@', '@DIR@/made')", "PermissionError at 2"),
    "mkdir": ("import os\nos.mkdir('@DIR@/made')", "PermissionError at 2"),
    "rmdir": ("import os\nos.rmdir('@DIR@')", "PermissionError at 2"),
    "mkfifo": ("import os\nos.mkfifo('@DIR@/made')", "PermissionError at 2"),
    "chmod": ("import os\nos.chmod('@SECRET@', 0o666)", "PermissionError at 2"),
    "chown": ("import os\nos.chown('@SECRET@', 0, 0)", "PermissionError at 2"),
    "truncate": ("import os\nos.truncate('@SECRET@', 0)", "PermissionError at 2"),
    "utime": ("import os\nos.utime('@SECRET@', (0, 0))", "PermissionError at 2"),
    "setxattr": ("import os\nos.setxattr('@SECRET@', 'user.x', b'1')", "PermissionError at 2"),
    "rmtree": ("import shutil\nshutil.rmtree('@DIR@')", "PermissionError at 2"),
    "profiler": ("with torch.profiler.profile():\n    pass", "RuntimeError at 1"),
    "faulthandler": ("import faulthandler\nfaulthandler.dump_traceback_later(1, file=1)", "RuntimeError at 2"),
    "mount": ("import ctypes\nctypes.CDLL(None).mount(b'none', b'@DIR@', b'tmpfs', 0, 0)", "crashed SIGSYS"),
    "chroot": ("import os\nos.chroot('/')", "crashed SIGSYS"),
    "quota": ("import ctypes\nctypes.CDLL(None).quotactl(0, 0, 0, 0)", "crashed SIGSYS"),
}


@pytest.mark.parametrize(("source", "expected"), (READS | WRITES).values(), ids=(READS | WRITES))
def test_files_are_out_of_reach(attack: Callable[[str], str], source: str, expected: str) -> None:
    assert attack(source) == expected
