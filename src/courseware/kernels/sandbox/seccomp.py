"""System calls that no submission needs and that have let programs out of sandboxes, or hide memory from its limit.

libseccomp makes the filter once, in the template; forks load the finished program. See seccomp(2), seccomp_rule_add(3).
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Sequence

from courseware.kernels.sandbox.calls import prctl
from courseware.kernels.sandbox.errors import SandboxFailed, part

_REFUSED = (
    # other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd", "perf_event_open",
    # mounts and namespaces
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount",
    "fspick", "mount_setattr", "unshare", "setns", "name_to_handle_at", "open_by_handle_at", "fanotify_init",
    # parts of Linux with a history of holes
    "bpf", "userfaultfd", "keyctl", "add_key", "request_key", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "vmsplice", "personality", "lookup_dcookie", "modify_ldt", "uselib", "nfsservctl",
    # the machine
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff",
    "acct", "quotactl", "quotactl_fd", "iopl", "ioperm", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex",
    "syslog", "vhangup", "sethostname", "setdomainname",
    # memory that no process shows
    "shmget", "shmat", "semget", "msgget", "mq_open", "memfd_secret",
)  # fmt: skip
_MISSING = ("memfd_create", "clone3")  # libffi and glibc have another way where these do not exist
_FAMILIES = {1: "unix", 2: "inet", 10: "inet6", 16: "netlink"}
_LAST_FAMILY, _NETLINK = 45, 16
_NAMESPACE_FLAGS = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_SHARED_ANONYMOUS = 0x21
_TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: typing into somebody's terminal
_OWN_SETTINGS = (1, 4)  # PR_SET_PDEATHSIG, PR_SET_DUMPABLE: outliving the supervisor, hiding from it

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NOT_EQUAL, _EQUAL, _GREATER, _MASKED_EQUAL = 1, 4, 6, 7  # enum scmp_compare
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_INSTRUCTION_BYTES = 8
_ADVICE = "Install libseccomp (Debian and Ubuntu: apt install libseccomp2) and use a Linux with seccomp filters"


class _Comparison(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def compile_filter() -> bytes:
    """Return the filter as a BPF program. Raises SandboxFailed."""
    with part("seccomp", _ADVICE):
        return _Filter(ctypes.CDLL("libseccomp.so.2")).program()


def install_filter(program: bytes) -> None:
    """Filter the calls of this process and all below it, for good; no_new_privs must be set. Raises SandboxFailed."""
    with part("seccomp", _ADVICE):
        loaded = _Program(len(program) // _INSTRUCTION_BYTES, program)
        prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(loaded), what="prctl(seccomp)")


class _Filter:
    """A filter in the making; calls of another architecture end the process, which is libseccomp's default."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        library.seccomp_init.restype = ctypes.c_void_p
        library.seccomp_rule_add_array.argtypes = (
            ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p,
        )  # fmt: skip
        library.seccomp_export_bpf.argtypes = (ctypes.c_void_p, ctypes.c_int)
        library.seccomp_release.argtypes = (ctypes.c_void_p,)
        self._context = library.seccomp_init(_ALLOW)
        self._add_rules()

    def program(self) -> bytes:
        """Return the finished program and let go of it."""
        file = os.memfd_create("filter")
        with open(file, "rb") as exported:  # noqa: PTH123 - a descriptor
            self._check(self._library.seccomp_export_bpf(self._context, file), "export")
            self._library.seccomp_release(self._context)
            exported.seek(0)
            return exported.read()

    def _add_rules(self) -> None:
        for name in _REFUSED:
            self._refuse(name)
        for name in _MISSING:
            self._refuse(name, number=errno.ENOSYS)
        for family in range(_LAST_FAMILY + 1):
            if family not in _FAMILIES:
                self._refuse("socket", (0, _EQUAL, family, 0))
        self._refuse("socket", (0, _GREATER, _LAST_FAMILY, 0))
        # Routes alone: getaddrinfo asks for them, and libzmq aborts where it may not.
        self._refuse("socket", (0, _EQUAL, _NETLINK, 0), (2, _NOT_EQUAL, 0, 0))
        for flag in _NAMESPACE_FLAGS:
            self._refuse("clone", (0, _MASKED_EQUAL, flag, flag))
        for request in _TERMINAL_INPUT:
            self._refuse("ioctl", (1, _MASKED_EQUAL, 0xFFFFFFFF, request))
        for option in _OWN_SETTINGS:
            self._refuse("prctl", (0, _EQUAL, option, 0))
        self._refuse("mmap", (3, _MASKED_EQUAL, _SHARED_ANONYMOUS, _SHARED_ANONYMOUS), number=errno.ENOMEM)

    def _refuse(self, name: str, *comparisons: Sequence[int], number: int = errno.EPERM) -> None:
        call = self._library.seccomp_syscall_resolve_name(name.encode())
        if call < 0:  # this architecture, or this libseccomp, does not know it
            return
        array = (_Comparison * len(comparisons))(*(_Comparison(*one) for one in comparisons))
        added = self._library.seccomp_rule_add_array(self._context, _ERRNO | number, call, len(comparisons), array)
        self._check(added, f"rule for {name}")

    def _check(self, result: int, what: str) -> None:
        if result:
            raise SandboxFailed(f"the sandbox cannot be had: seccomp, {what}: {os.strerror(-result)}. {_ADVICE}")
