"""What has happened in finance itself; what others did is kept as their contracts say it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell


class LineKind(StrEnum):
    """What a line of a plan is about."""

    NEW_BUSINESS = "new-business"
    """Agreements that are expected: per programme, source (pocket or ``MATCH``) and quarter."""
    OPERATIONS = "operations"
    """Spending on operations and administration."""
    OPERATIONS_FUNDING = "operations-funding"
    """What a funder gives for operations; the code is its funder agreement's."""
    OTHER_REVENUE = "other-revenue"
    """Memberships, interest and the like."""


MATCH_SOURCE = "MATCH"
"""The source of what participants contribute themselves, beside the pockets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One amount that a plan expects in one quarter."""

    kind: LineKind
    code: str
    """The source: a pocket or ``MATCH``; a funder agreement; or a free code (``MEMBERSHIPS``)."""
    programme: str | None
    """Of new business only."""
    quarter: Quarter
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketAmount:
    """One pocket's part of a drawdown or of a receipt."""

    pocket: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyCeiling:
    """The most that a pocket may be promised for one fiscal year."""

    fiscal_year: int
    ceiling: Money


class ClaimFrequency(StrEnum):
    """How often we may claim from a funder: once for each such period."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMI_ANNUAL = "semi-annual"
    ANNUAL = "annual"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderTerms:
    """What an agreement with a funder says of claiming; None where it says nothing."""

    claim_frequency: ClaimFrequency | None = None
    share_bp: int | None = None
    """The funder's share of eligible spending, in basis points."""
    carry_over_bp: int | None = None
    """Which part of the unused ceilings of a year its pockets may carry into the next."""
    yearly: tuple[YearlyCeiling, ...] = ()
    """The most that is claimed in a fiscal year, of all pockets together."""


NOTHING_SAID = FunderTerms()
"""The terms of an agreement that was opened without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderAgreementOpened:
    """A funder signed an agreement with us; its envelopes follow, each in its own stream."""

    code: str
    funder: str
    name_en: str
    name_fr: str
    pockets: tuple[str, ...]
    effective_on: date
    terms: FunderTerms = NOTHING_SAID


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderTermsSet:
    """What the agreement says of claiming was written, as a whole."""

    code: str
    terms: FunderTerms
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawdownCounted:
    """A drawdown was counted against its agreement's year and period."""

    code: str
    """The funder agreement's."""
    drawdown_id: UUID
    period: str | None
    """As ``DrawdownSubmitted`` says it."""
    fiscal_year: int
    """Of the period; without one, of the day it was submitted."""
    amount: Money
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketYearEnd:
    """What became of a pocket's ceiling: ceiling = used + carried + lapsed, or it was exceeded."""

    pocket: str
    ceiling: Money
    used: Money
    """Reserved, committed or spent in the year."""
    carried: Money
    lapsed: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderYearEnded:
    """What the pockets of an agreement did not use of a year was carried over, or lapsed."""

    code: str
    fiscal_year: int
    carry_over_bp: int
    pockets: tuple[PocketYearEnd, ...]
    effective_on: date
    """The last day of the fiscal year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketOpened:
    """A funder granted an envelope."""

    pocket: str
    funder: str
    funder_agreement: str
    name_en: str
    name_fr: str
    authority: Money
    effective_on: date
    yearly: tuple[YearlyCeiling, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityChanged:
    """A funder changed how much an envelope holds, in all or for some fiscal years."""

    pocket: str
    funder: str
    funder_agreement: str
    previous: Money
    authority: Money
    effective_on: date
    yearly: tuple[YearlyCeiling, ...] = ()
    """All ceilings from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityLapsed:
    """A fiscal year ended, and what an envelope did not use of it is no longer granted."""

    pocket: str
    funder: str
    funder_agreement: str
    fiscal_year: int
    lapsed: Money
    authority: Money
    """What is left of it."""
    effective_on: date
    yearly: tuple[YearlyCeiling, ...]
    """All ceilings from now on: the year's is what it used, the next has what was carried over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawdownSubmitted:
    """We claimed from a funder its share of what we pay."""

    drawdown_id: UUID
    funder_agreement: str
    pockets: tuple[PocketAmount, ...]
    effective_on: date
    period: str | None = None
    """``2023-07``, ``2024-T2``, ``2024-H1`` or ``2024``; see ``domain.funder_terms``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawdownReceived:
    """A funder paid a drawdown, in all or in part."""

    drawdown_id: UUID
    funder_agreement: str
    pockets: tuple[PocketAmount, ...]
    """Split over what each pocket is still owed, by largest remainder."""
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLinesSet:
    """The lines of a year's plan were written, as a whole."""

    fiscal_year: int
    lines: tuple[PlanLine, ...]
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApproved:
    """
    The board approved the plan of a year.

    Its place in the log is the instant that the plan is a view of; later facts do not touch it.
    """

    fiscal_year: int
    version: int
    lines: tuple[PlanLine, ...]
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReforecasted:
    """
    What is left of an approved plan was written anew; the plan stays as the board approved it.

    The lines are what is still expected from here on: what comes later counts against them.
    """

    fiscal_year: int
    version: int
    """Of the approved plan."""
    lines: tuple[PlanLine, ...]
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualRecorded:
    """Something was spent on operations, or came in beside the projects' money."""

    actual_id: UUID
    kind: LineKind
    code: str
    amount: Money
    """Negative corrects an earlier one."""
    effective_on: date


