"""Where the history of each thing is kept."""

from uuid import UUID

from shared.eventstore.store import Stream
from shared.kernel.identifiers import derived_id


def funder_agreement(code: str) -> Stream:
    """A funder agreement, by its code."""
    return Stream("funder-agreement", derived_id("funder-agreement", code))


def pocket(code: str) -> Stream:
    """An envelope, by its code: no two have the same."""
    return Stream("pocket", derived_id("pocket", code))


def drawdown(drawdown_id: UUID) -> Stream:
    """One claim to a funder."""
    return Stream("drawdown", drawdown_id)


def plan(fiscal_year: int) -> Stream:
    """The plan of a fiscal year, in all its versions."""
    return Stream("plan", derived_id("plan", fiscal_year))


def actual(actual_id: UUID) -> Stream:
    """One amount that was spent or came in."""
    return Stream("actual", actual_id)


def award(award_id: UUID) -> Stream:
    """What others say of one award."""
    return Stream("award", award_id)


def increase(amendment_id: UUID) -> Stream:
    """What others say of one amendment, and of the money reserved for it."""
    return Stream("increase", amendment_id)


def received(message_id: UUID) -> Stream:
    """What one message says."""
    return Stream("received", derived_id("received", message_id))


def periods() -> Stream:
    """All closings and reopenings of quarters: they happen one after the other."""
    return Stream("periods", derived_id("periods", "finance"))


def scorecard(fiscal_year: int) -> Stream:
    """The objectives of a fiscal year, and what was recorded of them."""
    return Stream("scorecard", derived_id("scorecard", fiscal_year))
