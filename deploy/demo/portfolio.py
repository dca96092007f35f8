"""
The portfolio file: everything that happens in a fund, dated, in one JSON document.

A portfolio is *what happened*, never the result: it holds projects, schedules, claims and plan
lines, and the services work out every balance and table from them. The JSON Schema of the file
is made from these models, so that what is documented is what is enforced; what a schema cannot
say (codes that must exist, dates in order, pockets that must suffice) is in ``checks.py``.

Amounts are whole cents of Canadian dollars, in fields that end in ``_cents``. Dates are civil
dates of America/Toronto (``2023-03-31``). Quarters are fiscal quarters (``2024-T1`` is April to
June 2023). ``title`` is the French term of each field, ``description`` says what it means.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.kernel.periods import Quarter

MOST_CENTS = 100_000_000_000_00
"""No envelope, drawdown or line is above a hundred billion dollars."""
MOST_CENTS_OF_A_CELL = 400_000_000_00
"""No amount of one participant in one quarter is above four hundred million dollars."""

Code = Annotated[
    str,
    Field(
        pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$",
        min_length=2,
        max_length=40,
        description="Capital letters, digits and hyphens, e.g. ISED-P1-PROJECTS.",
    ),
]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Cents = Annotated[int, Field(ge=0, le=MOST_CENTS, description="Whole cents, zero or more.")]
SomeCents = Annotated[int, Field(ge=1, le=MOST_CENTS, description="Whole cents, more than zero.")]
CellCents = Annotated[
    int, Field(ge=0, le=MOST_CENTS_OF_A_CELL, description="Whole cents, zero or more.")
]
SomeCellCents = Annotated[
    int, Field(ge=1, le=MOST_CENTS_OF_A_CELL, description="Whole cents, more than zero.")
]
AnyCents = Annotated[
    int,
    Field(
        ge=-MOST_CENTS_OF_A_CELL,
        le=MOST_CENTS_OF_A_CELL,
        description="Whole cents; negative takes away.",
    ),
]
Day = Annotated[
    date,
    Field(ge=date(2000, 1, 1), le=date(2099, 12, 31), description="A civil date, 2023-03-31."),
]
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]
Province = Literal["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"]
Role = Literal["lead", "adopter", "ai-provider", "research", "other"]


class Part(BaseModel):
    """A part of the file: unknown fields are refused, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Names(Part):
    """A name in both official languages."""

    en: Text = Field(title="anglais")
    fr: Text = Field(title="français")


# ── who gives money ─────────────────────────────────────────────────────────────────────────


class AuthorityChange(Part):
    """A funder changes what it grants."""

    effective_on: Day = Field(title="en vigueur le")
    authority_cents: Cents = Field(
        title="nouvelle autorisation",
        description="The new total of the pocket (not the difference). It must still cover what "
        "is reserved or committed that day.",
    )


class Pocket(Part):
    """One funder's envelope."""

    code: Code = Field(title="code", description="Unique in the file; a row of table 2.")
    names: Names | None = Field(default=None, title="noms", description="Default: the code.")
    authority_cents: Cents = Field(
        title="autorisation", description="What the funder grants in all, from the opening on."
    )
    changes: tuple[AuthorityChange, ...] = Field(
        default=(), title="modifications", description="In order of date, one a day at most."
    )


class FunderAgreement(Part):
    """What one funder grants, in one or several pockets. Its code is a row of tables 4 and 5."""

    code: Code = Field(title="code", description="Unique among funder agreements, e.g. ISED-P1.")
    funder: Code = Field(
        title="bailleur",
        description="Who grants it, e.g. ISED. What it owes on the last day of the year before "
        "is row RECEIVABLE-<funder> of table 5.",
    )
    names: Names | None = Field(default=None, title="noms", description="Default: the code.")
    opened_on: Day = Field(title="ouverte le")
    pockets: tuple[Pocket, ...] = Field(
        title="enveloppes",
        min_length=1,
        max_length=50,
        description="Its pockets. An agreement that pays for operations has one as well.",
    )


