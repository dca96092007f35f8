"""The life of one made-up project, from its award to its closing, as finance hears of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from services.finance.use_cases import streams
from services.finance.use_cases.policies import (
    ABOUT_AN_AWARD,
    ABOUT_AN_INCREASE,
    whenever_something_happens_to_an_award_keep_it,
    whenever_something_happens_to_an_increase_keep_it,
)
from shared.contracts import claims, selection
from shared.eventstore.store import Stream
from shared.kernel.money import Money, split_cents
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell

Cell = tuple[UUID, str, Quarter]
"""Participant, pocket, quarter."""
Cents = dict[Cell, int]

LIFE_DAYS = 1_400
"""Longer than most projects, from award to closing."""


@dataclass(frozen=True, slots=True)
class Told:
    """Facts that one append keeps, and when."""

    at: datetime
    stream: Stream
    version: int
    """Of the first of them."""
    facts: Sequence[Any]


@dataclass(slots=True)
class Claim:
    """A claim or an advance: what it is owed, and what is kept of it."""

    id: UUID
    participant: UUID
    quarter: Quarter
    payable: dict[str, int]
    held: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Debt:
    """What is still to be recovered."""

    id: UUID
    participant: UUID
    parts: Cents
    by_set_off: bool


class Life:
    """
    One project. What befalls it follows from its number, how much and when from chance.

    So every kind of fact comes in any book of some hundred projects. Amounts follow the rules of
    claims: nothing is drawn, paid or asked back that is not there.
    """

    def __init__(
        self, number: int, *, seed: int, programme: str, pockets: Sequence[str], awarded_on: date
    ) -> None:
        self.chance = Random(f"{seed}/{number}")  # noqa: S311  # a story, not a secret
        self.number = number
        self.pockets = pockets
        self.about = {
            "project_id": self.new_id(),
            "agreement_id": self.new_id(),
            "programme_code": programme,
        }
        self.award_id = self.new_id()
        self.participants = [self.new_id() for _ in range(1 + self.chance.randrange(4))]
        self.committed: Cents = {}
        self.promised: dict[tuple[UUID, Quarter], tuple[int, int]] = {}
        self.claims: list[Claim] = []
        self.paid: Cents = {}
        self.advance: Claim | None = None
        self.unaccounted: dict[str, int] = {}
        self.debt: Debt | None = None
        self.is_over = False
        self._kept: dict[Stream, list[Any]] = {}
        self._due: list[tuple[date, int, Callable[[date], Iterator[Any]]]] = []
        self._order = count()
        self._heard = datetime.combine(awarded_on, time(13), UTC)
        self.later(awarded_on, 0, self._award)

    def __iter__(self) -> Iterator[Told]:
        while self._due:
            day, _, happens = heappop(self._due)
            for fact in happens(day):
                yield self._hear(day, fact)

    def new_id(self) -> UUID:
        """An id by chance."""
        return UUID(int=self.chance.getrandbits(128), version=4)

    def later(self, day: date, days: int, happens: Callable[[date], Iterator[Any]]) -> None:
        """Something happens some days after a day."""
        heappush(self._due, (day + timedelta(days=days), next(self._order), happens))

    def _hear(self, day: date, fact: Any) -> Told:
        delay = self.chance.randrange(10, 70) if self.chance.random() < 0.04 else 0
        at = datetime.combine(day + timedelta(days=delay), time(14), UTC)
        at += timedelta(seconds=self.chance.randrange(18_000))
        self._heard = max(at, self._heard + timedelta(seconds=1))
        if isinstance(fact, ABOUT_AN_AWARD):
            stream = streams.award(fact.award_id)
            kept = self._kept.setdefault(stream, [])
            facts = whenever_something_happens_to_an_award_keep_it(fact, kept)
        elif isinstance(fact, ABOUT_AN_INCREASE):
            stream = streams.increase(fact.amendment_id)
            kept = self._kept.setdefault(stream, [])
            facts = whenever_something_happens_to_an_increase_keep_it(fact, kept)
        else:
            stream, kept, facts = Stream("received", self.new_id()), [], [fact]
        version = len(kept) + 1
        kept += facts
        return Told(self._heard, stream, version, facts)

    def of(self, claim: Claim) -> dict[str, Any]:
        """What every fact about a claim says."""
        return self.about | {"participant_id": claim.participant, "quarter": claim.quarter}

    def _award(self, day: date) -> Iterator[Any]:
        start, length = Quarter.of(day + timedelta(days=60)), 3 + self.chance.randrange(8)
        quarters = [start]
        while len(quarters) < length:
            quarters.append(quarters[-1].next())
        for participant in self.participants:
            for pocket in self.pockets:
                cents = self.chance.randrange(20_000_00, 900_000_00)
                weights = [1 + self.chance.randrange(5) for _ in quarters]
                for quarter, part in zip(quarters, split_cents(cents, weights), strict=True):
                    self.committed[participant, pocket, quarter] = part
        yield selection.AwardApproved(
            project_id=self.about["project_id"],
            award_id=self.award_id,
            meeting_id=self.new_id(),
            programme_code=self.about["programme_code"],
            programme_version=1,
            title=f"Project {self.number}",
            participants=(),
            starts_on=start.starts_on,
            ends_on=quarters[-1].ends_on,
            funding=cells(self.committed),
            match=(),
            lapses_on=day + timedelta(days=90),
            effective_on=day,
        )
        if self.number % 11 == 4:
            self.later(day, 91, self._lapse)
        else:
            self.later(day, self.chance.randrange(15, 90), partial(self._execute, quarters))

    def _lapse(self, day: date) -> Iterator[Any]:
        yield selection.AwardLapsed(
            project_id=self.about["project_id"],
            award_id=self.award_id,
            programme_code=self.about["programme_code"],
            funding=cells(self.committed),
            reason="deadline",
            effective_on=day,
        )

    def _execute(self, quarters: list[Quarter], day: date) -> Iterator[Any]:
        self._sign_otherwise()
        for participant in self.participants:
            for quarter in quarters:
                cash = self.chance.randrange(1_000_00, 200_000_00)
                self.promised[participant, quarter] = (cash, cash // 8)
        yield claims.AgreementExecuted(
            **self.about,
            award_id=self.award_id,
            participants=(),
            starts_on=day,
            ends_on=quarters[-1].ends_on,
            funding=cells(self.committed),
            match=match_cells(self.promised),
            effective_on=day,
        )
        for index, quarter in enumerate(quarters):
            for participant in self.participants:
                days = self.chance.randrange(20, 75)
                self.later(quarter.ends_on, days, partial(self._claim, participant, quarter))
            if index % 2 and index + 1 < len(quarters):
                self.later(quarter.starts_on, 40, partial(self._revise, quarters[index + 1]))
        if self.number % 4 == 1:
            self.later(day, 10, self._advance)
        if self.number % 5 == 3:
            self.later(day, 100, self._move)
        if self.number % 7 == 5:
            self.later(day, 120, partial(self._increase, quarters[-1]))
        if self.number % 13 == 6:
            self.later(day, 330, self._terminate)
        self.later(quarters[-1].ends_on, 150, self._close)

    def _sign_otherwise(self) -> None:
        """What is signed is now and then not quite what was awarded."""
        if self.number % 6 in {1, 2}:
            cell = self.chance.choice(list(self.committed))
            self.committed[cell] += self.committed[cell] // (5 if self.number % 6 == 1 else -7)

    def _revise(self, quarter: Quarter, day: date) -> Iterator[Any]:
        moved: Cents = {}
        for (participant, pocket, planned), cents in list(self.committed.items()):
            part = cents // 4
            if planned == quarter and part:
                moved[participant, pocket, planned] = -part
                into = (participant, pocket, planned.next())
                moved[into] = moved.get(into, 0) + part
        if moved:
            self._commit(moved)
            yield claims.ForecastRevised(**self.about, funding=cells(moved), effective_on=day)

    def _move(self, day: date) -> Iterator[Any]:
        there = [cell for cell, cents in self.committed.items() if cents > 10_00]
        if self.is_over or len(there) < 2:
            return
        source, target = self.chance.sample(there, 2)
        part = self.committed[source] // 3
        # Within a pocket, so that what it is worth stays.
        moved = {source: -part, (target[0], source[1], target[2].next()): part}
        self._commit(moved)
        yield claims.AgreementAmended(
            **self.about,
            amendment_id=self.new_id(),
            kind="budget-moved",
            ends_on=day,
            funding=cells(moved),
            match=(),
            effective_on=day,
        )

    def _increase(self, quarter: Quarter, day: date) -> Iterator[Any]:
        if self.is_over:
            return
        amendment, added = self.new_id(), {}
        for pocket in self.pockets:
            added[self.participants[0], pocket, quarter] = self.chance.randrange(1_00, 90_000_00)
        about = self.about | {"amendment_id": amendment, "funding": cells(added)}
        yield selection.IncreaseReserved(**about, effective_on=day)
        self.later(day, 30, partial(self._decide_increase, about, added))

    def _decide_increase(self, about: dict[str, Any], added: Cents, day: date) -> Iterator[Any]:
        if self.is_over or self.number % 3 == 2:
            yield claims.IncreaseWithdrawn(**about, effective_on=day)
            return
        self._commit(added)
        yield claims.AgreementAmended(
            **about, kind="increase", ends_on=day, match=(), effective_on=day
        )

    def _advance(self, day: date) -> Iterator[Any]:
        participant = self.participants[0]
        mine = [cell for cell in self.committed if cell[0] == participant]
        drawn = {cell: self.committed[cell] // 2 for cell in mine[:2] if self.committed[cell] > 1}
        if not drawn:
            return
        payable = by_pocket(drawn)
        self.advance = advance = Claim(self.new_id(), participant, Quarter.of(day), payable)
        self._commit(negative(drawn))
        yield claims.AdvanceApproved(
            **self.of(advance),
            advance_id=advance.id,
            drawn=cells(drawn),
            payable=shares(payable),
            effective_on=day,
        )
        if self.number // 4 % 5 == 0:
            self.later(day, 12, partial(self._cancel_advance, advance, drawn))
        else:
            again = self.number // 4 % 5 == 1
            self.later(day, 12, partial(self._pay_advance, advance, is_returned=again))

    def _cancel_advance(self, advance: Claim, drawn: Cents, day: date) -> Iterator[Any]:
        if self.is_over:
            return
        self._commit(drawn)
        yield claims.AdvanceCancelled(
            **self.of(advance), advance_id=advance.id, drawn=cells(drawn), effective_on=day
        )

    def _pay_advance(self, advance: Claim, day: date, *, is_returned: bool) -> Iterator[Any]:
        paid = shares(advance.payable)
        about = self.of(advance) | {"payment_id": self.new_id(), "advance_id": advance.id}
        yield claims.AdvanceDisbursed(**about, paid=paid, effective_on=day)
        if is_returned:
            yield claims.AdvanceReturned(
                **about, returned=paid, reason="account closed", effective_on=day
            )
            self.later(day, 9, partial(self._pay_advance, advance, is_returned=False))
        else:
            self.unaccounted = dict(advance.payable)

    def _claim(self, participant: UUID, quarter: Quarter, day: date) -> Iterator[Any]:
        if self.is_over:
            return
        drawn: Cents = {}
        for cell, cents in self.committed.items():
            if cell[0] == participant and cell[2] <= quarter:
                part = cents * self.chance.choice((100, 100, 100, 90, 40)) // 100
                if part:
                    drawn[cell] = part
        if not drawn:
            return
        self._commit(negative(drawn))
        worth = by_pocket(drawn)
        held = {pocket: cents // 10 for pocket, cents in worth.items()}
        if self.number % 3 == 1:
            held = {}
        payable = {pocket: cents - held.get(pocket, 0) for pocket, cents in worth.items()}
        recovered = self._set_off_recovery(participant, payable)
        claim = Claim(self.new_id(), participant, quarter, payable, held)
        self.claims.append(claim)
        cash, in_kind = self.promised.pop((participant, quarter), (0, 0))
        yield claims.ClaimApproved(
            **self.of(claim),
            claim_id=claim.id,
            period_starts_on=quarter.starts_on,
            period_ends_on=quarter.ends_on,
            drawn=cells(drawn),
            payable=shares(payable),
            held_back=shares(held),
            match_cash=Money(cash),
            match_in_kind=Money(in_kind),
            advance_set_off=self._set_off_advance(participant, sum(worth.values())),
            recovery_set_off=recovered,
            effective_on=day,
        )
        is_returned = len(self.claims) % 19 == self.number % 19
        self.later(
            day, self.chance.randrange(7, 30), partial(self._pay, claim, is_returned=is_returned)
        )

    def _set_off_advance(self, participant: UUID, at_most: int) -> tuple[claims.SetOff, ...]:
        advance, parts = self.advance, []
        if advance is None or advance.participant != participant:
            return ()
        for pocket, cents in self.unaccounted.items():
            part = min(cents, at_most // 2)
            at_most -= part
            self.unaccounted[pocket] -= part
            parts.append(set_off(advance.id, pocket, advance.quarter, part))
        return tuple(part for part in parts if part.amount)

    def _set_off_recovery(
        self, participant: UUID, payable: dict[str, int]
    ) -> tuple[claims.SetOff, ...]:
        """Keep what is owed back out of what is payable, whichever its pocket."""
        debt = self.debt
        if debt is None or not debt.by_set_off or debt.participant != participant:
            return ()
        parts = []
        for (_, pocket, quarter), owed in list(debt.parts.items()):
            left = owed
            for mine, cents in payable.items():
                kept = min(left, cents // 2)
                payable[mine] -= kept
                left -= kept
            debt.parts[participant, pocket, quarter] = left
            parts.append(set_off(debt.id, pocket, quarter, owed - left))
        return tuple(part for part in parts if part.amount)

    def _pay(self, claim: Claim, day: date, *, is_returned: bool = False) -> Iterator[Any]:
        paid = shares(claim.payable)
        if not paid:
            return
        about = self.of(claim) | {"payment_id": self.new_id(), "claim_id": claim.id}
        yield claims.PaymentDisbursed(**about, paid=paid, effective_on=day)
        if is_returned:
            yield claims.PaymentReturned(
                **about, returned=paid, reason="account closed", effective_on=day
            )
            self.later(day, 9, partial(self._pay, claim))
            return
        if self.number % 5 == 2 and self.debt is None:
            asked = {
                (claim.participant, pocket, claim.quarter): cents // 3
                for pocket, cents in claim.payable.items()
                if cents > 2
            }
            if asked:
                by_set_off = self.number // 5 % 4 == 3
                self.debt = Debt(self.new_id(), claim.participant, asked, by_set_off)
                self.later(day, 15, partial(self._recover, self.debt, None))

    def _recover(self, debt: Debt, advance_id: UUID | None, day: date) -> Iterator[Any]:
        asked = cells(debt.parts)
        yield claims.RecoveryRequested(
            **self._of_debt(debt),
            advance_id=advance_id,
            parts=asked,
            due_on=day + timedelta(days=30),
            effective_on=day,
        )
        ends = self.number // 5 % 4
        if ends == 2:
            self.later(day, 20, partial(self._cancel_debt, debt))
        elif not debt.by_set_off:
            self.later(day, 30, partial(self._repay, debt, half=True))
            self.later(day, 90, partial(self._write_off if ends == 1 else self._repay, debt))

    def _of_debt(self, debt: Debt) -> dict[str, Any]:
        return self.about | {"recovery_id": debt.id, "participant_id": debt.participant}

    def _repay(self, debt: Debt, day: date, *, half: bool = False) -> Iterator[Any]:
        came = {cell: cents - cents // 2 if half else cents for cell, cents in debt.parts.items()}
        debt.parts = {cell: cents - came[cell] for cell, cents in debt.parts.items()}
        if not any(came.values()):
            return
        yield claims.RecoveryReceived(
            **self._of_debt(debt),
            received=cells(came),
            interest=Money(0 if half else 12_34),
            effective_on=day,
        )

    def _write_off(self, debt: Debt, day: date) -> Iterator[Any]:
        yield claims.RecoveryWrittenOff(
            **self._of_debt(debt),
            written_off=cells(debt.parts),
            interest_waived=Money(0),
            effective_on=day,
        )
        debt.parts = {}

    def _cancel_debt(self, debt: Debt, day: date) -> Iterator[Any]:
        yield claims.RecoveryCancelled(
            **self._of_debt(debt), cancelled=cells(debt.parts), effective_on=day
        )
        debt.parts = {}

    def _terminate(self, day: date) -> Iterator[Any]:
        self.is_over = True
        yield from self._release("termination", day)

    def _release(self, reason: str, day: date) -> Iterator[Any]:
        left = {cell: cents for cell, cents in self.committed.items() if cents}
        if left or self.promised:
            yield claims.CommitmentReleased(
                **self.about,
                reason=reason,
                funding=cells(left),
                match=match_cells(self.promised),
                effective_on=day,
            )
        self.committed, self.promised = {}, {}

    def _close(self, day: date) -> Iterator[Any]:
        self.is_over = True
        for index, claim in enumerate(self.claims):
            if not any(claim.held.values()):
                continue
            about = self.of(claim) | {"claim_id": claim.id}
            if index % 8 == 5:
                yield claims.HoldbackForfeited(
                    **about, forfeited=shares(claim.held), effective_on=day
                )
                continue
            yield claims.HoldbackReleased(**about, released=shares(claim.held), effective_on=day)
            owed = Claim(claim.id, claim.participant, claim.quarter, claim.held)
            self.later(day, 10, partial(self._pay_released, owed))
        yield from self._release("completion", day)
        if self.debt is not None and self.debt.by_set_off:
            self.later(day, 20, partial(self._repay, self.debt))
        if self.advance is not None and any(self.unaccounted.values()):
            parts = {
                (self.advance.participant, pocket, self.advance.quarter): cents
                for pocket, cents in self.unaccounted.items()
            }
            debt = Debt(self.new_id(), self.advance.participant, parts, by_set_off=False)
            self.later(day, 15, partial(self._recover, debt, self.advance.id))

    def _pay_released(self, claim: Claim, day: date) -> Iterator[Any]:
        yield claims.PaymentDisbursed(
            **self.of(claim),
            payment_id=self.new_id(),
            claim_id=claim.id,
            paid=shares(claim.payable),
            effective_on=day,
        )

    def _commit(self, moved: Cents) -> None:
        for cell, cents in moved.items():
            self.committed[cell] = self.committed.get(cell, 0) + cents


def negative(moved: Cents) -> Cents:
    """The other way round."""
    return {cell: -cents for cell, cents in moved.items()}


def by_pocket(drawn: Cents) -> dict[str, int]:
    """What the cells add up to."""
    sums: dict[str, int] = {}
    for (_, pocket, _), cents in drawn.items():
        sums[pocket] = sums.get(pocket, 0) + cents
    return sums


def cells(cents: Cents) -> tuple[FundingCell, ...]:
    """Those that are not nil."""
    return tuple(
        FundingCell(participant_id=participant, pocket=pocket, quarter=quarter, amount=Money(part))
        for (participant, pocket, quarter), part in cents.items()
        if part
    )


def match_cells(
    promised: Mapping[tuple[UUID, Quarter], tuple[int, int]],
) -> tuple[MatchCell, ...]:
    """What participants promise themselves."""
    return tuple(
        MatchCell(
            participant_id=participant, quarter=quarter, cash=Money(cash), in_kind=Money(in_kind)
        )
        for (participant, quarter), (cash, in_kind) in promised.items()
    )


def shares(cents: Mapping[str, int]) -> tuple[claims.PocketShare, ...]:
    """Those that are not nil."""
    return tuple(
        claims.PocketShare(pocket=pocket, amount=Money(part))
        for pocket, part in cents.items()
        if part
    )


def set_off(of: UUID, pocket: str, quarter: Quarter, cents: int) -> claims.SetOff:
    """A part of a claim that is not paid."""
    return claims.SetOff(of=of, pocket=pocket, quarter=quarter, amount=Money(cents))
