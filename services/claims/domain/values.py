"""The words that agreements, claims and programmes are written with."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter


class ClaimFrequency(StrEnum):
    """How long the period of one claim may be: not over a month, a quarter or half a year."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMI_ANNUAL = "semi-annual"

    def window(self, day: date) -> tuple[date, date]:
        """
        First and last day of the month, fiscal quarter or fiscal half-year that ``day`` is in.

        No window crosses 31 March, because costs of March and April are claimed separately.
        """
        quarter = Quarter.of(day)
        match self:
            case ClaimFrequency.MONTHLY:
                first = day.replace(day=1)
                after = (first + timedelta(days=31)).replace(day=1)
                return first, after - timedelta(days=1)
            case ClaimFrequency.QUARTERLY:
                return quarter.starts_on, quarter.ends_on
            case ClaimFrequency.SEMI_ANNUAL:
                first_half = quarter.number <= 2
                opens = Quarter(quarter.fiscal_year, 1 if first_half else 3)
                return opens.starts_on, opens.next().ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One participant: an organisation in the consortium of a project."""

    participant_id: UUID
    organisation_id: UUID
    role: str
    """``lead``, ``adopter``, ``ai-provider``, ``research`` or ``other``."""
    name: str
    """Name of the organisation."""
    province: str
    sme: bool
    naics: str | None = None
    """Its industry, two to six digits; None where it is not known."""


class SalesTax(StrEnum):
    """How a claim shows GST, HST and QST that its participant recovers anyway."""

    EXCLUDED = "excluded"
    """Amounts hold none of it, and none is stated."""
    SHOWN_APART = "shown-apart"
    """It is stated per line, beside the amount, and never reimbursed."""


class Documents(StrEnum):
    """When a cost shows its document."""

    PER_LINE = "per-line"
    ON_REQUEST = "on-request"


class ClosingRequirement(StrEnum):
    """What a project shows before it is completed."""

    FINAL_REPORT = "final-report"
    IP_DECLARATIONS = "ip-declarations"
    AUDIT = "audit"
    EQUIPMENT_DISPOSAL = "equipment-disposal"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTerms:
    """What a programme says of one category of costs."""

    category: str
    overhead_bp: int | None = None
    """Overhead added to accepted costs of the category (labour), in basis points of them."""
    share_bp: int | None = None
    """Highest share of a participant's eligible cash costs; None: no cap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLevel:
    """Up to which amount one role may approve."""

    role: str
    up_to: Money | None = None
    """None: any amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeTerms:
    """
    What one version of a programme definition says about claims.

    Beyond rate, holdback and frequency every default is "says nothing of it": no cap, nothing
    asked, nothing allowed.
    """

    version: int
    reimbursement_rate_bp: int
    """Highest public share of accepted cash costs, in basis points."""
    holdback_bp: int
    """Share of each reimbursement kept until closing, in basis points."""
    claim_frequency: ClaimFrequency
    cost_categories: tuple[str, ...]
    """Categories of eligible costs; a programme that names none accepts any."""
    categories: tuple[CategoryTerms, ...] = ()
    participant_share_bp: int | None = None
    """Highest share of the agreement's reimbursements that one participant may receive."""
    stacking_limit_bp: int | None = None
    """Highest share of eligible costs that all government money together may pay."""
    in_kind_share_bp: int | None = None
    """Highest share of the match that may be in kind."""
    sales_tax: SalesTax = SalesTax.EXCLUDED
    documents: Documents = Documents.ON_REQUEST
    reallocation_tolerance_bp: int = 0
    """Share of a category's budget that may move to others without approval."""
    advances_allowed: bool = False
    reports_hold_payments: bool = False
    """An overdue report holds payments to its participant."""
    claim_due_days: int | None = None
    """Days after the end of its period within which a claim is on time; None: never late."""
    closing_requirements: tuple[ClosingRequirement, ...] = ()
    approval_levels: tuple[ApprovalLevel, ...] = ()
    """Lowest first; none: any approver, any amount."""
    overdue_interest_bp: int = 0
    """Yearly interest on what is owed back after its due date, in basis points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReimbursementRate:
    """
    The public share of a participant's cash costs, exactly: ``public`` of every ``costs`` cents.

    Two integers and not a number of basis points, because 1 000 000 of 3 000 000 is none.
    """

    participant_id: UUID
    public: int
    costs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketShare:
    """One pocket's part of an amount."""

    pocket: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """One cost, in cash or in kind, incurred in the period of a claim."""

    category: str
    cash: Money
    in_kind: Money
    incurred_from: date
    incurred_to: date
    """The last day, inclusive."""
    paid_on: date | None
    """The day the participant paid it; a cost in kind has none."""
    document_sha256: str | None = None
    """What shows the cost: SHA-256 of the file, which is kept elsewhere."""
    document_number: str | None = None
    """As its supplier numbered it."""
    supplier: str | None = None
    """Name of the business that was paid; never of a person."""
    related_party: bool = False
    """The supplier is related to the participant: no profit beyond what the programme allows."""
    sales_tax: Money = ZERO
    """GST, HST and QST on the cost, beside its amount; never reimbursed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastLine:
    """What a participant expects to be reimbursed in a later quarter."""

    quarter: Quarter
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimForm:
    """What a participant fills in: its costs of one period, and what it expects after it."""

    participant_id: UUID
    period_starts_on: date
    period_ends_on: date
    """The last day, inclusive."""
    lines: tuple[ClaimLine, ...]
    forecast: tuple[ForecastLine, ...] | None
    """``None`` leaves the commitment planned as it is."""
    final: bool = False
    """The participant claims no later period."""
    nil: bool = False
    """The participant declares that it had no costs in the period."""
    other_government: Money = ZERO
    """Other government support for the same costs, received or receivable."""

    @property
    def quarter(self) -> Quarter:
        """Where the spending belongs: the fiscal quarter in which the period ends."""
        return Quarter.of(self.period_ends_on)

    @property
    def cash(self) -> Money:
        """Cash costs of all lines."""
        return total(line.cash for line in self.lines)


class ReductionCode(StrEnum):
    """Why less of a line is accepted than was claimed."""

    NOT_ELIGIBLE_CATEGORY = "not-eligible-category"
    OUTSIDE_PERIOD = "outside-period"
    NOT_PAID = "not-paid"
    NO_DOCUMENT = "no-document"
    DUPLICATE = "duplicate"
    UNREASONABLE = "unreasonable"
    SALES_TAX = "sales-tax"
    RELATED_PARTY_MARGIN = "related-party-margin"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedLine:
    """What is accepted of one line of a claim."""

    line: int
    """Index of the line in the claim, from 0."""
    cash: Money
    in_kind: Money
    reason: str | None
    """Why less was accepted than was claimed."""
    code: ReductionCode | None = None
    """The same, from the list."""
    not_duplicate: str | None = None
    """Why the line is accepted although another claim shows what may be the same cost."""


class Likeness(StrEnum):
    """What two lines have in common that may make them the same cost."""

    DOCUMENT = "document"
    """The same file."""
    PAYMENT = "payment"
    """The same amount to the same supplier, paid on the same day."""
    INVOICE = "invoice"
    """The same amount to the same supplier, incurred on the same days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateOf:
    """A line of a claim that may show the same cost as a line of another claim."""

    line: int
    likeness: Likeness
    agreement_id: UUID | None
    """Where the other claim is; None: in this agreement."""
    claim_id: UUID
    other_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something an analyst wants to know about a claim. No personal data."""

    text: str
    line: int | None = None
    """None: about the claim as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateOverride:
    """
    A rate agreed for one participant instead of its contracted one.

    Either for a ``category`` of costs or for the claims of one ``quarter``, never for both.
    """

    participant_id: UUID
    rate_bp: int
    """Public share of accepted cash costs, in basis points."""
    category: str | None = None
    quarter: Quarter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What remained of a claim after one rule of the calculation."""

    rule: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOff:
    """A part of what a claim is worth that settles an advance or a recovery instead."""

    of: UUID
    """The advance or the recovery."""
    pocket: str
    quarter: Quarter
    """The pocket and the quarter in which that money stands."""
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """A participant that is to claim a period."""

    participant_id: UUID
    organisation_id: UUID


class Occasion(StrEnum):
    """When a participant is reminded of a period that it has not claimed, in this order."""

    BEFORE_DUE = "before-due"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Match:
    """A participant's own money, in cash and in kind."""

    cash: Money = ZERO
    in_kind: Money = ZERO

    def __add__(self, other: "Match") -> "Match":
        return Match(self.cash + other.cash, self.in_kind + other.in_kind)

    def __neg__(self) -> "Match":
        return Match(-self.cash, -self.in_kind)

    def __bool__(self) -> bool:
        return bool(self.cash) or bool(self.in_kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketBalance:
    """Where one pocket's contracted money stands after a fact; the last five make the first."""

    pocket: str
    contracted: Money
    committed: Money
    payable: Money
    held_back: Money
    paid: Money
    """Net of what came back."""
    released: Money
    """With what came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceMonth:
    """What a participant expects to need in one month."""

    month: date
    """Its first day."""
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """What one participant budgets, or by how much its budget changes, in one category."""

    participant_id: UUID
    category: str
    cash: Money
    """Public money and the participant's own, together."""
    in_kind: Money = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantShare:
    """One participant's part of an amount, from one pocket."""

    participant_id: UUID
    pocket: str
    amount: Money


class BudgetPart(NamedTuple):
    """One part of an agreement's budget, as the tolerance of moves looks at it."""

    participant_id: UUID
    money: str
    """``public``, ``cash`` or ``in-kind``."""
    of: str
    """``all``, a quarter, or a category."""


class ConditionDue(StrEnum):
    """By when a condition of an agreement is met."""

    BEFORE_EXECUTION = "before-execution"
    BEFORE_FIRST_PAYMENT = "before-first-payment"
    ON_DATE = "on-date"
    """On a day that the condition names; afterwards it is overdue."""


class IpKind(StrEnum):
    """What intellectual property is protected as."""

    PATENT = "patent"
    COPYRIGHT = "copyright"
    TRADE_SECRET = "trade-secret"  # noqa: S105  # a kind of property
    DESIGN = "design"
    TRADEMARK = "trademark"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntellectualProperty:
    """One piece of intellectual property that a project made."""

    title: str
    kind: IpKind
    owner_organisation_id: UUID
    canadian_owned: bool
    reuse_allowed: bool
    """Others may use it outside the project."""
    commercialised: bool