class PocketAmount(Part):
    """An amount of one pocket."""

    pocket: Code = Field(title="enveloppe")
    cents: SomeCents = Field(title="montant")


class Receipt(Part):
    """Money that a funder sends."""

    received_on: Day = Field(title="reçu le")
    cents: SomeCents = Field(title="montant")


class Drawdown(Part):
    """Our claim to a funder; what is not received yet is due from the funder."""

    funder_agreement: Code = Field(title="entente avec le bailleur")
    submitted_on: Day = Field(title="soumise le")
    pockets: tuple[PocketAmount, ...] = Field(
        title="enveloppes",
        min_length=1,
        description="Pockets of that funder agreement, each at most once.",
    )
    receipts: tuple[Receipt, ...] = Field(
        default=(),
        title="encaissements",
        description="In order of date, from the submission on; no more in all than is claimed.",
    )


# ── under which rules ───────────────────────────────────────────────────────────────────────


class ProgrammePocket(Part):
    """A pocket that a programme may draw on."""

    code: Code = Field(title="enveloppe")
    provinces: tuple[Province, ...] | None = Field(
        default=None,
        title="provinces",
        min_length=1,
        description="Only participants of these provinces may be funded from it; null: all.",
    )


class Rule(Part):
    """
    A rule that intake asks of every application, beside those it always asks.

    Always asked: the call is open, business numbers are valid, the public share is within the
    rate, and no participant asks for more than its costs.
    """

    name: Literal[
        "adopter-and-ai-provider",
        "lead-is-incorporated-for-profit",
        "minimum-participants",
        "minimum-smes",
        "one-participant-share",
        "in-kind-share",
    ] = Field(title="règle")
    at_least: Annotated[int, Field(ge=1, le=50)] | None = Field(
        default=None,
        title="au moins",
        description="For minimum-participants and minimum-smes, and always there.",
    )
    at_most_bp: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        default=None,
        title="au plus",
        description="Basis points. For one-participant-share (of the public money) and "
        "in-kind-share (of the match), and always there.",
    )


class Programme(Part):
    """A stream of activity that funds projects under one set of rules: a row of table 1."""

    code: Code = Field(title="code", description="Unique among programmes, e.g. IND-P1.")
    names: Names | None = Field(default=None, title="noms", description="Default: the code.")
    phase: Code = Field(
        title="phase",
        description="The row of table 3 under which its public money is shown, e.g. P1; "
        "OPERATIONS is taken.",
    )
    pockets: tuple[ProgrammePocket, ...] = Field(
        title="enveloppes", min_length=1, max_length=20, description="Each at most once."
    )
    reimbursement_rate_bp: Annotated[int, Field(ge=1, le=10_000)] = Field(
        title="taux de remboursement",
        description="Highest public share of eligible cash costs, in basis points (4000 is "
        "40 %). Public money ÷ (public money + match in cash) of a project may not exceed it.",
    )
    holdback_bp: Annotated[int, Field(ge=0, le=5_000)] = Field(
        default=0,
        title="retenue",
        description="Share of each reimbursement that is kept until the project completes.",
    )
    claim_frequency: Literal["monthly", "quarterly", "semi-annual"] = Field(
        default="quarterly", title="fréquence des demandes"
    )
    survey_years: Annotated[int, Field(ge=0, le=10)] = Field(
        default=5,
        title="années de suivi",
        description="How many yearly surveys each participant gets after completion.",
    )
    rules: tuple[Rule, ...] = Field(default=(), title="règles", max_length=20)
    published_on: Day | None = Field(
        default=None,
        title="publié le",
        description="From when on applications are taken. Default: the first day of the file.",
    )
    call_closes_on: Day | None = Field(
        default=None,
        title="clôture de l'appel",
        description="Last day on which an application can be submitted. Default: never.",
    )


