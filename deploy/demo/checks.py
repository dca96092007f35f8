"""
Reading a portfolio file: everything that is wrong with it, at once, each with its place.

First the shape (the JSON Schema), then what one part says of another (codes, dates, quarters),
then the money, by playing the file on paper.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from stdnum.ca import bn

from deploy.demo.days import applied_on, claim_period, first_day, forecast_day, lapses_on
from deploy.demo.paper import Paper, Problem
from deploy.demo.portfolio import (
    Claim,
    Drawdown,
    FundingCell,
    FundingChange,
    MatchCell,
    MatchChange,
    PlanLine,
    Portfolio,
    Programme,
    Project,
)
from deploy.demo.rules import SME_BELOW, objections, rule_parameters
from shared.kernel.periods import Quarter

MATCH = "MATCH"
"""Stands for the participants' own money where otherwise a pocket is named."""


class PortfolioRefused(Exception):  # a refusal is a sentence, not an error
    """The file cannot be run; ``problems`` says everything that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{p.path}: {p.reason}" for p in problems))


def schema() -> dict[str, Any]:
    """The JSON Schema of the file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Portfolio.model_json_schema(),
    }


def read(path: Path) -> Portfolio:
    """Read and check a file. Raises ``PortfolioRefused``."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PortfolioRefused(
            [Problem(path="$", reason=f"{path} cannot be read: {error.strerror}")]
        ) from error
    except UnicodeDecodeError as error:
        raise PortfolioRefused(
            [Problem(path="$", reason=f"{path} is not UTF-8 text: {error.reason}")]
        ) from error
    return parse(text)


def parse(text: str) -> Portfolio:
    """Read and check the text of a file. Raises ``PortfolioRefused``."""
    try:
        document = json.loads(text, object_pairs_hook=_no_field_twice)
    except (ValueError, RecursionError) as error:
        raise PortfolioRefused([Problem(path="$", reason=f"not JSON: {error}")]) from error
    try:
        # Dates and quarters are text in JSON: strict reading knows that only of JSON itself.
        portfolio = Portfolio.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise PortfolioRefused(
            [
                Problem(path=_json_path(each["loc"]), reason=each["msg"])
                for each in error.errors(include_url=False, include_context=False)
            ]
        ) from error
    if problems := problems_of(portfolio):
        raise PortfolioRefused(problems)
    return portfolio


def _no_field_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise ValueError(f"field {twice[0]} is given twice in one object")
    return dict(pairs)


def _json_path(location: Iterable[int | str]) -> str:
    path = "$"
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path


def problems_of(portfolio: Portfolio) -> list[Problem]:
    """Everything that is wrong with a portfolio of the right shape."""
    problems = list(_Checks(portfolio).all())
    if any(not problem.path.startswith("$.projects[") for problem in problems):
        return problems
    wrong = frozenset(int(problem.path.split("[")[1].split("]")[0]) for problem in problems)
    # Projects that are wrong in themselves cannot be played; the others still can.
    return problems + Paper(portfolio).play(without=wrong).problems


class _Checks:
    """What one part of the file says of another."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio
        self.start = first_day(portfolio)
        self.agreements = {each.code: each for each in portfolio.funder_agreements}
        self.pocket_agreement = {
            pocket.code: agreement.code
            for agreement in portfolio.funder_agreements
            for pocket in agreement.pockets
        }
        self.programmes = {each.code: each for each in portfolio.programmes}
        self.organisations = {each.code: each for each in portfolio.organisations}

    def all(self) -> Iterator[Problem]:
        """Everything, part by part."""
        yield from self._funder_agreements()
        yield from self._programmes()
        yield from self._organisations()
        yield from self._plan()
        yield from self._drawdowns()
        yield from self._actuals()
        yield from _unique("$.projects", "code", self.portfolio.projects, lambda each: each.code)
        for index, project in enumerate(self.portfolio.projects):
            yield from self._project(f"$.projects[{index}]", project)

    def _funder_agreements(self) -> Iterator[Problem]:
        agreements = self.portfolio.funder_agreements
        yield from _unique("$.funder_agreements", "code", agreements, lambda each: each.code)
        seen: set[str] = set()
        for a, agreement in enumerate(agreements):
            path = f"$.funder_agreements[{a}]"
            if agreement.code == "OTHER" or agreement.code.startswith("RECEIVABLE-"):
                yield Problem(path=f"{path}.code", reason=f"{agreement.code} is a row of its own")
            for p, pocket in enumerate(agreement.pockets):
                place = f"{path}.pockets[{p}]"
                if pocket.code == MATCH:
                    yield Problem(path=f"{place}.code", reason=f"{MATCH} is a row of its own")
                if pocket.code in seen:
                    yield Problem(
                        path=f"{place}.code", reason=f"pocket {pocket.code} is there already"
                    )
                seen.add(pocket.code)
                yield from _in_order(
                    f"{place}.changes",
                    "effective_on",
                    [agreement.opened_on, *(change.effective_on for change in pocket.changes)],
                )

    def _programmes(self) -> Iterator[Problem]:
        programmes = self.portfolio.programmes
        yield from _unique("$.programmes", "code", programmes, lambda each: each.code)
        for p, programme in enumerate(programmes):
            path = f"$.programmes[{p}]"
            if programme.phase == "OPERATIONS":
                yield Problem(path=f"{path}.phase", reason="OPERATIONS is a row of its own")
            yield from _unique(f"{path}.pockets", "code", programme.pockets, lambda each: each.code)
            for i, pocket in enumerate(programme.pockets):
                if pocket.code not in self.pocket_agreement:
                    yield Problem(
                        path=f"{path}.pockets[{i}].code",
                        reason=f"no funder agreement has a pocket {pocket.code}",
                    )
            opens, closes = programme.published_on or self.start, programme.call_closes_on
            if closes is not None and closes < opens:
                yield Problem(path=f"{path}.call_closes_on", reason=f"the call opens on {opens}")
            yield from _unique(f"{path}.rules", "name", programme.rules, lambda each: each.name)
            for i, rule in enumerate(programme.rules):
                yield from rule_parameters(f"{path}.rules[{i}]", rule)

    def _organisations(self) -> Iterator[Problem]:
        organisations = self.portfolio.organisations
        yield from _unique("$.organisations", "code", organisations, lambda each: each.code)
        yield from _unique(
            "$.organisations", "business_number", organisations, lambda each: each.business_number
        )
        for o, organisation in enumerate(organisations):
            path = f"$.organisations[{o}]"
            number = organisation.business_number
            if number.startswith("0") or not bn.is_valid(number):
                yield Problem(
                    path=f"{path}.business_number",
                    reason=f"the check digit of {number} is wrong, or it begins with 0",
                )
            if organisation.kind == "sme" and organisation.employees >= SME_BELOW:
                yield Problem(path=f"{path}.employees", reason=f"an SME has fewer than {SME_BELOW}")

    def _plan(self) -> Iterator[Problem]:
        plan = self.portfolio.plan
        if forecast_day(self.portfolio) < plan.approved_on:
            yield Problem(
                path="$.forecast_as_of" if self.portfolio.forecast_as_of else "$.plan.approved_on",
                reason="a forecast is made when the plan is approved, or later",
            )
        yield from _unique(
            "$.plan.lines",
            "code",
            plan.lines,
            lambda line: (line.kind, line.code, line.programme, line.quarter),
        )
        for index, line in enumerate(plan.lines):
            path = f"$.plan.lines[{index}]"
            if line.quarter.fiscal_year != self.portfolio.fiscal_year:
                yield Problem(
                    path=f"{path}.quarter", reason=f"the plan is for {self.portfolio.fiscal_year}"
                )
            yield from self._plan_line(path, line)

    def _plan_line(self, path: str, line: PlanLine) -> Iterator[Problem]:
        if line.kind != "new-business":
            if line.programme is not None:
                yield Problem(path=f"{path}.programme", reason="only new business has one")
            if line.kind == "operations-funding":
                yield from self._known_agreement(
                    f"{path}.code", line.code, self.portfolio.plan.approved_on
                )
            return
        programme = self.programmes.get(line.programme or "")
        if programme is None:
            yield Problem(path=f"{path}.programme", reason=f"no programme {line.programme}")
            return
        if (programme.published_on or self.start) > self.portfolio.plan.approved_on:
            yield Problem(
                path=f"{path}.programme",
                reason=f"{programme.code} is published after the plan is approved",
            )
        if line.code != MATCH and line.code not in {each.code for each in programme.pockets}:
            yield Problem(
                path=f"{path}.code",
                reason=f"{programme.code} does not draw on a pocket {line.code}",
            )
        elif line.code != MATCH:
            agreement = self.pocket_agreement.get(line.code, "")
            yield from self._known_agreement(
                f"{path}.code", agreement, self.portfolio.plan.approved_on
            )

    def _known_agreement(self, path: str, code: str, on: date) -> Iterator[Problem]:
        agreement = self.agreements.get(code)
        if agreement is None:
            yield Problem(path=path, reason=f"no funder agreement {code}")
        elif agreement.opened_on > on:
            yield Problem(path=path, reason=f"{code} opens on {agreement.opened_on}")

    def _drawdowns(self) -> Iterator[Problem]:
        for index, drawdown in enumerate(self.portfolio.drawdowns):
            path = f"$.drawdowns[{index}]"
            yield from self._known_agreement(
                f"{path}.funder_agreement", drawdown.funder_agreement, drawdown.submitted_on
            )
            yield from self._drawdown(path, drawdown)

    def _drawdown(self, path: str, drawdown: Drawdown) -> Iterator[Problem]:
        yield from _unique(f"{path}.pockets", "pocket", drawdown.pockets, lambda each: each.pocket)
        for i, amount in enumerate(drawdown.pockets):
            if self.pocket_agreement.get(amount.pocket) != drawdown.funder_agreement:
                yield Problem(
                    path=f"{path}.pockets[{i}].pocket",
                    reason=f"{drawdown.funder_agreement} has no pocket {amount.pocket}",
                )
        yield from _in_order(
            f"{path}.receipts",
            "received_on",
            [drawdown.submitted_on, *(receipt.received_on for receipt in drawdown.receipts)],
            equal=True,
        )
        claimed = sum(amount.cents for amount in drawdown.pockets)
        received = sum(receipt.cents for receipt in drawdown.receipts)
        if received > claimed:
            yield Problem(
                path=f"{path}.receipts",
                reason=f"{received} cents are received and {claimed} were claimed",
            )

    def _actuals(self) -> Iterator[Problem]:
        for index, actual in enumerate(self.portfolio.actuals):
            if actual.kind == "operations-funding":
                yield from self._known_agreement(
                    f"$.actuals[{index}].code", actual.code, actual.happened_on
                )

    # ── one project ─────────────────────────────────────────────────────────────────────

    def _project(self, path: str, project: Project) -> Iterator[Problem]:
        programme = self.programmes.get(project.programme)
        if programme is None:
            yield Problem(path=f"{path}.programme", reason=f"no programme {project.programme}")
            return
        yield from self._project_dates(path, project, programme)
        yield from self._consortium(path, project)
        yield from self._schedule(path, project, programme)
        yield from objections(path, project, programme, self.organisations)
        for index, claim in enumerate(project.claims):
            yield from _claim(f"{path}.claims[{index}]", project, claim)

    def _project_dates(
        self, path: str, project: Project, programme: Programme
    ) -> Iterator[Problem]:
        if project.ends_on < project.starts_on:
            yield Problem(path=f"{path}.ends_on", reason=f"it starts on {project.starts_on}")
        applied, opens = applied_on(project), programme.published_on or self.start
        field = "submitted_on" if project.submitted_on else "awarded_on"
        if applied < opens:
            yield Problem(path=f"{path}.{field}", reason=f"the call opens on {opens}")
        if programme.call_closes_on is not None and applied > programme.call_closes_on:
            yield Problem(
                path=f"{path}.{field}", reason=f"the call closes on {programme.call_closes_on}"
            )
        if applied > project.awarded_on:
            yield Problem(path=f"{path}.awarded_on", reason=f"it is submitted on {applied}")
        lapses, executed = lapses_on(project), project.executed_on
        if lapses <= project.awarded_on:
            yield Problem(path=f"{path}.lapses_on", reason=f"it is decided on {project.awarded_on}")
        if executed is not None:
            if project.decision == "decline":
                yield Problem(path=f"{path}.executed_on", reason="the application is declined")
            if not project.awarded_on <= executed < lapses:
                yield Problem(
                    path=f"{path}.executed_on",
                    reason=f"an agreement is executed from {project.awarded_on} on, "
                    f"and before the award lapses on {lapses}",
                )
        yield from self._after_execution(path, project)

    def _after_execution(self, path: str, project: Project) -> Iterator[Problem]:
        terminated_on = project.termination.terminated_on if project.termination else None
        if terminated_on and project.completed_on:
            yield Problem(path=f"{path}.completed_on", reason="it was terminated")
        for part, day in (
            ("termination", terminated_on),
            ("completed_on", project.completed_on),
        ):
            if day is not None and (project.executed_on is None or day < project.executed_on):
                yield Problem(path=f"{path}.{part}", reason="no agreement is executed by then")
        for part, given in (
            ("amendments", bool(project.amendments)),
            ("claims", bool(project.claims)),
        ):
            if given and project.executed_on is None:
                yield Problem(path=f"{path}.{part}", reason="no agreement is executed")
        yield from _in_order(
            f"{path}.amendments",
            "effective_on",
            [
                project.executed_on or project.awarded_on,
                *(amendment.effective_on for amendment in project.amendments),
            ],
            equal=True,
        )
        for a, amendment in enumerate(project.amendments):
            if not (amendment.ends_on or amendment.funding or amendment.match):
                yield Problem(path=f"{path}.amendments[{a}]", reason="it changes nothing")

    def _consortium(self, path: str, project: Project) -> Iterator[Problem]:
        yield from _unique(
            f"{path}.participants",
            "organisation",
            project.participants,
            lambda each: each.organisation,
        )
        for p, participant in enumerate(project.participants):
            if participant.organisation not in self.organisations:
                yield Problem(
                    path=f"{path}.participants[{p}].organisation",
                    reason=f"no organisation {participant.organisation}",
                )
        leads = sum(participant.role == "lead" for participant in project.participants)
        if leads != 1:
            yield Problem(path=f"{path}.participants", reason=f"one lead is needed, not {leads}")

    def _schedule(self, path: str, project: Project, programme: Programme) -> Iterator[Problem]:
        yield from self._funding_cells(f"{path}.funding", project.funding, project, programme)
        yield from _match_cells(f"{path}.match", project.match, project)
        outside = f"the project runs from {project.starts_on} to {project.ends_on}"
        planned = [(f"{path}.funding[{c}]", cell.quarter) for c, cell in enumerate(project.funding)]
        planned += [(f"{path}.match[{c}]", cell.quarter) for c, cell in enumerate(project.match)]
        for place, quarter in planned:
            if not _touches(quarter, project.starts_on, project.ends_on):
                yield Problem(path=f"{place}.quarter", reason=outside)
        for a, amendment in enumerate(project.amendments):
            place = f"{path}.amendments[{a}]"
            yield from self._funding_cells(
                f"{place}.funding", amendment.funding, project, programme
            )
            yield from _match_cells(f"{place}.match", amendment.match, project)

    def _funding_cells(
        self,
        path: str,
        cells: Sequence[FundingCell | FundingChange],
        project: Project,
        programme: Programme,
    ) -> Iterator[Problem]:
        pockets = {pocket.code: pocket.provinces for pocket in programme.pockets}
        yield from _unique(
            path, "quarter", cells, lambda cell: (cell.participant, cell.pocket, cell.quarter)
        )
        yield from _of_participants(path, cells, project)
        for c, cell in enumerate(cells):
            if cell.pocket not in pockets:
                yield Problem(
                    path=f"{path}[{c}].pocket",
                    reason=f"{programme.code} does not draw on a pocket {cell.pocket}",
                )
                continue
            organisation, provinces = self.organisations.get(cell.participant), pockets[cell.pocket]
            if organisation and provinces and organisation.province not in provinces:
                yield Problem(
                    path=f"{path}[{c}].pocket",
                    reason=f"{cell.pocket} is for {', '.join(provinces)}, and "
                    f"{cell.participant} is in {organisation.province}",
                )


