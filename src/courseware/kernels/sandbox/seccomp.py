"""Filters of system calls: what is refused, and with which error, stands in `refused`.

libseccomp makes the filter once, in the template; forks load the finished program. See seccomp(2), seccomp_rule_add(3).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

from courseware.kernels.sandbox.calls import prctl
from courseware.kernels.sandbox.errors import SandboxFailed, part
from courseware.kernels.sandbox.refused import NEW_CALLS, Rule

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_INSTRUCTION_BYTES = 8
_ADVICE = "Install libseccomp (Debian and Ubuntu: apt install libseccomp2) and use a Linux with seccomp filters"


class _Comparison(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def compile_filter(rules: Iterable[Rule]) -> bytes:
    """Return a filter that refuses what `rules` name as a BPF program. Raises SandboxFailed."""
    with part("seccomp", _ADVICE):
        return _Filter(ctypes.CDLL("libseccomp.so.2"), rules).program()


def install_filter(program: bytes) -> None:
    """Filter the calls of this process and all below it, for good; no_new_privs must be set. Raises SandboxFailed."""
    with part("seccomp", _ADVICE):
        loaded = _Program(len(program) // _INSTRUCTION_BYTES, program)
        prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(loaded), what="prctl(seccomp)")


class _Filter:
    """A filter in the making; calls of another architecture end the process, which is libseccomp's default."""

    def __init__(self, library: ctypes.CDLL, rules: Iterable[Rule]) -> None:
        self._library = library
        library.seccomp_init.restype = ctypes.c_void_p
        library.seccomp_rule_add_array.argtypes = (
            ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p,
        )  # fmt: skip
        library.seccomp_export_bpf.argtypes = (ctypes.c_void_p, ctypes.c_int)
        library.seccomp_release.argtypes = (ctypes.c_void_p,)
        self._context = library.seccomp_init(_ALLOW)
        for rule in rules:
            self._refuse(rule)

    def program(self) -> bytes:
        """Return the finished program and let go of it."""
        file = os.memfd_create("filter")
        with open(file, "rb") as exported:  # noqa: PTH123 - a descriptor
            self._check(self._library.seccomp_export_bpf(self._context, file), "export")
            self._library.seccomp_release(self._context)
            exported.seek(0)
            return exported.read()

    def _refuse(self, rule: Rule) -> None:
        call = self._number(rule.name)
        if call < 0:  # this architecture does not know it
            return
        array = (_Comparison * len(rule.where))(*(_Comparison(*one) for one in rule.where))
        added = self._library.seccomp_rule_add_array(self._context, _ERRNO | rule.error, call, len(array), array)
        self._check(added, f"rule for {rule.name}")

    def _number(self, name: str) -> int:
        """Return a call's number; newer ones are the same everywhere, and older libraries do not know them."""
        if name.isdecimal():
            return int(name)
        known: int = self._library.seccomp_syscall_resolve_name(name.encode())
        return known if known >= 0 else NEW_CALLS.get(name, -1)

    def _check(self, result: int, what: str) -> None:
        if result:
            raise SandboxFailed(f"the sandbox cannot be had: seccomp, {what}: {os.strerror(-result)}. {_ADVICE}")