class Organisation(Part):
    """Someone who takes part in projects."""

    code: Code = Field(title="code", description="How the rest of the file calls it; unique.")
    business_number: Annotated[str, Field(pattern=r"^[0-9]{9}$")] = Field(
        title="numéro d'entreprise",
        description="Nine digits with their check digit (Luhn); unique in the file.",
    )
    legal_name: Text = Field(title="dénomination sociale")
    kind: Literal[
        "sme",
        "large",
        "start-up",
        "hospital",
        "post-secondary",
        "institute",
        "incubator",
        "non-profit",
        "government",
    ] = Field(default="sme", title="genre")
    province: Province = Field(title="province")
    employees: Annotated[int, Field(ge=0, le=10_000_000)] = Field(default=50, title="employés")
    for_profit: bool = Field(default=True, title="à but lucratif")
    incorporated_in_canada: bool = Field(default=True, title="constituée au Canada")


# ── projects ────────────────────────────────────────────────────────────────────────────────


class Participant(Part):
    """An organisation in a project."""

    organisation: Code = Field(title="organisation", description="At most once in a project.")
    role: Role = Field(title="rôle")


class FundingCell(Part):
    """Public money planned for one participant, from one pocket, for one quarter."""

    participant: Code = Field(title="participant", description="Code of its organisation.")
    pocket: Code = Field(title="enveloppe", description="One of the programme's pockets.")
    quarter: Quarter = Field(title="trimestre", description="A quarter of the project.")
    cents: SomeCellCents = Field(title="montant")


class MatchCell(Part):
    """What one participant contributes itself in one quarter."""

    participant: Code = Field(title="participant", description="Code of its organisation.")
    quarter: Quarter = Field(title="trimestre", description="A quarter of the project.")
    cash_cents: CellCents = Field(default=0, title="en espèces")
    in_kind_cents: CellCents = Field(default=0, title="en nature")


class ForecastCell(Part):
    """What a participant expects to be reimbursed for a later quarter."""

    quarter: Quarter = Field(title="trimestre")
    cents: CellCents = Field(title="montant")


class Payment(Part):
    """Pays all that is payable of a claim that day."""

    paid_on: Day = Field(title="payé le")
    returned_on: Day | None = Field(
        default=None,
        title="retourné le",
        description="The day the payment came back, if it did: it is payable again from there.",
    )


class Claim(Part):
    """
    One participant's request for reimbursement for one period.

    Reimbursed is the participant's contracted public share of its cash costs: public ÷ (public +
    match in cash) over its whole schedule, by largest remainder, and never more than what remains
    committed to it. It is taken off its planned cells: of the claim's quarter first, then of
    earlier quarters from the oldest on, then of later quarters from the nearest on.
    """

    participant: Code = Field(title="participant", description="Code of its organisation.")
    quarter: Quarter | None = Field(
        default=None,
        title="trimestre",
        description="The period is this fiscal quarter (cut to the project's dates). "
        "Give this, or both dates.",
    )
    period_starts_on: Day | None = Field(default=None, title="début de la période")
    period_ends_on: Day | None = Field(
        default=None,
        title="fin de la période",
        description="Its quarter is the quarter of the claim. A period never straddles 31 March "
        "and does not overlap another claim of the participant.",
    )
    cash_cents: CellCents = Field(title="coûts en espèces")
    in_kind_cents: CellCents = Field(default=0, title="coûts en nature")
    submitted_on: Day = Field(
        title="soumise le", description="Not before the last day of the period."
    )
    forecast: tuple[ForecastCell, ...] | None = Field(
        default=None,
        title="prévisions",
        max_length=80,
        description="What remains of the participant's money after this claim, spread over later "
        "quarters: it must add up to that exactly. Null: the plan stays as it is.",
    )
    approved_on: Day | None = Field(
        default=None, title="approuvée le", description="Null: it stays in the backlog."
    )
    accepted_cash_cents: CellCents | None = Field(
        default=None,
        title="coûts en espèces acceptés",
        description="What the approver accepts of the cash costs. Null: all.",
    )
    accepted_in_kind_cents: CellCents | None = Field(
        default=None,
        title="coûts en nature acceptés",
        description="What the approver accepts of the costs in kind. Null: all.",
    )
    payments: tuple[Payment, ...] = Field(
        default=(),
        title="paiements",
        description="In order of date, from the approval on. After completion the holdback is "
        "payable: it takes a payment of its own, on or after that day.",
    )


