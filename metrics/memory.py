"""What was answered before? Answers are remembered by build, the ones used longest ago forgotten first.

A build never changes, so an answer stays right. This is the one memory for answers: the screen, the bench and a notebook
share it. What it returns is shared too: read it, do not change it.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import pandas as pd

import warehouse

MEMORY_BYTES = 200_000_000
LARGEST_PART = 0.25  # of the memory; a value larger than this is not kept, it would push out everything else
_SMALL_BYTES = 100  # what a number, a date or a name is counted as

F = TypeVar("F", bound=Callable[..., Any])


class Memory:
    """Values by key, at most so many bytes of them (or whatever `weigh` says of a value).

    Whoever asks for what is just being worked out waits for it.
    """

    def __init__(self, limit: int, weigh: Callable[[Any], int] | None = None) -> None:
        self.limit = limit
        self.weight = 0
        self._weigh = weigh or size_of
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._under_way: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, work_out: Callable[[], Any]) -> Any:
        """The value of a key, worked out where it is not remembered. An error is passed on and not remembered."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
            busy = self._under_way.setdefault(key, threading.Lock())
        with busy:
            with self._lock:
                if key in self._kept:
                    return self._kept[key][0]
            try:
                value = work_out()
                self._keep(key, value)
            finally:
                with self._lock:
                    self._under_way.pop(key, None)
            return value

    def _keep(self, key: Hashable, value: Any) -> None:
        size = self._weigh(value)
        if size > LARGEST_PART * self.limit:
            return
        with self._lock:
            self._kept[key] = value, size
            self.weight += size
            while self.weight > self.limit:
                _, (_, freed) = self._kept.popitem(last=False)
                self.weight -= freed

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self.weight = 0


def size_of(value: Any) -> int:
    """About how many bytes a value takes: tables and texts are counted, the rest is small."""
    if isinstance(value, pd.DataFrame):
        return int(value.memory_usage().sum())
    if isinstance(value, str):
        return _SMALL_BYTES + len(value)
    if isinstance(value, Mapping):
        return sum(size_of(key) + size_of(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return _SMALL_BYTES + sum(map(size_of, value))
    if is_dataclass(value) and not isinstance(value, type):
        return sum(size_of(getattr(value, item.name)) for item in fields(value))
    return _SMALL_BYTES


answers = Memory(MEMORY_BYTES)


def remembered(function: F) -> F:
    """Remember what a function answers. Its arguments are hashable, and one of them is `build_id` (None: the current build)."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def ask(*args: Any, **chosen: Any) -> Any:
        given = signature.bind(*args, **chosen)
        given.apply_defaults()
        build_id = given.arguments["build_id"]
        build = warehouse.build(build_id) if build_id else warehouse.current_build()
        if build is None:
            return function(*args, **chosen)
        given.arguments["build_id"] = build.build_id
        key = function.__module__, function.__qualname__, build, build.path.stat().st_mtime_ns, tuple(given.arguments.items())
        return answers.get(key, lambda: function(*given.args, **given.kwargs))

    return ask  # type: ignore[return-value]
