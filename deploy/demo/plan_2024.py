"""
The built-in portfolio: the corporate plan 2023-2024 of an industry-led cluster, as a life.

Only the amounts that the plan itself fixes are written here, in thousands of dollars per quarter.
They are apportioned by largest remainder over invented projects, participants and quarters, with
seeded weights, so that the sums come out to the cent whatever the seed. Everything else (claims,
payments, drawdowns, cancellations) is made up around them, and the services add it all up.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

from deploy.demo.consortia import Directory
from deploy.demo.days import quarters_between
from deploy.demo.paper import Paper, reimbursable
from deploy.demo.portfolio import (
    Actual,
    Amendment,
    Claim,
    Drawdown,
    ForecastCell,
    FunderAgreement,
    FundingCell,
    FundingChange,
    MatchCell,
    Names,
    Participant,
    Payment,
    Plan,
    PlanLine,
    Pocket,
    PocketAmount,
    Portfolio,
    Programme,
    ProgrammePocket,
    Project,
    Receipt,
    Rule,
    Surveys,
    Termination,
)
from shared.kernel.money import split_cents
from shared.kernel.periods import Quarter

SEED = 2024
FISCAL_YEAR = 2024
APPROVED_ON = date(2023, 3, 31)
THOUSAND = 1_000_00
MILLION = 1_000 * THOUSAND

# ── what the plan fixes, in thousands of dollars by quarter of fiscal year 2024 ──────────────

ISED_P1 = (17_615, 17_540, 14_120, 13_930)
"""Public money of ISED, phase 1, of which the two below."""
ISED_P1_SME = (200, 200, 200, 200)
ISED_P1_TRAINING = (200, 200, 200, 200)
MEIE_P1 = (4_990, 2_900, 0, 0)
MATCH_P1 = 58_500
ISED_P2 = (0, 0, 2_000, 12_300)
MATCH_P2 = (0, 0, 3_400, 20_900)
ISED_PCAIS = (0, 0, 0, 3_590)
OPERATIONS = 5_649
OPERATIONS_FUNDING = (1_030, 1_030, 1_030, 1_030)
MEMBERSHIPS = (350, 350, 350, 350)
INTEREST = (45, 45, 45, 45)
RECEIVABLE = 2_400
"""Still due from ISED on 2023-03-31."""

# ── phase 1 since 2019, in thousands of dollars ───────────────────────────────────────────────

AUTHORITY_P1_PROJECTS = 205_000
AUTHORITY_P1_SME = 11_000
AUTHORITY_P1_TRAINING = 14_000
"""Together 230 M$."""
COMMITTED_P1 = 219_000
"""Of ISED, ever; 95 % of what it granted."""
CANCELLED = 60_000
"""Of that, released by cancellations."""
CLAIMED_BEFORE_CANCELLATION = 9_000
COMPLETED_ISED = 32_000
COMPLETED_MEIE = 5_000
LIVE_MEIE_BEFORE = 16_000
SME_IN_ALL = 9_000
TRAINING_IN_ALL = 12_000
INDUSTRY_P1 = 308_000
"""Match over the whole of phase 1, what cancelled projects did not spend left out."""
MATCH_PER_DOLLAR = (1_845, 1_000)
"""Industry to public money in phase 1 projects."""

# ── phase 2 and health ────────────────────────────────────────────────────────────────────────

PUBLIC_P2 = 35_000
INDUSTRY_P2 = 65_000
PUBLIC_HEALTH = 9_200
INDUSTRY_HEALTH = 10_100

IN_KIND_PER_CENT = 7

PROJECTS = "ISED-P1-PROJECTS"
MEIE = "MEIE-P1"

Role = Literal["completed", "cancelled", "live", "new"]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Projects decided at one meeting."""

    size: int
    awarded_on: date
    executed_on: date
    starts_on: date
    ends_on: tuple[date, ...]
    """One of these each, in turn."""
    terminated_on: tuple[date, ...] = ()


COMPLETED = (
    Cohort(4, date(2019, 3, 14), date(2019, 5, 15), date(2019, 7, 1), (date(2020, 9, 30),)),
    Cohort(4, date(2019, 9, 12), date(2019, 11, 15), date(2020, 1, 1), (date(2021, 3, 31),)),
    Cohort(3, date(2020, 3, 12), date(2020, 5, 15), date(2020, 7, 1), (date(2021, 9, 30),)),
    Cohort(3, date(2020, 9, 17), date(2020, 11, 15), date(2021, 1, 1), (date(2022, 3, 31),)),
)
CANCELLED_COHORTS = (
    Cohort(
        3,
        date(2020, 9, 17),
        date(2020, 11, 15),
        date(2021, 1, 1),
        (date(2022, 9, 30),),
        (date(2021, 11, 15), date(2022, 5, 15)),
    ),
    Cohort(
        3,
        date(2021, 1, 14),
        date(2021, 3, 15),
        date(2021, 4, 1),
        (date(2022, 12, 31),),
        (date(2022, 6, 15), date(2022, 11, 15)),
    ),
    Cohort(
        3,
        date(2021, 5, 13),
        date(2021, 6, 15),
        date(2021, 7, 1),
        (date(2023, 3, 31),),
        (date(2022, 12, 15), date(2023, 2, 15)),
    ),
    Cohort(
        3,
        date(2022, 1, 13),
        date(2022, 3, 15),
        date(2022, 4, 1),
        (date(2023, 9, 30),),
        (date(2023, 2, 15), date(2023, 3, 15)),
    ),
)
LIVE = (
    Cohort(
        5,
        date(2021, 5, 13),
        date(2021, 6, 15),
        date(2021, 7, 1),
        (date(2023, 6, 30), date(2023, 9, 30)),
    ),
    Cohort(
        5,
        date(2021, 9, 16),
        date(2021, 11, 15),
        date(2022, 1, 1),
        (date(2023, 9, 30), date(2023, 12, 31)),
    ),
    Cohort(
        8,
        date(2022, 1, 13),
        date(2022, 3, 15),
        date(2022, 4, 1),
        (date(2023, 12, 31), date(2024, 3, 31)),
    ),
    Cohort(
        8,
        date(2022, 5, 12),
        date(2022, 6, 15),
        date(2022, 7, 1),
        (date(2023, 12, 31), date(2024, 3, 31)),
    ),
    Cohort(8, date(2022, 9, 15), date(2022, 11, 15), date(2022, 10, 1), (date(2024, 3, 31),)),
)
MEETINGS_2024 = tuple(date(2023 + (month > 12), (month - 1) % 12 + 1, 20) for month in range(4, 16))
"""The committee meets every month of the year; the twelfth is in March 2024."""
NEW_P2 = (0, 0, 2, 3, 4, 4, 4, 3, 3, 3, 1, 1)
"""Phase 2 projects decided at each of them: 28."""