class FundingChange(Part):
    """A difference in public money for one participant, pocket and quarter."""

    participant: Code = Field(title="participant")
    pocket: Code = Field(title="enveloppe")
    quarter: Quarter = Field(title="trimestre")
    cents: AnyCents = Field(title="différence")


class MatchChange(Part):
    """A difference in a participant's own contribution in one quarter."""

    participant: Code = Field(title="participant")
    quarter: Quarter = Field(title="trimestre")
    cash_cents: AnyCents = Field(default=0, title="différence en espèces")
    in_kind_cents: AnyCents = Field(default=0, title="différence en nature")


class Amendment(Part):
    """A change to an executed agreement: differences only."""

    kind: Literal["time-extension", "reprofile", "reduction", "increase"] = Field(
        title="genre",
        description="time-extension: a later end, and perhaps money moved; reprofile: money "
        "moved, the end unchanged (both: differences add up to zero per pocket, and over the "
        "match); reduction: public money taken away; increase: public money added. What was "
        "claimed is not taken back. The participant's share is that of its new amounts.",
    )
    effective_on: Day = Field(title="en vigueur le")
    ends_on: Day | None = Field(
        default=None, title="nouvelle fin", description="Null: the end stays."
    )
    funding: tuple[FundingChange, ...] = Field(default=(), title="financement", max_length=1_000)
    match: tuple[MatchChange, ...] = Field(default=(), title="contrepartie", max_length=1_000)


class Termination(Part):
    """
    The agreement ends early: what is still committed returns to its pockets.

    Every claim submitted before is approved by then; none comes after.
    """

    terminated_on: Day = Field(title="résiliée le")
    reason: Text = Field(default="cancelled by the participants", title="motif")


class Project(Part):
    """An application, and what became of it."""

    code: Code = Field(title="code", description="Unique among projects.")
    programme: Code = Field(title="programme")
    title: Text = Field(title="titre")
    participants: tuple[Participant, ...] = Field(
        title="participants",
        min_length=1,
        max_length=50,
        description="The first applies for all. Exactly one is the lead.",
    )
    submitted_on: Day | None = Field(
        default=None,
        title="demande soumise le",
        description="Default: the day of the decision.",
    )
    awarded_on: Day = Field(
        title="décidée le", description="The day of the committee's meeting that decides."
    )
    decision: Literal["fund", "decline"] = Field(default="fund", title="décision")
    lapses_on: Day | None = Field(
        default=None,
        title="caduque le",
        description="If no agreement is executed by then, the reserved money returns. "
        "Default: a year after the decision, or the day after the execution if that is later.",
    )
    executed_on: Day | None = Field(
        default=None,
        title="entente signée le",
        description="From here on the money is committed. Null: never.",
    )
    starts_on: Day = Field(title="début")
    ends_on: Day = Field(title="fin", description="The last day of the project.")
    funding: tuple[FundingCell, ...] = Field(
        title="financement",
        min_length=1,
        max_length=1_000,
        description="One cell per participant, pocket and quarter at most.",
    )
    match: tuple[MatchCell, ...] = Field(
        default=(),
        title="contrepartie",
        max_length=1_000,
        description="One cell per participant and quarter at most.",
    )
    amendments: tuple[Amendment, ...] = Field(
        default=(), title="modifications", description="In order of date."
    )
    claims: tuple[Claim, ...] = Field(
        default=(), title="demandes de remboursement", max_length=5_000
    )
    termination: Termination | None = Field(default=None, title="résiliation")
    completed_on: Day | None = Field(
        default=None,
        title="achevé le",
        description="Every claim is approved by then; what was held back becomes payable and the "
        "rest of the commitment is released.",
    )


