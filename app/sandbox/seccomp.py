"""The system-call filter: what a locked-down child may still ask of the kernel.

Owns the policy and its compiled form; `lockdown` decides when it is installed. It is an allow-list: what is named
nowhere kills the process, and so does a call of another architecture (x32, int 0x80).
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
from dataclasses import dataclass
from typing import Any

JOB_FD = 200
RESULT_FD = 201
"""The child's two descriptors: high, so that no library's idea of stdin, stdout or stderr meets them."""

ALLOWED = """
    mmap munmap mremap mprotect madvise brk membarrier        # memory; oneDNN's code generator needs mprotect
    exit exit_group close fstat lseek                         # ending; the descriptors it has
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time getrandom
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall
    getpid gettid getppid getuid geteuid getgid getegid getrusage uname sysinfo getcpu
    sched_yield sched_getaffinity rseq set_robust_list        # libc's own housekeeping
"""

FUTEX_COMMANDS = (0, 1, 3, 4, 5, 9, 10)
"""wait, wake, requeue, cmp_requeue, wake_op, wait_bitset, wake_bitset: libc's locks, but no priority inheritance."""

REFUSED = """
    # files, directories
    open openat openat2 creat stat lstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink readlinkat
    getdents getdents64 unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir link linkat symlink symlinkat
    mknod mknodat chmod fchmod fchmodat chown fchown lchown fchownat truncate ftruncate utime utimes utimensat futimesat
    chdir fchdir getcwd umask fsync fdatasync sync fallocate flock getxattr setxattr listxattr memfd_create
    inotify_init1
    # descriptors it doesn't have
    pread64 readv preadv pwrite64 writev pwritev sendfile splice copy_file_range dup dup2 dup3 fcntl ioctl pipe pipe2
    poll ppoll select pselect6 epoll_create1 epoll_create epoll_ctl epoll_wait epoll_pwait eventfd2 eventfd
    timerfd_create signalfd4 msync mincore
    # network
    socket socketpair connect bind listen accept accept4 sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown
    getsockname getpeername getsockopt setsockopt
    # processes and threads
    fork vfork clone execve execveat kill tkill tgkill wait4 waitid pidfd_open pidfd_send_signal pidfd_getfd
    rt_sigqueueinfo setsid setpgid getpgid getpgrp getsid prctl arch_prctl
    pause alarm setitimer getitimer timer_create times
    # its limits, its priority, its identity
    prlimit64 setrlimit getrlimit setpriority getpriority sched_setaffinity sched_setscheduler sched_getparam
    sched_getscheduler setuid setgid setresuid setresgid setgroups getgroups getresuid getresgid capget capset
    mlock mlock2 mlockall mbind get_mempolicy
    # System V and POSIX shared memory, semaphores, queues
    shmget shmat shmctl shmdt semget semop semctl msgget msgsnd msgrcv mq_open mq_unlink
"""
"""Calls that ordinary Python code makes by its own means: refused with EACCES, which users see as `PermissionError`."""


class FilterUnavailableError(Exception):
    """This system can't filter system calls; the message says why."""


class _Program(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_char_p))


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter: a list of 8-byte BPF instructions."""

    code: bytes

    def install(self) -> None:
        """Bind this process to the filter for good. Needs `no_new_privs` or CAP_SYS_ADMIN.

        Raises:
            OSError: the kernel refused it.
        """
        pr_set_seccomp, mode_filter = 22, 2
        program = _Program(len(self.code) // 8, self.code)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(pr_set_seccomp, mode_filter, ctypes.byref(program), 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "the kernel refused the system-call filter")


def compile_filter() -> Filter:
    """The filter for a child whose only descriptors are `JOB_FD` and `RESULT_FD`.

    Raises:
        FilterUnavailableError: not Linux, or no libseccomp.
    """
    try:
        import pyseccomp as sc  # noqa: PLC0415 - it loads libseccomp when imported, which not every system has
    except (ImportError, OSError, RuntimeError, AttributeError, TypeError) as why:
        raise FilterUnavailableError(
            f"libseccomp can't be loaded ({why}); on Debian and Ubuntu: apt install libseccomp2"
        ) from why
    policy = sc.SyscallFilter(sc.KILL_PROCESS)
    policy.set_attr(sc.Attr.ACT_BADARCH, sc.KILL_PROCESS)
    refuse = sc.ERRNO(errno.EACCES)

    def rule(action: int, call: str, *conditions: Any) -> None:
        # a call that this architecture or library doesn't know (its number is negative) keeps the default: death
        if sc.resolve_syscall(sc.Arch.NATIVE, call) >= 0:
            policy.add_rule(action, call, *conditions)

    for call in _names(ALLOWED):
        rule(sc.ALLOW, call)
    for call in _names(REFUSED):
        rule(refuse, call)
    for call, descriptor in (("read", JOB_FD), ("write", RESULT_FD)):
        rule(sc.ALLOW, call, sc.Arg(0, sc.EQ, descriptor))
        rule(refuse, call, sc.Arg(0, sc.NE, descriptor))
    for command in FUTEX_COMMANDS:
        rule(sc.ALLOW, "futex", sc.Arg(1, sc.MASKED_EQ, 0x7F, command))
    # libc then falls back to `clone`, which is refused
    rule(sc.ERRNO(errno.ENOSYS), "clone3")
    with os.fdopen(os.memfd_create("filter"), "w+b") as memory:
        policy.export_bpf(memory)
        memory.seek(0)
        return Filter(memory.read())


def _names(policy: str) -> list[str]:
    return re.sub(r"#.*", "", policy).split()
