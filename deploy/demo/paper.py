"""
A portfolio played on paper: what each day leaves in the pockets and in every project.

It serves two ends. Whatever the services would refuse for want of money is refused before the run
starts, with its place in the file; and whoever writes a portfolio (``plan_2024``) can ask what is
payable of a claim or what was paid from a pocket. It keeps sums, not a ledger: the services work
out every balance and table on their own.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from deploy.demo.days import Happening, Step, claim_period, happenings, straddles_a_year_end
from deploy.demo.portfolio import Amendment, Claim, Portfolio, Programme, Project
from shared.kernel.money import BASIS_POINTS, split_cents
from shared.kernel.periods import Quarter

Cell = tuple[Quarter, str]
"""A planned quarter and the code of a pocket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What keeps a file from being run: where, and why."""

    path: str
    """JSON path of the value, e.g. ``$.projects[3].claims[0].submitted_on``."""
    reason: str


def reimbursable(cash_cents: int, *, public: int, match: int, ceiling_bp: int) -> int:
    """The public part of cash costs, at the contracted share and not above the ceiling."""
    costs = public + match
    if public * BASIS_POINTS > ceiling_bp * costs:
        public, costs = ceiling_bp, BASIS_POINTS
    if cash_cents == 0 or public == 0:
        return 0
    return split_cents(cash_cents, [public, costs - public])[0]


@dataclass(slots=True, kw_only=True)
class ClaimOnPaper:
    """What one claim is worth, per pocket."""

    payable: dict[str, int] = field(default_factory=dict)
    held_back: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    """Paid and not returned, over all payments."""
    last_payment: dict[str, int] = field(default_factory=dict)
    approved: bool = False


@dataclass(slots=True, kw_only=True)
class Holding:
    """What one participant of a project has."""

    cells: dict[Cell, int] = field(default_factory=dict)
    """Public money committed and not drawn."""
    public: int = 0
    """Contracted."""
    match: int = 0
    """Contracted, in cash."""
    promised: dict[Quarter, list[int]] = field(default_factory=dict)
    """Contracted match per quarter: in cash, in kind."""
    periods: list[tuple[date, date]] = field(default_factory=list)

    @property
    def committed(self) -> int:
        """What remains committed."""
        return sum(self.cells.values())


class ProjectOnPaper:
    """One project from execution on."""

    def __init__(self, project: Project, programme: Programme) -> None:
        self.project = project
        self.programme = programme
        self.ends_on = project.ends_on
        self.closed_on: date | None = None
        self.holdings: dict[str, Holding] = {
            participant.organisation: Holding() for participant in project.participants
        }
        for cell in project.funding:
            holding = self.holdings[cell.participant]
            holding.cells[cell.quarter, cell.pocket] = cell.cents
            holding.public += cell.cents
        for share in project.match:
            holding = self.holdings[share.participant]
            holding.promised[share.quarter] = [share.cash_cents, share.in_kind_cents]
            holding.match += share.cash_cents
        self.claims = [ClaimOnPaper() for _ in project.claims]
        self.submitted: set[int] = set()

    # Each method carries out one thing that happens, or yields why it cannot.

    def amend(self, amendment: Amendment) -> Iterator[str]:
        """Add the differences, if the amendment does what its kind says and leaves a schedule."""
        if self.closed_on is not None:
            yield f"the agreement closed on {self.closed_on}"
            return
        ends_on = amendment.ends_on or self.ends_on
        yield from _suits_its_kind(amendment, before=self.ends_on, after=ends_on)
        if ends_on < max([self.project.starts_on, *(end for _, end in self._periods())]):
            yield "the new end is before the project's start, or before what was claimed"
        for change in amendment.funding:
            holding = self.holdings[change.participant]
            cell = (change.quarter, change.pocket)
            before = holding.cells.get(cell, 0)
            if before + change.cents < 0:
                yield f"{change.participant} has {before} cents of {cell[1]} left in {cell[0]}"
            holding.cells[cell] = before + change.cents
            holding.public += change.cents
        for difference in amendment.match:
            holding = self.holdings[difference.participant]
            promised = holding.promised.setdefault(difference.quarter, [0, 0])
            promised[0] += difference.cash_cents
            promised[1] += difference.in_kind_cents
            holding.match += difference.cash_cents
            if min(promised) < 0:
                yield f"{difference.participant} has a negative match in {difference.quarter}"
        planned = {
            quarter
            for holding in self.holdings.values()
            for (quarter, _), cents in holding.cells.items()
            if cents
        }
        for quarter in sorted(planned):
            if quarter.starts_on > ends_on:
                yield f"money stays planned for {quarter}, after the end on {ends_on}"
        self.ends_on = ends_on

    def _periods(self) -> list[tuple[date, date]]:
        return [period for holding in self.holdings.values() for period in holding.periods]

    def submit(self, index: int, claim: Claim) -> Iterator[str]:
        """Take in a claim; its period must be free and its forecast add up."""
        self.submitted.add(index)
        if self.closed_on is not None:
            yield f"the agreement closed on {self.closed_on}"
            return
        holding = self.holdings[claim.participant]
        starts_on, ends_on = claim_period(claim, self.project.starts_on, self.ends_on)
        if starts_on > ends_on or starts_on < self.project.starts_on or ends_on > self.ends_on:
            yield f"the project runs from {self.project.starts_on} to {self.ends_on}"
            return
        if straddles_a_year_end(starts_on, ends_on):
            yield f"the period {starts_on} to {ends_on} runs across 31 March"
        elif window_of(starts_on, self.programme.claim_frequency) != window_of(
            ends_on, self.programme.claim_frequency
        ):
            yield (
                f"the period {starts_on} to {ends_on} is more than one "
                f"{self.programme.claim_frequency} period"
            )
        for other_starts, other_ends in holding.periods:
            if starts_on <= other_ends and other_starts <= ends_on:
                yield f"its period overlaps that of another claim, {other_starts} to {other_ends}"
        holding.periods.append((starts_on, ends_on))
        if claim.submitted_on < ends_on:
            yield f"the period ends on {ends_on}: the claim is not submitted before"
        if claim.forecast is not None:
            yield from self._forecast_adds_up(claim, holding, Quarter.of(ends_on))

    def _forecast_adds_up(self, claim: Claim, holding: Holding, quarter: Quarter) -> Iterator[str]:
        remains = holding.committed - self.worth(claim, holding, claim.cash_cents)
        forecast = sum(cell.cents for cell in claim.forecast or ())
        if forecast != remains:
            yield f"the forecast adds up to {forecast} cents and {remains} would remain"
        for cell in claim.forecast or ():
            if cell.quarter <= quarter:
                yield f"the forecast is for quarters after {quarter}, not {cell.quarter}"
            if cell.quarter.starts_on > self.ends_on:
                yield f"{cell.quarter} begins after the project ends on {self.ends_on}"

    def worth(self, claim: Claim, holding: Holding, cash_cents: int) -> int:
        """What is reimbursed of cash costs now, within what remains committed."""
        asked = reimbursable(
            cash_cents,
            public=holding.public,
            match=holding.match,
            ceiling_bp=self.programme.reimbursement_rate_bp,
        )
        return min(asked, self.holdings[claim.participant].committed)

    def approve(self, index: int, claim: Claim) -> Iterator[str]:
        """The claim is owed, its money drawn, and its forecast the plan."""
        if self.closed_on is not None or index not in self.submitted:
            yield "the claim is not submitted by then, or the agreement has closed"
            return
        holding = self.holdings[claim.participant]
        accepted = claim.cash_cents
        if claim.accepted_cash_cents is not None:
            accepted = claim.accepted_cash_cents
        amount = self.worth(claim, holding, accepted)
        _, ends_on = claim_period(claim, self.project.starts_on, self.ends_on)
        paper = self.claims[index]
        paper.approved = True
        drawn = dict(sorted(draw(holding.cells, Quarter.of(ends_on), amount).items()))
        if amount:
            kept = self.programme.holdback_bp
            held_back = split_cents(amount, [kept, BASIS_POINTS - kept])[0]
            parts = split_cents(held_back, list(drawn.values()))
            paper.held_back = dict(zip(drawn, parts, strict=True))
            paper.payable = {
                pocket: drawn[pocket] - held for pocket, held in paper.held_back.items()
            }
        if claim.forecast is not None:
            spread(holding.cells, {cell.quarter: cell.cents for cell in claim.forecast})

    def terminate(self, on: date) -> Iterator[str]:
        """What is committed goes; what was held back is payable."""
        if any(not self.claims[index].approved for index in self.submitted):
            yield "every claim that was submitted must be approved before"
        yield from self._close(on)
        self._release_holdbacks()

    def complete(self, on: date) -> Iterator[str]:
        """What is committed goes; what was held back is payable."""
        if not all(claim.approved for claim in self.claims):
            yield "every claim must be approved before"
        yield from self._close(on)
        self._release_holdbacks()

    def _release_holdbacks(self) -> None:
        for paper in self.claims:
            for pocket, held in paper.held_back.items():
                paper.payable[pocket] = paper.payable.get(pocket, 0) + held
            paper.held_back = {}

    def _close(self, on: date) -> Iterator[str]:
        if self.closed_on is not None:
            yield f"the agreement closed on {self.closed_on}"
        self.closed_on = on

    def released(self) -> dict[str, int]:
        """What closing gives back, per pocket."""
        gone: dict[str, int] = defaultdict(int)
        for holding in self.holdings.values():
            for (_, pocket), cents in holding.cells.items():
                gone[pocket] += cents
            holding.cells = {}
        return gone

    def pay(self, index: int) -> Iterator[str]:
        """Pay all that is payable."""
        paper = self.claims[index]
        if not paper.approved:
            yield "the claim is not approved by then"
            return
        if not any(paper.payable.values()):
            yield "nothing is payable of the claim that day"
        paper.last_payment = {pocket: cents for pocket, cents in paper.payable.items() if cents}
        for pocket, cents in paper.last_payment.items():
            paper.paid[pocket] = paper.paid.get(pocket, 0) + cents
        paper.payable = {}

    def take_back(self, index: int) -> None:
        """The last payment came back."""
        paper = self.claims[index]
        for pocket, cents in paper.last_payment.items():
            paper.paid[pocket] -= cents
            paper.payable[pocket] = paper.payable.get(pocket, 0) + cents


def _suits_its_kind(amendment: Amendment, *, before: date, after: date) -> Iterator[str]:
    """An amendment does what its kind says, and nothing else."""
    pockets: dict[str, int] = defaultdict(int)
    for change in amendment.funding:
        pockets[change.pocket] += change.cents
    cash = sum(difference.cash_cents for difference in amendment.match)
    in_kind = sum(difference.in_kind_cents for difference in amendment.match)
    moves_only = amendment.kind in {"time-extension", "reprofile"}
    if moves_only and (any(pockets.values()) or cash or in_kind):
        yield "the differences must add up to zero per pocket, and in the match"
    if amendment.kind == "time-extension" and after <= before:
        yield f"an extension has ends_on after {before}"
    if amendment.kind == "reprofile" and after != before:
        yield "only an extension, a reduction or an increase moves the end"
    if amendment.kind == "reduction" and not (any(pockets.values()) and max(pockets.values()) <= 0):
        yield "a reduction takes public money and adds none to any pocket"
    if amendment.kind == "increase" and not (any(pockets.values()) and min(pockets.values()) >= 0):
        yield "an increase adds public money and takes none from any pocket"


def draw(cells: dict[Cell, int], quarter: Quarter, amount: int) -> dict[str, int]:
    """Take ``amount`` off ``cells``: its own quarter, earlier ones, later ones; per pocket."""
    planned = sorted({when for when, _ in cells})
    order = [when for when in planned if when == quarter]
    order += [when for when in planned if when < quarter]
    order += [when for when in planned if when > quarter]
    taken: dict[str, int] = {}
    for when in order:
        row = sorted(cell for cell in cells if cell[0] == when and cells[cell])
        holds = sum(cells[cell] for cell in row)
        part = min(amount, holds)
        if not part:
            continue
        for cell, cents in zip(row, split_cents(part, [cells[c] for c in row]), strict=True):
            cells[cell] -= cents
            taken[cell[1]] = taken.get(cell[1], 0) + cents
        amount -= part
    return {pocket: taken[pocket] for pocket in sorted(taken)}


def spread(cells: dict[Cell, int], forecast: dict[Quarter, int]) -> None:
    """Plan what remains again, pocket by pocket, with the forecast as weights."""
    if not any(forecast.values()):
        return
    quarters = sorted(forecast)
    weights = [forecast[quarter] for quarter in quarters]
    remains: dict[str, int] = {}
    for (_, pocket), cents in cells.items():
        remains[pocket] = remains.get(pocket, 0) + cents
    cells.clear()
    for pocket in sorted(remains):
        for quarter, cents in zip(quarters, split_cents(remains[pocket], weights), strict=True):
            if cents:
                cells[quarter, pocket] = cents


def window_of(day: date, frequency: str) -> tuple[int, int]:
    """The month, fiscal quarter or fiscal half-year that a day is in."""
    quarter = Quarter.of(day)
    match frequency:
        case "monthly":
            return day.year, day.month
        case "quarterly":
            return quarter.fiscal_year, quarter.number
        case _:
            return quarter.fiscal_year, (quarter.number + 1) // 2


class Paper:
    """All pockets and projects, as the days go by."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio
        self.programmes = {programme.code: programme for programme in portfolio.programmes}
        self.authority: dict[str, int] = {}
        self.promised: dict[str, int] = defaultdict(int)
        """Reserved, committed, owed or paid, per pocket."""
        self.projects: dict[int, ProjectOnPaper] = {}
        self.problems: list[Problem] = []
        self.paid: list[tuple[date, str, int]] = []
        """Payments (negative: returned) by day and pocket."""

    def play(self, *, without: frozenset[int] = frozenset()) -> "Paper":
        """Play every day, leaving out projects that are wrong in themselves."""
        for happening in happenings(self.portfolio):
            in_project = happening.path.startswith("$.projects")
            if not (in_project and happening.place[0] in without):
                self._happen(happening)
        return self

    def _refuse(self, path: str, reason: str) -> None:
        self.problems.append(Problem(path=path, reason=reason))

    def _happen(self, happening: Happening) -> None:
        match happening.step:
            case Step.OPEN_POCKETS:
                agreement = self.portfolio.funder_agreements[happening.place[0]]
                for pocket in agreement.pockets:
                    self.authority[pocket.code] = pocket.authority_cents
            case Step.CHANGE_POCKETS:
                self._change_pocket(happening)
            case Step.DECIDE:
                self._decide(happening)
            case Step.LAPSE:
                for cell in self.portfolio.projects[happening.place[0]].funding:
                    self.promised[cell.pocket] -= cell.cents
            case step if Step.EXECUTE <= step <= Step.RETURN_PAYMENT:
                self._in_project(happening)
            case _:
                pass

    def _change_pocket(self, happening: Happening) -> None:
        agreement, index, change = happening.place
        pocket = self.portfolio.funder_agreements[agreement].pockets[index]
        authority = pocket.changes[change].authority_cents
        self.authority[pocket.code] = authority
        if authority < self.promised[pocket.code]:
            self._refuse(
                f"{happening.path}.authority_cents",
                f"{self.promised[pocket.code]} cents of {pocket.code} are promised that day",
            )

    def _decide(self, happening: Happening) -> None:
        project = self.portfolio.projects[happening.place[0]]
        if project.decision == "decline":
            return
        asked: dict[str, int] = defaultdict(int)
        for cell in project.funding:
            asked[cell.pocket] += cell.cents
        self._promise(f"{happening.path}.funding", happening.on, asked)

    def _promise(self, path: str, on: date, asked: dict[str, int]) -> None:
        for pocket, cents in asked.items():
            if pocket not in self.authority:
                self._refuse(path, f"pocket {pocket} is not open on {on}")
                continue
            left = self.authority[pocket] - self.promised[pocket]
            if cents > left:
                self._refuse(path, f"asks {cents} cents of {pocket}; {left} are left on {on}")
            self.promised[pocket] += cents

    def _in_project(self, happening: Happening) -> None:
        number, *rest = happening.place
        project = self.portfolio.projects[number]
        if happening.step is Step.EXECUTE:
            self.projects[number] = ProjectOnPaper(project, self.programmes[project.programme])
            return
        if number not in self.projects:
            self._refuse(happening.path, "no agreement is executed by then")
            return
        paper = self.projects[number]
        for reason in self._carry_out(happening, paper, rest):
            self._refuse(happening.path, reason)

    def _carry_out(
        self, happening: Happening, paper: ProjectOnPaper, place: list[int]
    ) -> Iterator[str]:
        project = paper.project
        match happening.step:
            case Step.AMEND:
                yield from self._amend(happening, paper, project.amendments[place[0]])
            case Step.SUBMIT_CLAIM:
                yield from paper.submit(place[0], project.claims[place[0]])
            case Step.APPROVE_CLAIM:
                yield from paper.approve(place[0], project.claims[place[0]])
            case Step.TERMINATE:
                yield from paper.terminate(happening.on)
                self._release(paper)
            case Step.COMPLETE:
                yield from paper.complete(happening.on)
                self._release(paper)
            case Step.PAY:
                yield from paper.pay(place[0])
                self._move(happening.on, paper.claims[place[0]].last_payment, 1)
            case Step.RETURN_PAYMENT:
                paper.take_back(place[0])
                self._move(happening.on, paper.claims[place[0]].last_payment, -1)
            case _:
                raise AssertionError("unreachable")

    def _amend(
        self, happening: Happening, paper: ProjectOnPaper, amendment: Amendment
    ) -> Iterator[str]:
        yield from paper.amend(amendment)
        changed: dict[str, int] = defaultdict(int)
        for change in amendment.funding:
            changed[change.pocket] += change.cents
        self._promise(f"{happening.path}.funding", happening.on, changed)

    def _move(self, on: date, paid: dict[str, int], sign: int) -> None:
        self.paid += [(on, pocket, sign * cents) for pocket, cents in paid.items()]

    def _release(self, paper: ProjectOnPaper) -> None:
        for pocket, cents in paper.released().items():
            self.promised[pocket] -= cents
