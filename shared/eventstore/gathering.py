"""
Appends that wait for each other are committed together.

Appends are let in one after the other, and each keeps the next waiting until the disk has it. What
the threads of a process have ready by then goes in one transaction, so that the disk is waited for
once. Nobody waits for company: an append that finds nobody before it goes alone, at once.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import psycopg

MOST: Final = 64
"""How many appends one transaction takes."""

Execute: TypeAlias = Callable[[Sequence[bytes]], Sequence[int | None]]
"""
Carries appends out in one transaction, or raises and leaves nothing of them.

Each is as the database takes it; given back is the position after each, or None for a conflict.
"""


@dataclass(slots=True)
class _Waiting:
    append: bytes
    is_done: bool = False
    position: int | None = None
    error: BaseException | None = None


class Gathering:
    """The appends of one process; safe to share between threads."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute
        self._waiting: deque[_Waiting] = deque()
        self._turn = threading.Lock()

    def carry_out(self, append: bytes) -> int | None:
        """The position after an append once it is committed; raises what storing it raises."""
        mine = _Waiting(append)
        self._waiting.append(mine)
        with self._turn:
            if not mine.is_done:
                self._commit()
        if mine.error is not None:
            raise mine.error
        return mine.position

    def _commit(self) -> None:
        """Those that wait, the caller among them: whoever came before it has been committed."""
        together = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
        try:
            self._carry_out(together)
        except BaseException as error:  # noqa: BLE001  # whoever waits must hear of it
            if len(together) > 1 and _is_about_one_of_them(error):
                for each in together:
                    self._carry_out_alone(each)
            else:
                for each in together:
                    each.error = error
        finally:
            for each in together:
                each.is_done = True

    def _carry_out_alone(self, waiting: _Waiting) -> None:
        try:
            self._carry_out([waiting])
        except BaseException as error:  # noqa: BLE001  # as above
            waiting.error = error

    def _carry_out(self, together: Sequence[_Waiting]) -> None:
        positions = self._execute([each.append for each in together])
        for each, position in zip(together, positions, strict=True):
            each.position = position


def _is_about_one_of_them(error: BaseException) -> bool:
    """Can one of the events not be stored? Then the others are not to blame."""
    return isinstance(error, psycopg.DatabaseError) and not isinstance(
        error, psycopg.OperationalError
    )
