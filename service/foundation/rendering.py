"""PDFs are made in spawned processes with limits on memory and processor, never in the event loop."""

import asyncio
import contextlib
import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

T = TypeVar("T")

CPU_SECONDS = 20
MEMORY_BYTES = 2 * 1024**3
RECYCLE_AFTER = 200


class RenderingFailed(RuntimeError):
    """The process that rendered died or ran out of its limits; the job is held, the pool is rebuilt."""


def limited(task: Callable[..., T], *arguments: Any) -> T:
    """Run in the child: soft processor limit is what was used so far + 20 s, address space 2 GB."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, hard))
    return task(*arguments)


class RenderingPool:
    """A pool of spawned processes for pure rendering functions; a broken pool is rebuilt."""

    def __init__(self, processes: int = 1) -> None:
        self.processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def _opened(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.processes, mp_context=context, max_tasks_per_child=RECYCLE_AFTER)
        return self._pool

    async def run(self, task: Callable[..., T], *arguments: Any) -> T:
        """Run a module-level function in a child process; RenderingFailed when the child dies."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._opened(), limited, task, *arguments)
        except BrokenProcessPool as error:
            self.close()
            raise RenderingFailed(f"{task.__module__}.{task.__name__}") from error

    def close(self) -> None:
        """End the child processes."""
        if self._pool is not None:
            with contextlib.suppress(Exception):
                self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
