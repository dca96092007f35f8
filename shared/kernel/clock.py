"""The clock is an argument: only a process's composition root makes one."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Says what instant it is, with a time zone."""

    def now(self) -> datetime:
        """The present instant."""
        ...

    def at(self, machine: datetime) -> datetime:
        """The instant that this clock gives to one which the machine's clock showed before."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)

    def at(self, machine: datetime) -> datetime:
        """The same instant."""
        return machine


class FixedClock:
    """A clock that stands where it was put; tests move it by hand."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """The instant it was put at."""
        return self.instant

    def at(self, machine: datetime) -> datetime:  # noqa: ARG002  # it stands still
        """The instant it was put at."""
        return self.instant
