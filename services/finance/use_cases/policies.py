"""
What finance does when others publish something: it keeps the fact, and the ledger follows.

Every fact about an award is kept in the award's stream, because what an award reserved is freed
once, whether it lapses or is executed, and in whatever order the two services are heard. So is
every fact about an amendment in the amendment's, for what its increase reserved.
Every other fact is kept in a stream of its own, named for its message, so that keeping it twice
is refused by the store.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.finance.domain.events import (
    IncreaseEnd,
    IncreaseReservationEnded,
    ReservationEnd,
    ReservationEnded,
)
from services.finance.use_cases import streams
from shared.contracts.base import Contract
from shared.contracts.claims import (
    AdvanceApproved,
    AdvanceCancelled,
    AdvanceDisbursed,
    AdvanceReturned,
    AgreementAmended,
    AgreementExecuted,
    ClaimApproved,
    CommitmentReleased,
    ForecastRevised,
    HoldbackForfeited,
    HoldbackReleased,
    IncreaseWithdrawn,
    PaymentDisbursed,
    PaymentReturned,
    RecoveryCancelled,
    RecoveryReceived,
    RecoveryRequested,
    RecoveryWrittenOff,
)
from shared.contracts.impact import ScorecardMeasured
from shared.contracts.intake import ProgrammePublished
from shared.contracts.selection import AwardApproved, AwardLapsed, IncreaseReserved
from shared.eventstore.effects import Effects
from shared.eventstore.store import Append, Stream, VersionConflict

AwardFact = AwardApproved | AwardLapsed | AgreementExecuted

ABOUT_AN_AWARD: tuple[type[Contract], ...] = (AwardApproved, AwardLapsed, AgreementExecuted)
IncreaseFact = IncreaseReserved | IncreaseWithdrawn | AgreementAmended

ABOUT_AN_INCREASE: tuple[type[Contract], ...] = (
    IncreaseReserved,
    IncreaseWithdrawn,
    AgreementAmended,
)
OTHERS: tuple[type[Contract], ...] = (
    ProgrammePublished,
    ForecastRevised,
    ClaimApproved,
    HoldbackReleased,
    PaymentDisbursed,
    PaymentReturned,
    CommitmentReleased,
    AdvanceApproved,
    AdvanceCancelled,
    AdvanceDisbursed,
    AdvanceReturned,
    RecoveryCancelled,
    RecoveryReceived,
    RecoveryRequested,
    RecoveryWrittenOff,
    HoldbackForfeited,
    ScorecardMeasured,
)
RECEIVED = (*ABOUT_AN_AWARD, *ABOUT_AN_INCREASE, *OTHERS)
"""The contracts that finance keeps."""

LISTENS_TO = ("intake", "selection", "claims", "impact")
"""The services whose contracts those are."""

Posting = Callable[[Contract], object]
"""Raises when a contract cannot become an entry of the ledger."""


def whenever_something_happens_to_an_award_keep_it(
    fact: AwardFact, kept: Sequence[Any]
) -> list[Any]:
    """
    Keep the fact, and free what the award reserved when it has ended and is still reserved.

    ``kept`` is the award's stream so far. A fact that is there already is not kept again.
    """
    if any(type(fact) is type(earlier) for earlier in kept):
        return []
    known = [*kept, fact]
    approved = next((each for each in known if isinstance(each, AwardApproved)), None)
    ends = [each for each in known if isinstance(each, AwardLapsed | AgreementExecuted)]
    is_free = any(isinstance(each, ReservationEnded) for each in known)
    if approved is None or not ends or is_free:
        return [fact]
    end = ends[0]
    return [
        fact,
        ReservationEnded(
            award_id=approved.award_id,
            project_id=approved.project_id,
            programme_code=approved.programme_code,
            funding=approved.funding,
            reason=(
                ReservationEnd.LAPSED if isinstance(end, AwardLapsed) else ReservationEnd.EXECUTED
            ),
            effective_on=max(end.effective_on, approved.effective_on),
        ),
    ]


def whenever_something_happens_to_an_increase_keep_it(
    fact: IncreaseFact, kept: Sequence[Any]
) -> list[Any]:
    """
    Keep the fact, and free what the increase reserved when it has ended and is still reserved.

    ``kept`` is the amendment's stream so far. A fact that is there already is not kept again.
    An amendment that reserved nothing is kept like any other.
    """
    if fact in kept:
        return []
    known = [*kept, fact]
    reserved = next((each for each in known if isinstance(each, IncreaseReserved)), None)
    ends = [each for each in known if isinstance(each, IncreaseWithdrawn | AgreementAmended)]
    is_free = any(isinstance(each, IncreaseReservationEnded) for each in known)
    if reserved is None or not ends or is_free:
        return [fact]
    end = ends[0]
    ended = IncreaseReservationEnded(
        amendment_id=reserved.amendment_id,
        project_id=reserved.project_id,
        programme_code=reserved.programme_code,
        funding=reserved.funding,
        reason=(
            IncreaseEnd.WITHDRAWN if isinstance(end, IncreaseWithdrawn) else IncreaseEnd.AMENDED
        ),
        effective_on=max(end.effective_on, reserved.effective_on),
    )
    return [fact, ended]


def handlers(post: Posting) -> Mapping[type[Contract], Callable[[Any, Effects], None]]:
    """
    What to do with each contract.

    ``post`` is asked first: a contract that does not add up is parked at the door, and never
    reaches the ledger.
    """

    def keep_of_award(fact: AwardFact, effects: Effects) -> None:
        post(fact)
        stream = streams.award(fact.award_id)
        history = effects.store.events(stream)
        facts = whenever_something_happens_to_an_award_keep_it(fact, history)
        if facts:
            effects.store.append([Append(stream, len(history), facts)], effects.context)

    def keep_of_increase(fact: IncreaseFact, effects: Effects) -> None:
        post(fact)
        stream = streams.increase(fact.amendment_id)
        if _keep_first(
            stream, whenever_something_happens_to_an_increase_keep_it(fact, ()), effects
        ):
            return
        history = effects.store.events(stream)
        facts = whenever_something_happens_to_an_increase_keep_it(fact, history)
        if facts:
            effects.store.append([Append(stream, len(history), facts)], effects.context)

    def keep(fact: Contract, effects: Effects) -> None:
        post(fact)
        # Where it is there already, it was kept before.
        _keep_first(streams.received(effects.context.causation_id), [fact], effects)

    return (
        dict.fromkeys(ABOUT_AN_AWARD, keep_of_award)
        | dict.fromkeys(ABOUT_AN_INCREASE, keep_of_increase)
        | dict.fromkeys(OTHERS, keep)
    )


def _keep_first(stream: Stream, facts: Sequence[Any], effects: Effects) -> bool:
    """Keep the first facts of a stream without having looked; false where it has some already."""
    try:
        effects.store.append([Append(stream, 0, facts)], effects.context)
    except VersionConflict:
        return False
    return True