# ── the year's plan ─────────────────────────────────────────────────────────────────────────


class PlanLine(Part):
    """An amount that the plan expects beyond what is signed."""

    kind: Literal["new-business", "operations", "operations-funding", "other-revenue"] = Field(
        title="genre",
        description="new-business: commitments expected under a programme; operations: our own "
        "spending; operations-funding: what a funder gives for it; other-revenue: fees, interest.",
    )
    code: Code = Field(
        title="code",
        description="new-business: a pocket of the programme, or MATCH for the participants' own "
        "money; operations-funding: a funder agreement; otherwise any code, e.g. MEMBERSHIPS.",
    )
    programme: Code | None = Field(
        default=None, title="programme", description="For new-business only, and always there."
    )
    quarter: Quarter = Field(title="trimestre", description="A quarter of the plan's year.")
    cents: SomeCents = Field(title="montant")


class Plan(Part):
    """The board's plan for the fiscal year."""

    approved_on: Day = Field(
        title="approuvé le",
        description="The plan is what was signed at the end of that day, plus the lines.",
    )
    lines: tuple[PlanLine, ...] = Field(
        default=(),
        title="lignes",
        max_length=1_000,
        description="One per kind, code, programme and quarter.",
    )


class Actual(Part):
    """Spending on operations, or revenue other than for projects, as it happened."""

    kind: Literal["operations", "operations-funding", "other-revenue"] = Field(title="genre")
    code: Code = Field(title="code", description="As in the plan's lines.")
    cents: SomeCents = Field(title="montant")
    happened_on: Day = Field(title="date")


class Surveys(Part):
    """How participants answer the yearly surveys after completion."""

    answered_percent: Annotated[int, Field(ge=0, le=100)] = Field(
        default=80, title="réponses (%)", description="Share of surveys that are answered."
    )
    late_percent: Annotated[int, Field(ge=0, le=100)] = Field(
        default=10,
        title="réponses tardives (%)",
        description="Share of the answered ones that are answered after they are due.",
    )
    seed: Annotated[int, Field(ge=0, le=2**31)] = Field(
        default=1, title="graine", description="Decides which; the same seed, the same answers."
    )
    until: Day | None = Field(
        default=None,
        title="jusqu'au",
        description="The clock runs until then. Default: two months after the last survey is due.",
    )


class Portfolio(Part):
    """A fund's life, dated: who gives, under which rules, to whom, and what became of it."""

    fiscal_year: Annotated[int, Field(ge=2001, le=2099)] = Field(
        title="exercice",
        description="The year of the five tables: 2024 is April 2023 to March 2024.",
    )
    plan: Plan = Field(title="plan directeur")
    forecast_as_of: Day | None = Field(
        default=None,
        title="prévision au",
        description="The forecast tables are as known that day. Default: the year's last day.",
    )
    actual_as_of: Day | None = Field(
        default=None,
        title="réel au",
        description="The actual tables are as known that day. Default: the year's last day.",
    )
    funder_agreements: tuple[FunderAgreement, ...] = Field(
        title="ententes avec les bailleurs",
        min_length=1,
        max_length=50,
        description="Rows of the tables appear in order of opening, then of this list.",
    )
    programmes: tuple[Programme, ...] = Field(
        title="programmes",
        min_length=1,
        max_length=50,
        description="Rows of the tables appear in order of publication, then of this list.",
    )
    organisations: tuple[Organisation, ...] = Field(
        default=(), title="organisations", max_length=10_000
    )
    projects: tuple[Project, ...] = Field(default=(), title="projets", max_length=5_000)
    drawdowns: tuple[Drawdown, ...] = Field(
        default=(), title="réclamations aux bailleurs", max_length=5_000
    )
    actuals: tuple[Actual, ...] = Field(default=(), title="réel d'exploitation", max_length=10_000)
    surveys: Surveys = Field(default=Surveys(), title="suivi")
