"""A quarter as the books show it: its trial balance, and the facts that came too late for it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.finance.domain.posting import PeriodChange
from services.finance.domain.report import Column, ColumnKind, Report, Words
from shared.kernel.periods import Quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """One account of one pocket at the end of the quarter, in cents."""

    account: str
    pocket: str | None
    frozen: int | None
    """When the quarter was closed; absent where it is open."""
    posted: int
    """By posting date: the books as they are."""
    happened: int
    """By true date: as if late facts had been known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFact:
    """A fact of the quarter, or of one before it, that counts after it."""

    position: int
    entry: str
    event_id: UUID
    event_type: str
    happened_on: date
    posted_on: date
    recorded_at: datetime
    cents: int
    """What it moved: the sum of its positive lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodView:
    """One quarter, as far as it was known."""

    quarter: Quarter
    closed_by: PeriodChange | None
    """The closing that keeps it closed: its own, or the first one for what lies before."""
    rows: tuple[TrialRow, ...]
    sha256: str | None
    """Of the trial balance as it is now, at the position of its own closing."""
    late: tuple[LateFact, ...]
    """The first of them."""
    late_entries: int
    """All of them."""

    @property
    def is_frozen(self) -> bool:
        """It is closed with a trial balance of its own."""
        return self.closed_by is not None and self.closed_by.quarter == self.quarter

    @property
    def is_unchanged(self) -> bool | None:
        """The books still say what was frozen; no answer where nothing was."""
        if not self.is_frozen or self.closed_by is None:
            return None
        return self.sha256 == self.closed_by.sha256 and all(
            row.frozen == row.posted for row in self.rows
        )


def _money(code: str, en: str, fr: str) -> Column:
    return Column(code=code, heading=Words(en=en, fr=fr), kind=ColumnKind.MONEY)


def _of_kind(kind: ColumnKind, code: str, en: str, fr: str) -> Column:
    return Column(code=code, heading=Words(en=en, fr=fr), kind=kind)


_BY_POSTING_DATE = Words(
    en="A fact that was heard of after its quarter was closed counts in the first quarter that was"
    " open then.",
    fr="Un fait appris après la fermeture de son trimestre compte au premier trimestre alors"
    " ouvert.",
)


def reports(view: PeriodView) -> list[Report]:
    """The trial balance and the late facts, as a person reads them."""
    columns: tuple[Column, ...] = (
        _of_kind(ColumnKind.TEXT, "account", "Account", "Compte"),
        _of_kind(ColumnKind.TEXT, "pocket", "Pocket", "Enveloppe"),
        _money("frozen", "At closing", "À la fermeture"),
        _money("posted", "By posting date", "Par date d’inscription"),
        _money("happened", "By true date", "Par date réelle"),
    )
    frozen = [row.frozen for row in view.rows if row.frozen is not None]
    total = (
        None,
        None,
        sum(frozen) if view.is_frozen else None,
        sum(row.posted for row in view.rows),
        sum(row.happened for row in view.rows),
    )
    late = (
        _of_kind(ColumnKind.COUNT, "position", "Entry", "Écriture"),
        _of_kind(ColumnKind.TEXT, "entry", "Kind", "Type"),
        _of_kind(ColumnKind.DAY, "happened_on", "Happened on", "Survenu le"),
        _of_kind(ColumnKind.DAY, "posted_on", "Counts on", "Inscrit le"),
        _money("amount", "Amount moved", "Montant déplacé"),
    )
    return [
        Report(
            code="trial-balance",
            title=Words(
                en=f"Trial balance at the end of {view.quarter}",
                fr=f"Balance de vérification à la fin du {view.quarter}",
            ),
            columns=columns,
            rows=tuple(
                (row.account, row.pocket, row.frozen, row.posted, row.happened) for row in view.rows
            ),
            total=total,
            footnotes=(_BY_POSTING_DATE,),
        ),
        Report(
            code="late-facts",
            title=Words(
                en=f"Facts that came too late for {view.quarter}",
                fr=f"Faits appris trop tard pour le {view.quarter}",
            ),
            columns=late,
            rows=tuple(
                (fact.position, fact.entry, fact.happened_on, fact.posted_on, fact.cents)
                for fact in view.late
            ),
        ),
    ]
