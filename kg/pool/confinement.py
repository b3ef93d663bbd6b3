"""What a worker may not do: grow without bound, leave core files, open a socket. Its deadline is left to `worker`.

The guard refuses SERVICE before a query gets here. This is the second lock: it holds whatever text reaches the engine.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Callable
from typing import Literal

Door = Literal["seccomp", "descriptors"]

# linux/prctl.h, linux/seccomp.h, linux/filter.h
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_RETURN_ALLOW = 0x7FFF0000
_RETURN_ERROR = 0x00050000
_RETURN_KILL = 0x80000000
_LOAD_WORD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE = 0, 4
_X32_BIT = 0x40000000

# Per machine: its AUDIT_ARCH number and the numbers of socket, connect, accept, bind, listen, socketpair, accept4,
# io_uring_setup (whose rings can open sockets), execve, execveat, ptrace.
_SYSTEM_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 43, 49, 50, 53, 288, 425, 59, 322, 101)),
    "aarch64": (0xC00000B7, (198, 203, 202, 200, 201, 199, 242, 425, 221, 281, 117)),
}
_DESCRIPTORS = 64


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that forked it ends; on other systems than Linux, nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def limit_memory(extra_bytes: int) -> None:
    """Let this process's address space grow by so much and no more, and leave no core file when it ends badly.

    An allocation beyond it fails; the engine then aborts the process. macOS does not enforce the limit.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with open("/proc/self/statm") as file:
            limit = int(file.read().split()[0]) * resource.getpagesize() + extra_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def close_door(before_descriptors: Callable[[], None]) -> Door:
    """Take from this process, for good, the means to open a socket; says which lock was used.

    On Linux a seccomp filter makes the system calls fail with EPERM, and those that start a program too; no privilege
    is needed. Where that is not to be had (macOS, other machines, a kernel without seccomp) no descriptor is left: all
    below a limit are taken, and one is freed for each connection that the pool hands over. No file can be opened then:
    `before_descriptors` is called before, to import what would be imported later.
    """
    if sys.platform == "linux" and platform.machine() in _SYSTEM_CALLS and _filter_calls():
        return "seccomp"
    before_descriptors()
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))
    take_descriptors("descriptors")
    return "descriptors"


def free_one_descriptor(door: Door) -> None:
    """Before a connection is received: make room for it, if all descriptors are taken."""
    if door == "descriptors":
        os.close(_DESCRIPTORS - 1)


def take_descriptors(door: Door) -> None:
    """After one was closed: leave no descriptor for another."""
    while door == "descriptors":
        try:
            os.dup(0)
        except OSError as error:
            if error.errno != errno.EMFILE:
                raise
            return


def _filter_calls() -> bool:
    architecture, forbidden = _SYSTEM_CALLS[platform.machine()]
    steps: list[tuple[int, int, int, int]] = [
        (_LOAD_WORD, 0, 0, _OFFSET_ARCHITECTURE),
        (_JUMP_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _RETURN_KILL),
        (_LOAD_WORD, 0, 0, _OFFSET_NUMBER),
    ]
    if platform.machine() == "x86_64":  # the x32 calls do the same under other numbers
        steps += [(_JUMP_IF_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, _RETURN_KILL)]
    for number in forbidden:
        steps += [(_JUMP_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _RETURN_ERROR | errno.EPERM)]
    steps.append((_RETURN, 0, 0, _RETURN_ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.addressof(code))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong)
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(program), 0, 0) == 0)
