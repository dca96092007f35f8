"""Clocks that are wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.clock import SystemClock


@dataclass
class WrongClock(SystemClock):
    """The system clock of a machine that is ahead of the others, or behind them."""

    ahead: timedelta

    def now(self) -> datetime:
        """The instant that this machine shows."""
        return super().now() + self.ahead