def _match_cells(
    path: str, cells: Sequence[MatchCell | MatchChange], project: Project
) -> Iterator[Problem]:
    yield from _unique(path, "quarter", cells, lambda cell: (cell.participant, cell.quarter))
    yield from _of_participants(path, cells, project)


def _of_participants(
    path: str,
    cells: Sequence[FundingCell | FundingChange | MatchCell | MatchChange],
    project: Project,
) -> Iterator[Problem]:
    known = {participant.organisation for participant in project.participants}
    for c, cell in enumerate(cells):
        if cell.participant not in known:
            yield Problem(
                path=f"{path}[{c}].participant",
                reason=f"{cell.participant} takes no part in the project",
            )


def _claim(path: str, project: Project, claim: Claim) -> Iterator[Problem]:
    if claim.participant not in {each.organisation for each in project.participants}:
        yield Problem(
            path=f"{path}.participant", reason=f"{claim.participant} takes no part in the project"
        )
    dates = (claim.period_starts_on, claim.period_ends_on)
    if claim.quarter is not None:
        if any(dates):
            yield Problem(path=f"{path}.quarter", reason="the period is given by dates as well")
    elif None in dates:
        yield Problem(path=path, reason="it needs a quarter, or both dates of its period")
    else:
        starts_on, ends_on = claim_period(claim, project.starts_on, project.ends_on)
        if ends_on < starts_on:
            yield Problem(path=f"{path}.period_ends_on", reason=f"it starts on {starts_on}")
    if not (claim.cash_cents or claim.in_kind_cents):
        yield Problem(path=path, reason="it claims nothing")
    if project.executed_on and claim.submitted_on < project.executed_on:
        yield Problem(
            path=f"{path}.submitted_on", reason=f"the agreement is executed {project.executed_on}"
        )
    yield from _unique(
        f"{path}.forecast", "quarter", claim.forecast or (), lambda cell: cell.quarter
    )
    yield from _claim_decision(path, claim)


