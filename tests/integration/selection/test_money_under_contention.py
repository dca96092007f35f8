"""
Eight committees decide at once about the same pockets, on PostgreSQL.

``JALON_CONTENTION_ROUNDS`` says how many items each decides (``make contention``: a thousand).
"""

import logging
import os
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from services.selection.domain import award, meeting, pocket, promises
from services.selection.domain.application import ApplicationReceived
from services.selection.domain.deliberation import DecideItem
from services.selection.domain.meeting import AgendaItem, Outcome
from services.selection.domain.pocket import AuthoritySet, NotEnoughInPocket, NotEnoughInYear
from services.selection.domain.years import YearAmount
from services.selection.use_cases import streams
from services.selection.use_cases.consequences import changes_of
from services.selection.use_cases.event_types import EVENT_TYPES
from services.selection.use_cases.meetings import Deciding, pockets
from shared.eventstore.commands import Outcome as Answer
from shared.eventstore.folds import Folds
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import (
    Actor,
    Append,
    CommandRecord,
    Context,
    Event,
    Stream,
    VersionConflict,
)
from shared.eventstore.together import Changes, Loaded, carry_out_together
from shared.kernel.clock import SystemClock
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, total_by_pocket
from shared.postgres.database import Database
from tests.unit.selection.examples import (
    ADOPTER,
    APRIL_3,
    CALLED,
    ESTABLISHED,
    OPENED,
    PROPOSAL,
    SEPTEMBER_30,
    votes,
)

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

log = logging.getLogger(__name__)

THREADS = 8
ROUNDS = int(os.environ.get("JALON_CONTENTION_ROUNDS", "60"))
PER_ROUND = {"A": Money(60), "B": Money(40), "C": Money(100_000)}
AUTHORITY = {code: Money(each.cents * ROUNDS) for code, each in PER_ROUND.items()}
"""A and B run short after some rounds; C never does in all."""
CEILINGS = {"B": {2024: Money(35 * ROUNDS)}, "C": {2024: Money(25 * ROUNDS), 2025: Money(10**9)}}
"""C runs short for its first year."""
QUARTERS = (Quarter(2024, 1), Quarter(2024, 2), Quarter(2025, 1))


def context() -> Context:
    command_id = uuid4()
    return Context(
        command_id=command_id,
        actor=Actor(id="secretary"),
        correlation_id=command_id,
        causation_id=command_id,
    )


class WatchedStore(PostgresEventStore):
    """The store, counting how often a decision met another one."""

    met = 0

    def append(
        self,
        appends: Sequence[Append],
        context: Context,
        *,
        command: CommandRecord | None = None,
    ) -> int:
        """As the store does."""
        try:
            return super().append(appends, context, command=command)
        except VersionConflict:
            self.met += 1  # threads may lose a count: that there were any is what matters
            raise


@dataclass
class Tally:
    """What one thread was told."""

    promised: dict[UUID, tuple[FundingCell, ...]] = field(default_factory=dict)
    committed: dict[UUID, tuple[FundingCell, ...]] = field(default_factory=dict)
    refused: int = 0
    refused_for_a_year: int = 0
    asked_again: int = 0