class ReservationEnd(StrEnum):
    """Why nothing is reserved for an award any more."""

    LAPSED = "lapsed"
    EXECUTED = "executed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationEnded:
    """What an award had reserved is free again: it lapsed, or its agreement was executed."""

    award_id: UUID
    project_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]
    """Everything that the award had reserved."""
    reason: ReservationEnd
    effective_on: date


class IncreaseEnd(StrEnum):
    """Why nothing is reserved for an increase any more."""

    WITHDRAWN = "withdrawn"
    AMENDED = "amended"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncreaseReservationEnded:
    """What a proposed amendment had reserved is free again: it took effect, or never will."""

    amendment_id: UUID
    project_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]
    """Everything that the amendment had reserved."""
    reason: IncreaseEnd
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalanceLine:
    """What one account holds of one pocket at the end of a quarter."""

    account: str
    pocket: str | None
    """Absent for match and for operations."""
    cents: int
    """Canadian cents; never zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodClosed:
    """A fiscal quarter, and with it everything before, was closed with its trial balance."""

    quarter: Quarter
    position: int
    """What is recorded up to here is in the trial balance; what is later finds it closed."""
    trial_balance: tuple[TrialBalanceLine, ...]
    """All balances at the end of the quarter, by posting date."""
    sha256: str
    """Of the quarter, the position and the trial balance (``period.digest``)."""
    closed_by: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodReopeningAsked:
    """Somebody asked for a closed quarter to be opened again."""

    quarter: Quarter
    reason: str
    """About the books, never about a person."""
    asked_by: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodReopened:
    """Another person confirmed it: facts recorded from here on may fall in the quarter again."""

    quarter: Quarter
    asked_by: str
    confirmed_by: str
    effective_on: date


class Measure(StrEnum):
    """Where the actual value of an objective comes from."""

    CONTRACTED = "contracted"
    """The ledger: what agreements of some programmes were executed and amended for in the year."""
    IMPACT = "impact"
    """What impact measures each quarter."""
    RECORDED = "recorded"
    """What an officer records: events held, people hired, companies reached."""


class Unit(StrEnum):
    """What an objective is counted in."""

    CAD_CENTS = "cad-cents"
    COUNT = "count"
    BASIS_POINTS = "basis-points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One objective of a year's plan."""

    code: str
    name_en: str
    name_fr: str
    definition_en: str
    """What is counted, and against which base."""
    definition_fr: str
    unit: Unit
    target: int
    """In whole units: cents, pieces or basis points."""
    measure: Measure
    programmes: tuple[str, ...] = ()
    """Whose agreements count, of contracted money."""
    with_match: bool = False
    """Contracted money counts the participants' own too."""
    impact_objective: str | None = None
    """Impact's code of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardTargetsSet:
    """The objectives of a year's plan were written, as a whole."""

    fiscal_year: int
    objectives: tuple[Objective, ...]
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveRecorded:
    """An officer recorded how far an objective has come by a day."""

    fiscal_year: int
    code: str
    value: int
    forecast: int | None
    """What it is expected to be when the year ends; absent where nobody says."""
    effective_on: date
