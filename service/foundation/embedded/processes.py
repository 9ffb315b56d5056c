"""The live processes of one cluster, and ending those a killed postmaster left behind."""

import contextlib
import os
import signal
import time
from pathlib import Path


def live_processes(cluster_name: str, uid: int) -> set[int]:
    """Return the live processes of a cluster, known by the cluster name in their title; zombies have no title."""
    mark = cluster_name.encode()
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                title = (entry / "cmdline").read_bytes()
                owner = entry.stat().st_uid
            except OSError:
                continue
            program = title.split(b"\0", 1)[0].split(b":", 1)[0]
            # Between fork and change of user a process is still root's.
            if mark in title and program.endswith(b"postgres") and owner in (uid, 0):
                found.add(int(entry.name))
    return found


def end_orphans(cluster_name: str, uid: int) -> set[int]:
    """Let orphaned backends end, ask them, kill them; return those that remain even so."""
    remaining: set[int] = set()
    for seconds, sign in ((5, signal.SIGQUIT), (10, signal.SIGKILL), (5, None)):
        until = time.monotonic() + seconds
        while (remaining := live_processes(cluster_name, uid)) and time.monotonic() < until:
            time.sleep(0.02)
        if sign is None:
            break
        for pid in remaining:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
    return remaining


def reap(pid: int) -> None:
    """Reap a process when it ended as our own child (we may be process 1 of a container)."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