@dataclass(slots=True)
class Draft:
    """A project in the making."""

    code: str
    programme: str
    title: str
    participants: list[Participant]
    awarded_on: date
    executed_on: date | None
    starts_on: date
    ends_on: date
    role: Role
    weight: int
    shares: dict[str, int]
    """Weight of each participant."""
    submitted_on: date | None = None
    lapses_on: date | None = None
    funding: dict[tuple[str, str, Quarter], int] = field(default_factory=dict)
    match: dict[tuple[str, Quarter], int] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    amendments: list[Amendment] = field(default_factory=list)
    terminated_on: date | None = None
    completed_on: date | None = None
    quarterly: bool = True
    declined: bool = False

    @property
    def quarters(self) -> list[Quarter]:
        """All quarters of the project."""
        return quarters_between(self.starts_on, self.ends_on)

    @property
    def people(self) -> list[str]:
        """Codes of its participants."""
        return [participant.organisation for participant in self.participants]

    def public(self, person: str) -> int:
        """All public money of a participant."""
        return sum(cents for (who, _, _), cents in self.funding.items() if who == person)

    def cash_match(self, person: str) -> int:
        """All its match in cash."""
        return sum(
            cents - in_kind_part(cents) for (who, _), cents in self.match.items() if who == person
        )


def in_kind_part(match: int) -> int:
    """How much of a match is in kind."""
    return split_cents(match, [IN_KIND_PER_CENT, 100 - IN_KIND_PER_CENT])[0]


def thousands(quarters: Sequence[int]) -> list[int]:
    """Thousands of dollars in cents."""
    return [amount * THOUSAND for amount in quarters]


def apportion(total: int, weights: dict[Any, int]) -> dict[Any, int]:
    """``total`` over the keys by largest remainder; keys that get nothing are left out."""
    parts = split_cents(total, list(weights.values()))
    return {key: cents for key, cents in zip(weights, parts, strict=True) if cents}


def cost_for(amount: int, public: int, match: int, ceiling_bp: int) -> int:
    """The least cash cost of which ``amount`` is reimbursed."""

    def worth(cost: int) -> int:
        return reimbursable(cost, public=public, match=match, ceiling_bp=ceiling_bp)

    low, high = amount, amount * (public + match) // public + 2
    while low < high:
        middle = (low + high) // 2
        if worth(middle) < amount:
            low = middle + 1
        else:
            high = middle
    return low


def submission_day(period_ends_on: date) -> date:
    """Claims come in on the fifteenth, a month and a half after their period."""
    return (period_ends_on + timedelta(days=46)).replace(day=15)


