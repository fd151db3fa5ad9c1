"""What is to be done once the present transaction is committed, and not if it is rolled back.

For in-process signals only (waking a waiter): work that must not be lost is an event in the outbox.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar


class Hooks(list[Callable[[], None]]):
    def run(self) -> None:
        for hook in self:
            hook()


_hooks: ContextVar[Hooks | None] = ContextVar("hooks", default=None)


def after_commit(hook: Callable[[], None]) -> None:
    """Calls `hook` after the commit of the request or event that is being worked on."""
    hooks = _hooks.get()
    if hooks is None:
        raise RuntimeError("no transaction of a request or an event is open here")
    hooks.append(hook)


@contextlib.contextmanager
def collecting() -> Iterator[Hooks]:
    """For whoever opens the transaction: collects the hooks; call `run()` after the commit."""
    hooks = Hooks()
    token = _hooks.set(hooks)
    try:
        yield hooks
    finally:
        _hooks.reset(token)