def _claim_decision(path: str, claim: Claim) -> Iterator[Problem]:
    accepted = {
        "accepted_cash_cents": (claim.accepted_cash_cents, claim.cash_cents),
        "accepted_in_kind_cents": (claim.accepted_in_kind_cents, claim.in_kind_cents),
    }
    for field, (cents, claimed) in accepted.items():
        if cents is not None and claim.approved_on is None:
            yield Problem(path=f"{path}.{field}", reason="the claim is not approved")
        if cents is not None and cents > claimed:
            yield Problem(path=f"{path}.{field}", reason=f"{claimed} cents are claimed")
    if claim.approved_on is None:
        if claim.payments:
            yield Problem(path=f"{path}.payments", reason="the claim is not approved")
        return
    if claim.approved_on < claim.submitted_on:
        yield Problem(path=f"{path}.approved_on", reason=f"it is submitted {claim.submitted_on}")
    before = claim.approved_on
    for n, payment in enumerate(claim.payments):
        place = f"{path}.payments[{n}]"
        if payment.paid_on < before or (n and payment.paid_on == before):
            yield Problem(path=f"{place}.paid_on", reason=f"it comes after {before}")
        if payment.returned_on is not None and payment.returned_on <= payment.paid_on:
            yield Problem(path=f"{place}.returned_on", reason=f"it is paid {payment.paid_on}")
        before = payment.returned_on or payment.paid_on


def _touches(quarter: Quarter, starts_on: date, ends_on: date) -> bool:
    return quarter.starts_on <= ends_on and starts_on <= quarter.ends_on


def _unique(path: str, field: str, items: Sequence[Any], key: Any) -> Iterator[Problem]:
    seen: set[Any] = set()
    for index, item in enumerate(items):
        value = key(item)
        if value in seen:
            shown = " ".join(map(str, value)) if isinstance(value, tuple) else value
            yield Problem(path=f"{path}[{index}].{field}", reason=f"{shown} is there already")
        seen.add(value)


def _in_order(
    path: str, field: str, days: Sequence[date], *, equal: bool = False
) -> Iterator[Problem]:
    """``days`` has one day before the first item of ``path``."""
    for index, (before, day) in enumerate(pairwise(days)):
        if day < before or (day == before and not equal):
            yield Problem(path=f"{path}[{index}].{field}", reason=f"{day} is not after {before}")
