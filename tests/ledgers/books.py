"""The books in memory: the same facts, folded by plain Python and nothing else."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.finance.domain.events import FunderAgreementOpened, PlanApproved, PocketOpened
from services.finance.domain.ledger import Account, EntryKind, Line
from services.finance.domain.tables import (
    Amount,
    Basis,
    FiveTables,
    Reference,
    counted_lines,
    five_tables,
)
from services.finance.projections.postings import entry_of
from services.finance.use_cases.policies import (
    ABOUT_AN_AWARD,
    ABOUT_AN_INCREASE,
    whenever_something_happens_to_an_award_keep_it,
    whenever_something_happens_to_an_increase_keep_it,
)
from shared.contracts.intake import ProgrammePublished
from shared.kernel.periods import civil_date, fiscal_year_ends_on

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One fact, when it was heard, and the lines it makes."""

    position: int
    recorded_at: datetime
    fact: Any
    kind: EntryKind | None
    lines: tuple[Line, ...]


@dataclass
class Books:
    """Finance without a database."""

    log: list[Kept] = field(default_factory=list)
    _of_award: dict[UUID, list[Any]] = field(default_factory=lambda: defaultdict(list))
    _of_amendment: dict[UUID, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def hear(self, fact: Any, at: datetime = BEGINNING) -> None:
        """Keep a fact as the service would."""
        if isinstance(fact, ABOUT_AN_AWARD):
            kept = self._of_award[fact.award_id]
            new = whenever_something_happens_to_an_award_keep_it(fact, kept)
            kept += new
        elif isinstance(fact, ABOUT_AN_INCREASE):
            kept = self._of_amendment[fact.amendment_id]
            new = whenever_something_happens_to_an_increase_keep_it(fact, kept)
            kept += new
        else:
            new = [fact]
        for each in new:
            entry = entry_of(each)
            self.log.append(
                Kept(
                    position=len(self.log) + 1,
                    recorded_at=at,
                    fact=each,
                    kind=entry.kind if entry else None,
                    lines=entry.lines if entry else (),
                )
            )

    def known(self, as_of: date | None = None, position: int | None = None) -> list[Kept]:
        """What was recorded by then."""
        return [
            kept
            for kept in self.log
            if (as_of is None or civil_date(kept.recorded_at) <= as_of)
            and (position is None or kept.position <= position)
        ]

    def balance(
        self,
        *accounts: Account,
        where: Callable[[Line], bool] = lambda _line: True,
        kinds: tuple[EntryKind, ...] = (),
        as_of: date | None = None,
    ) -> int:
        """The sum of lines, in cents."""
        return sum(
            line.amount.cents
            for kept in self.known(as_of)
            if not kinds or kept.kind in kinds
            for line in kept.lines
            if line.account in accounts and where(line)
        )

    def lines(self) -> Iterator[Line]:
        """All lines, oldest first."""
        for kept in self.log:
            yield from kept.lines

    def tables(
        self, fiscal_year: int, basis: Basis, as_of: date, until: date | None = None
    ) -> FiveTables:
        """The five tables of a year, as ``GET /v1/tables`` gives them."""
        known = self.known(as_of)
        plan = next(
            (
                kept
                for kept in reversed(known)
                if isinstance(kept.fact, PlanApproved) and kept.fact.fiscal_year == fiscal_year
            ),
            None,
        )
        planned_at = plan.position if plan else None
        is_plan = basis is Basis.PLAN
        assert plan or not is_plan
        seen = self.known(as_of, planned_at) if is_plan else known
        last_day = fiscal_year_ends_on(fiscal_year - 1)
        amounts = self._amounts(fiscal_year, _happened(seen, until), self._new(known, plan))
        return five_tables(
            fiscal_year=fiscal_year,
            basis=basis,
            amounts=amounts,
            lines=counted_lines(
                basis=basis, as_of=as_of, amounts=amounts, lines=plan.fact.lines if plan else ()
            ),
            receivables=self._receivables(known, min(last_day, until or last_day)),
            reference=self._reference(known, planned_at if is_plan else None),
        )

    @staticmethod
    def _new(known: list[Kept], plan: Kept | None) -> set[UUID]:
        return {
            kept.fact.project_id
            for kept in known
            if plan and kept.kind is EntryKind.AGREEMENT_EXECUTED and kept.position > plan.position
        }

    @staticmethod
    def _amounts(fiscal_year: int, seen: list[Kept], new: set[UUID]) -> list[Amount]:
        return [
            Amount(
                account=line.account,
                quarter=line.quarter,
                programme=line.programme,
                pocket=line.pocket,
                code=line.code,
                new=line.project_id in new,
                cents=line.amount.cents,
            )
            for kept in seen
            for line in kept.lines
            if line.quarter is not None and line.quarter.fiscal_year == fiscal_year
        ]

    @staticmethod
    def _receivables(known: list[Kept], until: date) -> dict[str, int]:
        funder_of = {
            kept.fact.pocket: kept.fact.funder
            for kept in known
            if isinstance(kept.fact, PocketOpened)
        }
        owed: dict[str, int] = defaultdict(int)
        for kept in _happened(known, until):
            for line in kept.lines:
                if line.account is Account.DUE_FROM_FUNDER:
                    owed[funder_of[str(line.pocket)]] += line.amount.cents
        return {funder: cents for funder, cents in owed.items() if cents}

    @staticmethod
    def _reference(known: list[Kept], planned_at: int | None) -> Reference:
        phase_of: dict[str, str] = {}
        agreement_of: dict[str, str] = {}
        agreements: list[str] = []
        for kept in known:
            match kept.fact:
                case ProgrammePublished(code=code, phase=phase):
                    is_later = planned_at is not None and kept.position > planned_at
                    if code not in phase_of or not is_later:
                        phase_of[code] = phase
                case PocketOpened(pocket=code, funder_agreement=agreement):
                    agreement_of[code] = agreement
                case FunderAgreementOpened(code=code):
                    agreements.append(code)
                case _:
                    pass
        return Reference(
            phase_of=phase_of,
            funder_agreement_of=agreement_of,
            funder_agreements=agreements,
        )


def _happened(kept: list[Kept], until: date | None) -> list[Kept]:
    return [each for each in kept if until is None or each.fact.effective_on <= until]