class Sitting:
    """One thread: its own meeting, with an application for every round."""

    def __init__(self, store: PostgresEventStore, folds: Folds, number: int) -> None:
        self.store = store
        self.folds = folds
        self.random = random.Random(number)  # noqa: S311  # the same rounds every time
        self.tally = Tally()
        self.meeting_id = derived_id("meeting", number)
        self.applications = [derived_id("application", number, n) for n in range(ROUNDS)]
        committee_id = derived_id("committee", number)
        self._begin(
            streams.committee(committee_id), replace(ESTABLISHED, committee_id=committee_id)
        )
        self._begin(
            streams.meeting(self.meeting_id),
            replace(CALLED, meeting_id=self.meeting_id, committee_id=committee_id),
            replace(
                OPENED,
                meeting_id=self.meeting_id,
                items=tuple(AgendaItem(application_id=each) for each in self.applications),
            ),
        )
        for application_id in self.applications:
            self._begin(
                streams.application(application_id),
                ApplicationReceived(
                    application_id=application_id,
                    proposal=replace(PROPOSAL, funding=self._some_funding()),
                    effective_on=APRIL_3,
                ),
            )

    def hold(self, barrier: Barrier) -> Tally:
        """Decide about every item, each at the same time as the others decide about theirs."""
        for application_id in self.applications:
            barrier.wait()
            self._fund(application_id)
            # More falls than is signed, so that the pockets stay at their limits to the end.
            if self.tally.promised and self.random.random() < 0.6:
                award_id = self.random.choice(list(self.tally.promised))
                if self.random.random() < 0.85:
                    self._lapse(award_id)
                else:
                    self._commit(award_id)
        return self.tally

    def _some_funding(self) -> tuple[FundingCell, ...]:
        codes = self.random.sample(sorted(AUTHORITY), self.random.randint(1, len(AUTHORITY)))
        return tuple(
            FundingCell(
                participant_id=ADOPTER,
                pocket=code,
                quarter=quarter,
                amount=Money(self.random.randint(1, 60)),
            )
            for code in codes
            for quarter in QUARTERS
        )

    def _fund(self, application_id: UUID) -> None:
        command = DecideItem(
            meeting_id=self.meeting_id,
            application_id=application_id,
            outcome=Outcome.FUND,
            votes=votes(insider="for", professor="for"),
            lapses_on=SEPTEMBER_30,
            on=APRIL_3,
        )
        try:
            answer = self._carry_out(Deciding(command=command), streams.meeting(self.meeting_id))
        except NotEnoughInPocket as refusal:
            asked, left = refusal.parameters["asked"], refusal.parameters["left"]
            assert isinstance(asked, Money)
            assert isinstance(left, Money)
            assert ZERO <= left < asked, "nothing is left over by mistake"
            self.tally.refused += 1
            codes = {reason.code for reason in refusal.reasons}
            self.tally.refused_for_a_year += NotEnoughInYear.code() in codes
            return
        [approved] = [each for each in answer.events if isinstance(each, award.AwardApproved)]
        self.tally.promised[approved.award_id] = approved.funding

    def _lapse(self, award_id: UUID) -> None:
        def decide(loaded: Loaded) -> Changes:
            promised = loaded.state(award.DECIDER, streams.award(award_id))
            codes = total_by_pocket(self.tally.promised[award_id])
            lapsed = promises.lapse(
                promised, pockets(loaded, codes), reason="late", on=SEPTEMBER_30
            )
            return changes_of(lapsed, award_id=award_id)

        self._carry_out(decide, streams.award(award_id))
        del self.tally.promised[award_id]

    def _commit(self, award_id: UUID) -> None:
        # Signed for a little more than was awarded: the difference is from available.
        first, *others = self.tally.promised[award_id]
        executed = (replace(first, amount=first.amount + Money(self.random.randint(0, 3))), *others)

        def decide(loaded: Loaded) -> Changes:
            promised = loaded.state(award.DECIDER, streams.award(award_id))
            committed = promises.commit(
                promised,
                pockets(loaded, promises.pockets_to_commit(promised, executed)),
                award_id=award_id,
                project_id=award_id,
                agreement_id=derived_id("agreement", award_id),
                executed=executed,
                on=SEPTEMBER_30,
            )
            return changes_of(committed, award_id=award_id)

        try:
            self._carry_out(decide, streams.award(award_id))
        except NotEnoughInPocket:
            self.tally.refused += 1
            return
        del self.tally.promised[award_id]
        self.tally.committed[award_id] = executed

    def _carry_out(self, decide: object, about: Stream) -> Answer:
        asked = context()
        while True:
            try:
                return carry_out_together(
                    self.store,
                    asked,
                    decide,  # type: ignore[arg-type]  # Deciding or a function, as each needs
                    about=about,
                    request_hash=b"asked",
                    folds=self.folds,
                )
            except VersionConflict:  # as a client would on being told to try again
                self.tally.asked_again += 1

    def _begin(self, stream: Stream, *events: Event) -> None:
        self.store.append([Append(stream, 0, events)], context())