def decision_day(submitted_on: date, *, late: int = 0) -> date:
    """They are approved and paid on the fifteenth of the next month, or a quarter or more later."""
    month = submitted_on.month + 1 + 3 * late
    return date(submitted_on.year + (month - 1) // 12, (month - 1) % 12 + 1, 15)


def plan_2024(seed: int = SEED) -> Portfolio:
    """The built-in portfolio; the same seed gives the same one."""
    return _Maker(seed).make()


class _Maker:
    """Makes the portfolio, cohort by cohort."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  # invented projects, not secrets
        self.directory = Directory(self.random)
        self.drafts: list[Draft] = []

    def make(self) -> Portfolio:
        completed = self._drafts("IND-P1", "completed", COMPLETED)
        cancelled = self._drafts("IND-P1", "cancelled", CANCELLED_COHORTS)
        live = self._drafts("IND-P1", "live", LIVE)
        self._fund_completed(completed)
        self._fund_cancelled(cancelled)
        for draft in completed + cancelled:
            self._claim_everything(draft)
        self._fund_live(live, completed, cancelled)
        partners = self._partners("SME-SCALE", "ISED-P1-SME", SME_IN_ALL, ISED_P1_SME)
        partners += self._partners(
            "TRAINING", "ISED-P1-TRAINING", TRAINING_IN_ALL, ISED_P1_TRAINING
        )
        for draft in partners:
            self._claim_everything(draft)
        for index, draft in enumerate(live):
            draft.quarterly = index % 3 == 0
            self._claim_over_time(draft, replanned=index % 4 == 1)
        new = self._new_projects()
        for index, draft in enumerate(new):
            draft.quarterly = index % 2 == 0
            self._claim_over_time(draft, replanned=False)
        self._what_goes_wrong(live, new)
        for draft in self.drafts:
            self._complete(draft)
        portfolio = self._portfolio()
        return portfolio.model_copy(update={"drawdowns": _drawdowns(portfolio)})

    # ── projects ────────────────────────────────────────────────────────────────────────────

    def _weight(self, sigma: float = 0.5) -> int:
        """A log-normal weight: a few large ones among many small ones."""
        return int(1_000_000 * self.random.lognormvariate(0, sigma)) + 1

    def _draft(self, programme: str, people: list[Participant], **known: Any) -> Draft:
        number = 1 + sum(draft.programme == programme for draft in self.drafts)
        draft = Draft(
            code=f"{programme}-{number:03}",
            programme=programme,
            title=self.directory.title(),
            participants=people,
            weight=self._weight(),
            shares={each.organisation: self._weight(0.35) for each in people},
            **known,
        )
        self.drafts.append(draft)
        return draft

    def _drafts(self, programme: str, role: Role, cohorts: Iterable[Cohort]) -> list[Draft]:
        drafts = []
        for cohort in cohorts:
            for index in range(cohort.size):
                draft = self._draft(
                    programme,
                    self.directory.consortium(size=self.random.choice((3, 3, 4, 4, 5))),
                    awarded_on=cohort.awarded_on,
                    executed_on=cohort.executed_on,
                    starts_on=cohort.starts_on,
                    ends_on=cohort.ends_on[index % len(cohort.ends_on)],
                    role=role,
                )
                if cohort.terminated_on:
                    draft.terminated_on = cohort.terminated_on[index % len(cohort.terminated_on)]
                drafts.append(draft)
        return drafts

    def _in_quebec(self, person: str) -> bool:
        return self.directory.organisations[person].province == "QC"

    def _fund(
        self,
        total: int,
        pocket: str,
        drafts: Iterable[Draft],
        quarters: Callable[[Draft], list[Quarter]],
    ) -> None:
        """Apportion public money of a pocket over participants and quarters."""
        weights: dict[Any, int] = {}
        for number, draft in enumerate(drafts):
            planned = quarters(draft)
            for person in draft.people:
                if pocket == MEIE and not self._in_quebec(person):
                    continue
                for quarter in planned:
                    weight = draft.weight * draft.shares[person] // len(planned) // 1_000
                    weights[number, person, quarter] = weight
        by_number = dict(enumerate(drafts))
        for (number, person, quarter), cents in apportion(total, weights).items():
            cell = (person, pocket, quarter)
            funding = by_number[number].funding
            funding[cell] = funding.get(cell, 0) + cents

    def _match(self, total: int, drafts: Sequence[Draft]) -> None:
        """Apportion match over participants by their public money, then over all quarters."""
        weights = {
            (number, person): draft.public(person)
            for number, draft in enumerate(drafts)
            for person in draft.people
            if draft.public(person)
        }
        for (number, person), cents in apportion(total, weights).items():
            draft = drafts[number]
            self._match_over(draft, person, cents, draft.quarters)

    def _match_over(
        self, draft: Draft, person: str, cents: int, quarters: Iterable[Quarter]
    ) -> None:
        by_quarter: dict[Quarter, int] = {}
        for quarter in quarters:
            by_quarter[quarter] = 1 + sum(
                amount
                for (who, _, when), amount in draft.funding.items()
                if who == person and when == quarter
            )
        for quarter, part in apportion(cents, by_quarter).items():
            draft.match[person, quarter] = draft.match.get((person, quarter), 0) + part

    def _fund_completed(self, drafts: list[Draft]) -> None:
        self._fund(COMPLETED_ISED * THOUSAND, PROJECTS, drafts, lambda draft: draft.quarters)
        self._fund(COMPLETED_MEIE * THOUSAND, MEIE, drafts, lambda draft: draft.quarters)
        per, dollar = MATCH_PER_DOLLAR
        self._match((COMPLETED_ISED + COMPLETED_MEIE) * per // dollar * THOUSAND, drafts)

    def _fund_cancelled(self, drafts: list[Draft]) -> None:
        """What is claimed lies in the first half-year, what is released after it."""

        def first(draft: Draft) -> list[Quarter]:
            return [quarter for quarter in draft.quarters if _half(quarter) == _half_of(draft)]

        def rest(draft: Draft) -> list[Quarter]:
            return [quarter for quarter in draft.quarters if _half(quarter) != _half_of(draft)]

        self._fund(CLAIMED_BEFORE_CANCELLATION * THOUSAND, PROJECTS, drafts, first)
        self._fund(CANCELLED * THOUSAND, PROJECTS, drafts, rest)
        per, dollar = MATCH_PER_DOLLAR
        self._match((CLAIMED_BEFORE_CANCELLATION + CANCELLED) * per // dollar * THOUSAND, drafts)

    def _fund_live(self, live: list[Draft], completed: list[Draft], cancelled: list[Draft]) -> None:
        ised = [
            whole - sme - training
            for whole, sme, training in zip(ISED_P1, ISED_P1_SME, ISED_P1_TRAINING, strict=True)
        ]
        before = (
            COMMITTED_P1
            - SME_IN_ALL
            - TRAINING_IN_ALL
            - COMPLETED_ISED
            - CANCELLED
            - CLAIMED_BEFORE_CANCELLATION
            - sum(ised)
        )
        self._fund(before * THOUSAND, PROJECTS, live, _before_the_year)
        self._fund(LIVE_MEIE_BEFORE * THOUSAND, MEIE, live, _before_the_year)
        for quarter, project_money, quebec_money in zip(
            Quarter.all_of(FISCAL_YEAR), thousands(ised), thousands(MEIE_P1), strict=True
        ):
            running = [draft for draft in live if quarter in draft.quarters]
            for total, pocket in ((project_money, PROJECTS), (quebec_money, MEIE)):
                if total:
                    self._fund(total, pocket, running, lambda _draft, at=quarter: [at])  # type: ignore[misc]
        self._match_of_live(live, completed, cancelled)

    def _match_of_live(
        self, live: list[Draft], completed: list[Draft], cancelled: list[Draft]
    ) -> None:
        """The year's match is fixed by the plan, and that of all phase 1 by what was announced."""
        year = Quarter.all_of(FISCAL_YEAR)
        in_year: dict[Any, int] = {}
        for number, draft in enumerate(live):
            for (person, _, quarter), cents in draft.funding.items():
                if quarter in year:
                    key = (number, person, quarter)
                    in_year[key] = in_year.get(key, 0) + cents
        promised: dict[tuple[int, str], int] = defaultdict(int)
        for (number, person, quarter), cents in apportion(MATCH_P1 * THOUSAND, in_year).items():
            live[number].match[person, quarter] = cents
            promised[number, person] += cents
        elsewhere = sum(sum(draft.match.values()) for draft in completed)
        elsewhere += sum(_reported(draft) for draft in cancelled)
        left = (INDUSTRY_P1 - MATCH_P1) * THOUSAND - elsewhere
        per, dollar = MATCH_PER_DOLLAR
        still_to_promise = {}
        for number, draft in enumerate(live):
            eagerness = self.random.randint(94, 110)
            for person in draft.people:
                wanted = draft.public(person) * per * eagerness // dollar // 100
                still_to_promise[number, person] = max(1, wanted - promised[number, person])
        for (number, person), cents in apportion(left, still_to_promise).items():
            self._match_over(live[number], person, cents, _before_the_year(live[number]))

    def _partners(
        self, programme: str, pocket: str, in_all: int, in_year: Sequence[int]
    ) -> list[Draft]:
        """Partners who run a programme for us: costs paid in full, no match."""
        drafts = []
        for index in range(5):
            name, kind = (
                (f"Incubator {index + 1}", "incubator")
                if programme == "SME-SCALE"
                else (f"Training Centre {index + 1}", "non-profit")
            )
            partner = self.directory.named(name, kind, self.directory.province())
            draft = self._draft(
                programme,
                [Participant(organisation=partner.code, role="lead")],
                awarded_on=date(2021, 1, 14),
                executed_on=date(2021, 3, 15),
                starts_on=date(2021, 4, 1),
                ends_on=date(2024, 3, 31),
                role="live",
            )
            draft.quarterly = False
            draft.title = (
                f"Start-ups in the cohorts of {partner.legal_name}"
                if programme == "SME-SCALE"
                else f"Custom courses by {partner.legal_name}"
            )
            drafts.append(draft)
        self._fund((in_all - sum(in_year)) * THOUSAND, pocket, drafts, _before_the_year)
        for quarter, cents in zip(Quarter.all_of(FISCAL_YEAR), thousands(in_year), strict=True):
            self._fund(cents, pocket, drafts, lambda _draft, at=quarter: [at])  # type: ignore[misc]
        return drafts

    def _new_projects(self) -> list[Draft]:
        """Phase 2 and health, decided in the year."""
        phase_2 = []
        for index, (size, awarded_on) in enumerate(zip(NEW_P2, MEETINGS_2024, strict=True)):
            starts_on = Quarter.of(awarded_on).next().starts_on
            for _ in range(size):
                last = starts_on
                for _ in range(self.random.choice((4, 4, 5, 6))):
                    last = Quarter.of(last).next().starts_on
                phase_2.append(
                    self._draft(
                        "IND-P2",
                        self.directory.consortium(size=self.random.choice((3, 3, 4))),
                        submitted_on=MEETINGS_2024[index - 1],
                        awarded_on=awarded_on,
                        executed_on=_month_later(awarded_on),
                        starts_on=starts_on,
                        ends_on=last - timedelta(days=1),
                        role="new",
                    )
                )
        self._fund(PUBLIC_P2 * THOUSAND, "ISED-P2-PROJECTS", phase_2, lambda draft: draft.quarters)
        self._match(INDUSTRY_P2 * THOUSAND, phase_2)
        return phase_2 + self._health() + self._not_signed(phase_2)

    def _health(self) -> list[Draft]:
        drafts = []
        for name in ("Boreal General", "Tidewater Children’s", "Prairie Regional", "Hôtel-Dieu"):
            home = "QC" if name.startswith("H") else self.directory.province()
            hospital = self.directory.named(f"{name} Hospital", "hospital", home)
            people = self.directory.consortium(size=3, province=home)
            people[1] = Participant(organisation=hospital.code, role="adopter")
            draft = self._draft(
                "HEALTH",
                people,
                submitted_on=date(2023, 5, 15),
                awarded_on=MEETINGS_2024[3],
                executed_on=MEETINGS_2024[5],
                starts_on=date(2023, 10, 1),
                ends_on=date(2024, 12, 31),
                role="new",
            )
            draft.title = f"AI for patient flow at {hospital.legal_name}"
            drafts.append(draft)
        self._fund(PUBLIC_HEALTH * THOUSAND, "ISED-PCAIS", drafts, lambda draft: draft.quarters)
        self._match(INDUSTRY_HEALTH * THOUSAND, drafts)
        return drafts

    def _not_signed(self, like: list[Draft]) -> list[Draft]:
        """Two that the committee declined, and one whose award lapsed."""
        drafts = []
        for number, model in enumerate((like[4], like[9], like[12])):
            draft = self._draft(
                "IND-P2",
                model.participants,
                submitted_on=model.submitted_on,
                awarded_on=model.awarded_on,
                executed_on=None,
                starts_on=model.starts_on,
                ends_on=model.ends_on,
                role="new",
            )
            draft.funding, draft.match = dict(model.funding), dict(model.match)
            draft.declined = number < 2
            if not draft.declined:
                draft.lapses_on = MEETINGS_2024[-2]
            drafts.append(draft)
        return drafts

    # ── claims ──────────────────────────────────────────────────────────────────────────────

    def _claim_everything(self, draft: Draft) -> None:
        """Claims by half-year of exactly what was planned; a cancelled project makes one."""
        halves = _periods(draft, quarterly=False)
        if draft.role == "cancelled":
            halves = halves[:1]
        for person in draft.people:
            unclaimed: list[Quarter] = []
            for quarters in halves:
                unclaimed += quarters
                planned = _planned(draft, person, unclaimed)
                if planned and (quarters is halves[-1] or not self._waits()):
                    self._claim(
                        draft, person, quarters, planned, _in_kind(draft, person, unclaimed)
                    )
                    unclaimed = []

    def _waits(self) -> bool:
        """Whether a participant leaves a claim for the next period."""
        return self.random.random() < 0.35

    def _claim_over_time(self, draft: Draft, *, replanned: bool) -> None:
        """Claims of most of what was planned; some late, some cut, some with a new forecast."""
        if draft.executed_on is None:
            return
        periods = _periods(draft, quarterly=draft.quarterly)
        for person in draft.people:
            if not draft.public(person):
                continue
            pockets = {pocket for who, pocket, _ in draft.funding if who == person}
            moved = replanned and len(pockets) == 1 and self._move_forward(draft, person)
            claimed = 0
            unclaimed: list[Quarter] = []
            for quarters in periods:
                unclaimed += quarters
                forecast_day = moved and quarters[-1] == Quarter(2023, 2)
                last = quarters is periods[-1]
                waits = not (forecast_day or last) and self._waits()
                if waits or submission_day(quarters[-1].ends_on) < draft.executed_on:
                    continue
                until = [quarter for quarter in draft.quarters if quarter <= quarters[-1]]
                due = _planned(draft, person, until) - claimed
                portion = self.random.choice((100, 100, self.random.randint(85, 99)))
                if not last:
                    portion = self.random.randint(80, 100)
                amount = due * portion // 100
                if amount <= 0:
                    continue
                late = 0
                # What is forecast is what remains when all that came before is decided.
                if not (moved and quarters[-1] <= Quarter(2023, 2)) and self.random.random() < 0.15:
                    late = self.random.choice((1, 1, 2))
                claimed += amount
                in_kind = _in_kind(draft, person, unclaimed)
                unclaimed = []
                self._claim(draft, person, quarters, amount, in_kind, late=late)
                if forecast_day:
                    self._forecast(draft, person, claimed)

    def _move_forward(self, draft: Draft, person: str) -> bool:
        """
        Sign a tenth of the year's money a quarter too early, for a forecast to put it back.

        Only for those who claim for the half-year that ends in September 2022.
        """
        (pocket,) = {pocket for who, pocket, _ in draft.funding if who == person}
        if draft.starts_on > date(2022, 7, 1):
            return False
        year = {
            quarter: draft.funding[person, pocket, quarter]
            for quarter in Quarter.all_of(FISCAL_YEAR)
            if draft.funding.get((person, pocket, quarter))
        }
        early = sum(year.values()) // 10
        if not early:
            return False
        self._promised = year
        for quarter, cents in apportion(sum(year.values()) - early, year).items():
            draft.funding[person, pocket, quarter] = cents
        cell = (person, pocket, Quarter(2023, 4))
        draft.funding[cell] = draft.funding.get(cell, 0) + early
        return True

    def _forecast(self, draft: Draft, person: str, claimed: int) -> None:
        """Say with the latest claim what is expected when: the year as the plan has it."""
        remains = draft.public(person) - claimed
        before = remains - sum(self._promised.values())
        this_year = dict(
            zip((Quarter(2023, 3), Quarter(2023, 4)), split_cents(before, [1, 1]), strict=True)
        )
        cells = tuple(
            ForecastCell(quarter=quarter, cents=cents)
            for quarter, cents in {**this_year, **self._promised}.items()
        )
        draft.claims[-1] = draft.claims[-1].model_copy(update={"forecast": cells})

    def _claim(
        self,
        draft: Draft,
        person: str,
        quarters: list[Quarter],
        amount: int,
        in_kind: int,
        *,
        late: int = 0,
    ) -> None:
        rate = 10_000 if draft.role == "live" and not draft.match else _rate(draft.programme)
        cash = cost_for(amount, draft.public(person), draft.cash_match(person), rate)
        starts_on = max(quarters[0].starts_on, draft.starts_on)
        ends_on = min(quarters[-1].ends_on, draft.ends_on)
        submitted_on = submission_day(ends_on)
        decided_on = decision_day(submitted_on, late=late)
        draft.claims.append(
            Claim(
                participant=person,
                quarter=quarters[0] if len(quarters) == 1 else None,
                period_starts_on=starts_on if len(quarters) > 1 else None,
                period_ends_on=ends_on if len(quarters) > 1 else None,
                cash_cents=cash,
                in_kind_cents=in_kind,
                submitted_on=submitted_on,
                approved_on=decided_on,
                payments=(Payment(paid_on=decided_on),),
            )
        )

    # ── what happens to projects ────────────────────────────────────────────────────────────

    def _what_goes_wrong(self, live: list[Draft], new: list[Draft]) -> None:
        """Two cancellations, an extension, costs not accepted, a payment that comes back."""
        phase_1 = next(d for d in live if d.ends_on == date(2024, 3, 31) and d.quarterly)
        _terminate(phase_1, date(2023, 11, 15))
        phase_2 = next(d for d in new if d.programme == "IND-P2" and d.awarded_on.month == 8)
        _terminate(phase_2, MEETINGS_2024[-1])
        extended = next(
            d
            for d in live
            if d.ends_on == date(2024, 3, 31) and d.quarterly and d.terminated_on is None
        )
        _extend(extended)
        for draft in live:
            for index, claim in enumerate(draft.claims):
                fine = claim.forecast is None and claim.submitted_on > APPROVED_ON
                if fine and self.random.random() < 0.05:
                    accepted = claim.cash_cents * self.random.randint(90, 97) // 100
                    draft.claims[index] = claim.model_copy(update={"accepted_cash_cents": accepted})
        returned = next(
            d
            for d in live
            if d.claims[-1].payments and d.terminated_on is None and not d.amendments
        )
        claim = returned.claims[-1]
        paid_on = claim.payments[0].paid_on
        back_on = decision_day(paid_on)
        returned.claims[-1] = claim.model_copy(
            update={
                "payments": (
                    Payment(paid_on=paid_on, returned_on=back_on),
                    Payment(paid_on=decision_day(back_on)),
                )
            }
        )

    def _complete(self, draft: Draft) -> None:
        """A project completes when its last claim is paid; holdbacks are paid that day."""
        if draft.terminated_on is not None or not draft.claims:
            return
        last = max(payment.paid_on for claim in draft.claims for payment in claim.payments)
        draft.completed_on = decision_day(last, late=0)
        while draft.completed_on.month % 3 != 2:
            draft.completed_on = decision_day(draft.completed_on)
        if _holdback(draft.programme):
            for index, claim in enumerate(draft.claims):
                draft.claims[index] = claim.model_copy(
                    update={"payments": (*claim.payments, Payment(paid_on=draft.completed_on))}
                )

    # ── the file ────────────────────────────────────────────────────────────────────────────

    def _portfolio(self) -> Portfolio:
        return Portfolio(
            fiscal_year=FISCAL_YEAR,
            plan=Plan(approved_on=APPROVED_ON, lines=tuple(self._plan_lines())),
            funder_agreements=FUNDER_AGREEMENTS,
            programmes=PROGRAMMES,
            organisations=tuple(self.directory.organisations.values()),
            projects=tuple(_project(draft) for draft in self.drafts),
            actuals=tuple(self._actuals()),
            surveys=Surveys(
                answered_percent=82, late_percent=12, seed=self.random.randrange(2**31)
            ),
        )

    def _operations(self) -> dict[str, list[int]]:
        """The year's spending on operations, by what it is for and quarter, in cents."""
        codes = {"SALARIES": 62, "PROFESSIONAL-FEES": 14, "OFFICES": 9, "EVENTS": 15}
        return {
            code: split_cents(cents, [24, 25, 25, 26])
            for code, cents in apportion(OPERATIONS * THOUSAND, codes).items()
        }

    def _plan_lines(self) -> Iterable[PlanLine]:
        quarters = Quarter.all_of(FISCAL_YEAR)

        def lines(kind: Any, code: str, cents: Sequence[int], programme: str | None = None) -> Any:
            for quarter, amount in zip(quarters, cents, strict=True):
                if amount:
                    yield PlanLine(
                        kind=kind, code=code, programme=programme, quarter=quarter, cents=amount
                    )

        yield from lines("new-business", "ISED-P2-PROJECTS", thousands(ISED_P2), "IND-P2")
        yield from lines("new-business", "MATCH", thousands(MATCH_P2), "IND-P2")
        yield from lines("new-business", "ISED-PCAIS", thousands(ISED_PCAIS), "HEALTH")
        for code, amounts in self._operations().items():
            yield from lines("operations", code, amounts)
        yield from lines("operations-funding", "ISED-OPERATIONS", thousands(OPERATIONS_FUNDING))
        yield from lines("other-revenue", "MEMBERSHIPS", thousands(MEMBERSHIPS))
        yield from lines("other-revenue", "INTEREST", thousands(INTEREST))

    def _actuals(self) -> Iterable[Actual]:
        days = [date(2023, 6, 15), date(2023, 9, 15), date(2023, 12, 15), date(2024, 3, 15)]

        def about(cents: int) -> int:
            return cents * self.random.randint(950, 1_035) // 1_000

        for quarter, day in enumerate(days):
            for code, amounts in self._operations().items():
                yield Actual(
                    kind="operations", code=code, cents=about(amounts[quarter]), happened_on=day
                )
            yield Actual(
                kind="operations-funding",
                code="ISED-OPERATIONS",
                cents=OPERATIONS_FUNDING[quarter] * THOUSAND,
                happened_on=day,
            )
            for code, planned in (("MEMBERSHIPS", MEMBERSHIPS), ("INTEREST", INTEREST)):
                yield Actual(
                    kind="other-revenue",
                    code=code,
                    cents=about(planned[quarter] * THOUSAND),
                    happened_on=day,
                )


# ── small parts ─────────────────────────────────────────────────────────────────────────────


def _month_later(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, day.day)


def _half(quarter: Quarter) -> tuple[int, int]:
    return quarter.fiscal_year, (quarter.number + 1) // 2


def _half_of(draft: Draft) -> tuple[int, int]:
    return _half(draft.quarters[0])


def _before_the_year(draft: Draft) -> list[Quarter]:
    return [quarter for quarter in draft.quarters if quarter.fiscal_year < FISCAL_YEAR]


def _periods(draft: Draft, *, quarterly: bool) -> list[list[Quarter]]:
    """What one claim covers: a half-year; in the plan's year, a quarter where ``quarterly``."""
    periods: list[list[Quarter]] = []
    for quarter in draft.quarters:
        alone = quarterly and quarter.fiscal_year == FISCAL_YEAR
        if periods and not alone and _half(periods[-1][-1]) == _half(quarter):
            periods[-1].append(quarter)
        else:
            periods.append([quarter])
    return periods


def _planned(draft: Draft, person: str, quarters: Iterable[Quarter]) -> int:
    wanted = set(quarters)
    return sum(
        cents
        for (who, _, quarter), cents in draft.funding.items()
        if who == person and quarter in wanted
    )


def _in_kind(draft: Draft, person: str, quarters: Iterable[Quarter]) -> int:
    return sum(in_kind_part(draft.match.get((person, quarter), 0)) for quarter in quarters)


def _reported(draft: Draft) -> int:
    """The match that a cancelled project reported: its costs less what was reimbursed."""
    reimbursed = 0
    for claim in draft.claims:
        reimbursed += reimbursable(
            claim.cash_cents,
            public=draft.public(claim.participant),
            match=draft.cash_match(claim.participant),
            ceiling_bp=_rate(draft.programme),
        )
    return sum(claim.cash_cents + claim.in_kind_cents for claim in draft.claims) - reimbursed


def _terminate(draft: Draft, on: date) -> None:
    """Only claims that were decided by then are left."""
    draft.terminated_on = on
    draft.claims = [
        claim
        for claim in draft.claims
        if claim.submitted_on <= on and claim.approved_on and claim.approved_on <= on
    ]


def _extend(draft: Draft) -> None:
    """Three months more, and half of the last quarter's money with them."""
    last, after = Quarter(2024, 4), Quarter(2025, 1)
    funding = []
    for (person, pocket, quarter), cents in draft.funding.items():
        if quarter == last:
            cell = FundingChange(
                participant=person, pocket=pocket, quarter=last, cents=-(cents // 2)
            )
            funding += [cell, cell.model_copy(update={"quarter": after, "cents": cents // 2})]
    draft.amendments.append(
        Amendment(
            kind="time-extension",
            effective_on=date(2024, 2, 15),
            ends_on=date(2024, 6, 30),
            funding=tuple(funding),
        )
    )
    # The last quarter is claimed with the extension, once.
    draft.claims = [claim for claim in draft.claims if claim.quarter != last]
    for person in draft.people:
        left = _planned(draft, person, draft.quarters)
        left -= sum(
            reimbursable(
                claim.cash_cents,
                public=draft.public(person),
                match=draft.cash_match(person),
                ceiling_bp=_rate(draft.programme),
            )
            for claim in draft.claims
            if claim.participant == person
        )
        if left <= 0:
            continue
        for quarter, amount in zip((last, after), split_cents(left, [1, 1]), strict=True):
            submitted_on = submission_day(quarter.ends_on)
            decided_on = decision_day(submitted_on)
            draft.claims.append(
                Claim(
                    participant=person,
                    quarter=quarter,
                    cash_cents=cost_for(
                        amount,
                        draft.public(person),
                        draft.cash_match(person),
                        _rate(draft.programme),
                    ),
                    submitted_on=submitted_on,
                    approved_on=decided_on,
                    payments=(Payment(paid_on=decided_on),),
                )
            )


def _project(draft: Draft) -> Project:
    return Project(
        code=draft.code,
        programme=draft.programme,
        title=draft.title,
        participants=tuple(draft.participants),
        submitted_on=draft.submitted_on,
        awarded_on=draft.awarded_on,
        decision="decline" if draft.declined else "fund",
        lapses_on=draft.lapses_on,
        executed_on=draft.executed_on,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        funding=tuple(
            FundingCell(participant=person, pocket=pocket, quarter=quarter, cents=cents)
            for (person, pocket, quarter), cents in draft.funding.items()
        ),
        match=tuple(
            MatchCell(
                participant=person,
                quarter=quarter,
                cash_cents=cents - in_kind_part(cents),
                in_kind_cents=in_kind_part(cents),
            )
            for (person, quarter), cents in draft.match.items()
        ),
        amendments=tuple(draft.amendments),
        claims=tuple(draft.claims),
        termination=Termination(terminated_on=draft.terminated_on) if draft.terminated_on else None,
        completed_on=draft.completed_on,
    )


def _drawdowns(portfolio: Portfolio) -> tuple[Drawdown, ...]:
    """What was paid from each funder's pockets is claimed from it that day, and comes in later."""
    agreement_of = {
        pocket.code: agreement.code
        for agreement in portfolio.funder_agreements
        for pocket in agreement.pockets
    }
    paid: dict[tuple[date, str], dict[str, int]] = {}
    carried: dict[str, int] = defaultdict(int)
    for day, pocket, cents in Paper(portfolio).play().paid:
        row = paid.setdefault((day, agreement_of[pocket]), defaultdict(int))
        row[pocket] += cents
    claimed: list[tuple[date, str, tuple[PocketAmount, ...]]] = []
    for (day, agreement), pockets in sorted(paid.items()):
        amounts = []
        for pocket in sorted(pockets):
            carried[pocket] += pockets[pocket]
            if carried[pocket] > 0:
                amounts.append(PocketAmount(pocket=pocket, cents=carried.pop(pocket)))
        if amounts:
            claimed.append((day, agreement, tuple(amounts)))
    owed = _owed_at_year_end(claimed)
    return tuple(
        Drawdown(
            funder_agreement=agreement,
            submitted_on=day,
            pockets=amounts,
            receipts=_receipts(day, sum(each.cents for each in amounts), owed.get(index, 0)),
        )
        for index, (day, agreement, amounts) in enumerate(claimed)
    )


def _owed_at_year_end(claimed: list[tuple[date, str, tuple[PocketAmount, ...]]]) -> dict[int, int]:
    """Which drawdowns the receivable is made of: the latest ones to ISED before the year."""
    left = RECEIVABLE * THOUSAND
    owed = {}
    for index, (day, agreement, amounts) in reversed(list(enumerate(claimed))):
        if agreement == "ISED-P1" and day <= APPROVED_ON and left:
            owed[index] = min(left, sum(each.cents for each in amounts))
            left -= owed[index]
    return owed


def _receipts(day: date, claimed: int, owed: int) -> tuple[Receipt, ...]:
    """Two months later, or before the year ends; what is owed then comes in May."""
    received_on = decision_day(decision_day(day))
    if day <= APPROVED_ON < received_on:
        received_on = APPROVED_ON
    receipts = []
    if claimed > owed:
        receipts.append(Receipt(received_on=received_on, cents=claimed - owed))
    if owed:
        receipts.append(Receipt(received_on=date(2023, 5, 15), cents=owed))
    return tuple(receipts)


def _rate(programme: str) -> int:
    return next(each.reimbursement_rate_bp for each in PROGRAMMES if each.code == programme)


def _holdback(programme: str) -> int:
    return next(each.holdback_bp for each in PROGRAMMES if each.code == programme)


# ── funders and programmes ──────────────────────────────────────────────────────────────────


def _funder(  # noqa: PLR0917  # a table of funders, one row each
    code: str, funder: str, opened_on: date, en: str, fr: str, pockets: dict[str, int]
) -> FunderAgreement:
    return FunderAgreement(
        code=code,
        funder=funder,
        names=Names(en=en, fr=fr),
        opened_on=opened_on,
        pockets=tuple(
            Pocket(code=pocket, authority_cents=amount * THOUSAND)
            for pocket, amount in pockets.items()
        ),
    )


FUNDER_AGREEMENTS = (
    _funder(
        "ISED-P1",
        "ISED",
        date(2019, 3, 1),
        "ISED, phase 1",
        "ISDE, phase 1",
        {
            PROJECTS: AUTHORITY_P1_PROJECTS,
            "ISED-P1-SME": AUTHORITY_P1_SME,
            "ISED-P1-TRAINING": AUTHORITY_P1_TRAINING,
        },
    ),
    _funder(
        "MEIE-P1",
        "MEIE",
        date(2019, 3, 1),
        "Québec (MEIE), phase 1",
        "MEIE du Québec, phase 1",
        {MEIE: 35_000},
    ),
    _funder(
        "ISED-P2",
        "ISED",
        date(2023, 3, 15),
        "ISED, phase 2",
        "ISDE, phase 2",
        {"ISED-P2-PROJECTS": 125_000},
    ),
    _funder(
        "ISED-PCAIS",
        "ISED",
        date(2023, 3, 15),
        "ISED, Pan-Canadian AI Strategy",
        "ISDE, Stratégie pancanadienne en matière d’IA",
        {"ISED-PCAIS": 10_000},
    ),
    _funder(
        "ISED-OPERATIONS",
        "ISED",
        date(2023, 3, 15),
        "ISED, operations and administration",
        "ISDE, opérations et administration",
        {"ISED-OPERATIONS": 25_000},
    ),
)

_CONSORTIUM = (
    Rule(name="adopter-and-ai-provider"),
    Rule(name="lead-is-incorporated-for-profit"),
    Rule(name="minimum-participants", at_least=2),
    Rule(name="minimum-smes", at_least=1),
    Rule(name="in-kind-share", at_most_bp=2_500),
)

PROGRAMMES = (
    Programme(
        code="IND-P1",
        names=Names(en="Industry-led projects, phase 1", fr="Projets de l’industrie, phase 1"),
        phase="P1",
        pockets=(
            ProgrammePocket(code=PROJECTS),
            ProgrammePocket(code=MEIE, provinces=("QC",)),
        ),
        reimbursement_rate_bp=4_000,
        claim_frequency="semi-annual",
        rules=_CONSORTIUM,
        published_on=date(2019, 3, 1),
    ),
    Programme(
        code="IND-P2",
        names=Names(en="Industry-led projects, phase 2", fr="Projets de l’industrie, phase 2"),
        phase="P2",
        pockets=(ProgrammePocket(code="ISED-P2-PROJECTS"),),
        reimbursement_rate_bp=4_000,
        claim_frequency="semi-annual",
        rules=_CONSORTIUM,
        published_on=date(2023, 3, 15),
    ),
    Programme(
        code="HEALTH",
        names=Names(en="AI for health care", fr="L’IA en santé"),
        phase="PCAIS",
        pockets=(ProgrammePocket(code="ISED-PCAIS"),),
        reimbursement_rate_bp=5_000,
        holdback_bp=500,
        claim_frequency="semi-annual",
        rules=(Rule(name="adopter-and-ai-provider"),),
        published_on=date(2023, 3, 27),
        call_closes_on=date(2023, 5, 15),
    ),
    Programme(
        code="SME-SCALE",
        names=Names(en="Scaling SMEs", fr="Augmentation des activités des PME"),
        phase="P1",
        pockets=(ProgrammePocket(code="ISED-P1-SME"),),
        reimbursement_rate_bp=10_000,
        claim_frequency="semi-annual",
        published_on=date(2019, 3, 1),
    ),
    Programme(
        code="TRAINING",
        names=Names(en="Training", fr="Perfectionnement de la main-d’œuvre"),
        phase="P1",
        pockets=(ProgrammePocket(code="ISED-P1-TRAINING"),),
        reimbursement_rate_bp=10_000,
        claim_frequency="semi-annual",
        published_on=date(2019, 3, 1),
    ),
)
