"""What a worker may not do: grow without bound, leave core files, open a socket. Its deadline is left to `worker`.

The guard refuses SERVICE before a query gets here. This is the second lock: it holds whatever text reaches the engine.
Where SERVICE is allowed, a worker's door has a gap that leads to one port; what stands behind it is `kg.federation`'s.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import socket
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
_LOAD_WORD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN, _AND = 0x20, 0x15, 0x35, 0x06, 0x54
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE = 0, 4
_OFFSET_ARGUMENTS = (16, 24, 32)  # the lower halves, on machines with the lower half first
_SOCKET_TYPES = 0xF
_X32_BIT = 0x40000000

# Per machine: its AUDIT_ARCH number and the numbers of socket, connect, accept, bind, listen, socketpair, accept4,
# io_uring_setup (whose rings can open sockets), execve, execveat, ptrace.
_SYSTEM_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 43, 49, 50, 53, 288, 425, 59, 322, 101)),
    "aarch64": (0xC00000B7, (198, 203, 202, 200, 201, 199, 242, 425, 221, 281, 117)),
}
_DESCRIPTORS = 64

# linux/landlock.h; the system calls have these numbers on both machines.
_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_LANDLOCK_VERSION = 1
_LANDLOCK_PORT = 2
_BIND_TCP, _CONNECT_TCP = 1, 2
_FIRST_WITH_PORTS = 4

Step = tuple[int, int, int, int]


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


def leave_gap(port: int) -> bool:
    """Take from this thread, and those that it starts, all of the network but TCP over IPv4 to one port.

    Says whether the kernel holds it to that: seccomp shuts out other kinds of socket, so that no name can be looked
    up, and Landlock (Linux 6.7) other ports; the host it cannot see. Where it does not, what holds is that the calls
    of a query are replaced by the gate's address, which is all that the engine has been told of. Threads that run
    already keep the network: the gate's does.
    """
    if sys.platform != "linux" or platform.machine() not in _SYSTEM_CALLS:
        return False
    return _allow_port(port) and _filter_calls(only_tcp=True)


def close_own_door() -> bool:
    """Take from this thread alone, and those that it starts, the means to open a socket or start a program.

    Says whether the kernel holds it to that. A thread that runs already keeps the network: it asks another store.
    """
    return sys.platform == "linux" and platform.machine() in _SYSTEM_CALLS and _filter_calls()


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


def _filter_calls(*, only_tcp: bool = False) -> bool:
    architecture, forbidden = _SYSTEM_CALLS[platform.machine()]
    socket_call, connect_call = forbidden[:2]
    steps: list[Step] = [
        (_LOAD_WORD, 0, 0, _OFFSET_ARCHITECTURE),
        (_JUMP_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _RETURN_KILL),
        (_LOAD_WORD, 0, 0, _OFFSET_NUMBER),
    ]
    if platform.machine() == "x86_64":  # the x32 calls do the same under other numbers
        steps += [(_JUMP_IF_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, _RETURN_KILL)]
    for number in forbidden:
        if not only_tcp or number not in (socket_call, connect_call):
            steps += [(_JUMP_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _RETURN_ERROR | errno.EPERM)]
    if only_tcp:
        checks = _only_tcp()
        steps += [(_JUMP_IF_EQUAL, 0, len(checks), socket_call), *checks]
    steps.append((_RETURN, 0, 0, _RETURN_ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.addressof(code))
    return _renounce_privileges() and _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(program)) == 0


def _only_tcp() -> list[Step]:
    """The steps that refuse every socket but AF_INET, SOCK_STREAM, protocol 0: no UDP, no SCTP or MPTCP."""
    steps: list[Step] = []
    for offset, value in zip(_OFFSET_ARGUMENTS, (socket.AF_INET, socket.SOCK_STREAM, 0), strict=True):
        steps.append((_LOAD_WORD, 0, 0, offset))
        if value == socket.SOCK_STREAM:
            steps.append((_AND, 0, 0, _SOCKET_TYPES))
        steps += [(_JUMP_IF_EQUAL, 1, 0, value), (_RETURN, 0, 0, _RETURN_ERROR | errno.EPERM)]
    return steps


def _allow_port(port: int) -> bool:
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    if call(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_VERSION) < _FIRST_WITH_PORTS:
        return False
    handled = ctypes.create_string_buffer(struct.pack("=QQ", 0, _BIND_TCP | _CONNECT_TCP), 16)
    rules = call(_LANDLOCK_CREATE_RULESET, handled, ctypes.c_size_t(16), 0)
    if rules < 0:
        return False
    allowed = ctypes.create_string_buffer(struct.pack("=QQ", _CONNECT_TCP, port), 16)
    added = call(_LANDLOCK_ADD_RULE, rules, _LANDLOCK_PORT, allowed, 0) == 0
    held = added and _renounce_privileges() and call(_LANDLOCK_RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return bool(held)


def _renounce_privileges() -> bool:
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1, 0) == 0


def _prctl(option: int, first: int, second: int) -> int:
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong)
    return int(prctl(option, first, second, 0, 0))
