"""Becomes another user, keeps at most one capability, and turns into the program asked for.

Run as a script in a process of its own (`python -I -S launcher.py PLAN`), never imported by the product:
changing the user between fork and exec of a process with threads (Dagster has many) is not safe in Python.
Standard library only. PLAN is JSON: argv, uid, gid (null: stay), capability (a number or null), report_fd
(null: exec in the foreground; else detach, write the daemon's pid there and exit), directory.
"""

import ctypes
import json
import os
import sys

PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522


def become(uid: int, gid: int, capability: int | None) -> None:
    """Change user and group for good; with `capability`, keep that one across the change and the exec."""
    libc = ctypes.CDLL(None, use_errno=True)
    if capability is not None:
        _prctl(libc, PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if capability is not None:
        bit = 1 << capability
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        # two triples effective, permitted, inheritable: for capabilities 0-31 and 32-63; ours are below 32
        sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
        _checked(libc.capset(header, sets))
        _prctl(libc, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)


def _prctl(libc: ctypes.CDLL, *arguments: int) -> None:
    # the kernel reads whole registers and refuses the call if an unused argument is not zero
    padded = [*arguments, 0, 0, 0, 0][:5]
    _checked(libc.prctl(padded[0], *(ctypes.c_ulong(each) for each in padded[1:])))


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def main() -> None:
    plan = json.loads(sys.argv[1])
    os.umask(0o077)
    if plan["uid"] is not None:
        become(plan["uid"], plan["gid"], plan["capability"])
    os.chdir(plan["directory"])
    report_fd = plan["report_fd"]
    if report_fd is not None:
        # a session of its own: Ctrl-C in the terminal that started it must not reach the server
        os.setsid()
        daemon = os.fork()
        if daemon:
            os.write(report_fd, str(daemon).encode())
            os._exit(0)
        os.set_inheritable(report_fd, False)
    os.execv(plan["argv"][0], plan["argv"])


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        print(f"launcher: {error}", file=sys.stderr, flush=True)
        os._exit(127)