def test_never_a_cent_over(database: Database) -> None:
    """
    However many decide at once, no pocket ever promises more than it holds.

    Every promise that was answered is in its pockets, nothing else is, and at every moment in
    between authority = available + reserved + committed with none of them negative.
    """
    store = WatchedStore(database.engine, EVENT_TYPES, SystemClock())
    for code, authority in AUTHORITY.items():
        granted = AuthoritySet(
            pocket=code,
            funder="F",
            funder_agreement="F-1",
            authority=authority,
            effective_on=APRIL_3,
            yearly=tuple(
                YearAmount(fiscal_year=year, amount=ceiling)
                for year, ceiling in CEILINGS.get(code, {}).items()
            ),
        )
        store.append([Append(streams.pocket(code), 0, [granted])], context())
    folds = Folds(kept=10 * THREADS * ROUNDS)
    sittings = [Sitting(store, folds, number) for number in range(THREADS)]
    barrier = Barrier(THREADS)

    with ThreadPoolExecutor(THREADS) as pool:
        tallies = list(pool.map(lambda sitting: sitting.hold(barrier), sittings))

    promised = {award_id: cells for each in tallies for award_id, cells in each.promised.items()}
    committed = {award_id: cells for each in tallies for award_id, cells in each.committed.items()}
    log.info(
        "%d decisions, %d times met by others, %d refused (%d for a year);"
        " %d awards stand, %d were executed",
        ROUNDS * THREADS,
        store.met,
        sum(each.refused for each in tallies),
        sum(each.refused_for_a_year for each in tallies),
        len(promised),
        len(committed),
    )
    assert store.met > THREADS, "decisions must have met"
    assert sum(each.refused for each in tallies) > THREADS, "the pockets must have run short"
    assert sum(each.refused_for_a_year for each in tallies) > THREADS, "and a year of one of them"
    for code, authority in AUTHORITY.items():
        state = pocket.DECIDER.initial
        for recorded in store.load(streams.pocket(code)):
            state = pocket.evolve(state, recorded.event)
            assert state.authority == state.available + state.reserved + state.committed
            assert min(state.available, state.reserved, state.committed) >= ZERO
            assert all(
                state.promised_in.get(year, ZERO) <= ceiling
                for year, ceiling in CEILINGS.get(code, {}).items()
            )
        assert state.authority == authority
        assert dict(state.reserved_for) == _per_award(promised, code)
        assert dict(state.committed_to) == _per_award(committed, code)
        assert {y: each for y, each in state.promised_in.items() if each} == _per_year(
            [*promised.values(), *committed.values()], code
        )
    decided = Counter(
        type(loaded.event)
        for sitting in sittings
        for loaded in store.load(streams.meeting(sitting.meeting_id))
    )
    funded = sum(
        isinstance(
            award.DECIDER.fold(
                each.event
                for each in store.load(
                    streams.award(derived_id("award", application_id, sitting.meeting_id))
                )
            ),
            award.Approved | award.Committed | award.Lapsed,
        )
        for sitting in sittings
        for application_id in sitting.applications
    )
    assert decided[meeting.ItemDecided] == funded


def _per_year(schedules: Iterable[tuple[FundingCell, ...]], code: str) -> dict[int, Money]:
    totals: dict[int, Money] = {}
    for cell in (cell for each in schedules for cell in each if cell.pocket == code):
        year = cell.quarter.fiscal_year
        totals[year] = totals.get(year, ZERO) + cell.amount
    return totals


def _per_award(cells: dict[UUID, tuple[FundingCell, ...]], code: str) -> dict[UUID, Money]:
    totals = {
        award_id: total(cell.amount for cell in each if cell.pocket == code)
        for award_id, each in cells.items()
    }
    return {award_id: amount for award_id, amount in totals.items() if amount}
