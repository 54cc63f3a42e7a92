"""System calls that no submission needs and that have let programs out of sandboxes, or hide memory from its limit.

`EVERYWHERE` holds in both sandboxes. `WITHOUT_NAMESPACES` holds in the lesser one, too: a kernel is there among the
other processes of its user, in the machine's network and files, and Landlock does not confine all that it could do.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass

NOT_EQUAL, EQUAL, GREATER, MASKED_EQUAL = 1, 4, 6, 7  # enum scmp_compare
Comparison = tuple[int, int, int, int]  # an argument's place, how to compare, and with what


@dataclass(frozen=True)
class Rule:
    """A call, by name or number, that fails with `error` where all of `where` hold.

    With error 0 it does nothing and says that it did.
    """

    name: str
    where: tuple[Comparison, ...] = ()
    error: int = errno.EPERM


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
# libffi and glibc have another way where these do not exist.
_MISSING = ("memfd_create",)
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_FAMILIES = (_UNIX, _INET, _INET6, _NETLINK)
_LAST_FAMILY = 45
_NAMESPACE_FLAGS = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_SHARED_ANONYMOUS = 0x21
_TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: typing into somebody's terminal
_OWN_SETTINGS = (1, 4)  # PR_SET_PDEATHSIG, PR_SET_DUMPABLE: outliving the supervisor, hiding from it
_WORD = 0xFFFFFFFF


# New processes in new namespaces; clone3 keeps its flags where no filter can see them.
NAMESPACES = (
    Rule("clone3", error=errno.ENOSYS), *(Rule("clone", ((0, MASKED_EQUAL, flag, flag),)) for flag in _NAMESPACE_FLAGS),
)  # fmt: skip


def _everywhere() -> Iterator[Rule]:
    yield from map(Rule, _REFUSED)
    yield from (Rule(name, error=errno.ENOSYS) for name in _MISSING)
    yield from (Rule("socket", ((0, EQUAL, n, 0),)) for n in range(_LAST_FAMILY + 1) if n not in _FAMILIES)
    yield Rule("socket", ((0, GREATER, _LAST_FAMILY, 0),))
    # Routes alone: getaddrinfo asks for them, and libzmq aborts where it may not.
    yield Rule("socket", ((0, EQUAL, _NETLINK, 0), (2, NOT_EQUAL, 0, 0)))
    yield from NAMESPACES
    yield from (Rule("ioctl", ((1, MASKED_EQUAL, _WORD, request),)) for request in _TERMINAL_INPUT)
    yield from (Rule("prctl", ((0, EQUAL, option, 0),)) for option in _OWN_SETTINGS)
    yield Rule("mmap", ((3, MASKED_EQUAL, _SHARED_ANONYMOUS, _SHARED_ANONYMOUS),), errno.ENOMEM)


_STREAM, _SEQUENCED, _KIND = 1, 5, 0xF  # of sockets; above the kind are flags
_TCP = 6
_FAST_OPEN = 0x20000000  # MSG_FASTOPEN: a connection that Landlock does not see
# Programs that copy files set modes and times, and break where they may not; the owner's files must not change.
_DONE_BY_NAME_ALONE = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "utime", "utimes", "futimesat", "utimensat", "utimensat_time64",
)  # fmt: skip
_OTHERS = (
    "chown", "lchown", "fchown", "fchownat", "file_setattr", "inotify_add_watch",
    "listen", "pidfd_open", "process_mrelease", "move_pages", "migrate_pages", "ioprio_set",
)  # fmt: skip
_ATTRIBUTES = (
    "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat",
)  # fmt: skip
_OF_A_PROCESS = ("prlimit64", "sched_setaffinity", "sched_setparam", "sched_setscheduler", "sched_setattr")
_FILE_FLAGS = (0x40086602, 0x40046602, 0x401C5820)  # FS_IOC_SETFLAGS and its 32-bit form, FS_IOC_FSSETXATTR
_LEASES = (1024, 1026)  # F_SETLEASE, F_NOTIFY: making others wait for a file, being told of its use


# asm-generic/unistd.h
NEW_CALLS = {"fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "file_setattr": 469}
_UNKNOWN = range(470, 512)  # what a later Linux can do, nobody has judged yet


def _without_namespaces() -> Iterator[Rule]:
    yield from (Rule(str(number), error=errno.ENOSYS) for number in _UNKNOWN)
    yield from map(Rule, _OTHERS)
    yield from (Rule(name, error=0) for name in _DONE_BY_NAME_ALONE)
    yield from (Rule(name, error=errno.ENOTSUP) for name in _ATTRIBUTES)
    yield from (Rule("ioctl", ((1, MASKED_EQUAL, _WORD, request),)) for request in _FILE_FLAGS)
    yield from (Rule("fcntl", ((1, MASKED_EQUAL, _WORD, command),)) for command in _LEASES)
    yield from _sockets()
    yield Rule("kill", ((0, MASKED_EQUAL, _WORD, _WORD),))  # -1, which says success though every process refused
    yield from (Rule(name, ((0, NOT_EQUAL, 0, 0),)) for name in _OF_A_PROCESS)
    yield from (Rule("setpriority", ((place, NOT_EQUAL, 0, 0),)) for place in (0, 1))


def _sockets() -> Iterator[Rule]:
    """Leave TCP, whose ports Landlock knows, and pairs that lead nowhere else.

    Landlock confines neither datagrams nor MPTCP, nor Unix sockets that have a name in a folder.
    """
    yield Rule("socket", ((0, EQUAL, _UNIX, 0),))
    for family in (_INET, _INET6):
        own: Comparison = (0, EQUAL, family, 0)
        yield from (Rule("socket", (own, (1, MASKED_EQUAL, _KIND, kind))) for kind in range(16) if kind != _STREAM)
        yield from (Rule("socket", (own, (2, EQUAL, protocol, 0))) for protocol in range(1, _TCP))
        yield Rule("socket", (own, (2, GREATER, _TCP, 0)))
    kinds = set(range(16)) - {_STREAM, _SEQUENCED}
    yield from (Rule("socketpair", ((1, MASKED_EQUAL, _KIND, kind),)) for kind in sorted(kinds))
    for name, flags in (("sendto", 3), ("sendmsg", 2), ("sendmmsg", 3)):
        yield Rule(name, ((flags, MASKED_EQUAL, _FAST_OPEN, _FAST_OPEN),))


EVERYWHERE = tuple(_everywhere())
WITHOUT_NAMESPACES = (*EVERYWHERE, *_without_namespaces())
