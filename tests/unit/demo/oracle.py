"""
An independent sum of the five tables, straight from a portfolio file.

It reads the JSON itself and shares no code with the services or with the demo: its own division
by largest remainder, its own quarters, its own order of the day. What it adds up is what the
published definitions say, fact by fact, in the plainest way.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

Json = dict[str, Any]
Grid = dict[tuple[str, str, str], int]


def added(one: Grid, other: Grid) -> Grid:
    """Two grids, cell by cell."""
    return {cell: one.get(cell, 0) + other.get(cell, 0) for cell in {**one, **other}}


def largest_remainder(total: int, weights: list[int]) -> list[int]:
    """Whole parts that add up; the largest fractions are rounded up, ties to the earlier."""
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [int(share) for share in exact]
    order = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts


def quarter_of(day: date) -> str:
    """The fiscal quarter of a day."""
    year = day.year + (1 if day.month > 3 else 0)
    return f"{year}-T{(day.month + 8) % 12 // 3 + 1}"


def last_day(quarter: str) -> date:
    """The last day of a quarter."""
    year, number = int(quarter[:4]), int(quarter[-1])
    return {
        1: date(year - 1, 6, 30),
        2: date(year - 1, 9, 30),
        3: date(year - 1, 12, 31),
        4: date(year, 3, 31),
    }[number]


def first_day(quarter: str) -> date:
    """The first day of a quarter."""
    end = last_day(quarter)
    return date(end.year, end.month - 2, 1)


def day(text: str) -> date:
    """A date as the file writes it."""
    return date.fromisoformat(text)


def printed(cents: int, decimals: int = 1) -> str:
    """Millions, half-up, no trailing zeros."""
    step = Decimal(10) ** -decimals
    rounded = (Decimal(abs(cents)) / 100_000_000).quantize(step, rounding=ROUND_HALF_UP)
    text = str(rounded).rstrip("0").rstrip(".") if "." in str(rounded) else str(rounded)
    return text if cents >= 0 or text == "0" else f"-{text}"


def accepted(claim: Json, what: str) -> int:
    """What was accepted, which is all that was claimed unless the file says otherwise."""
    cents = claim.get(f"accepted_{what}")
    return int(claim.get(what, 0) if cents is None else cents)


class ProjectSum:
    """One project, and where its money stands."""

    def __init__(self, project: Json, programme: Json) -> None:
        self.project = project
        self.rate_bp = programme["reimbursement_rate_bp"]
        self.ends_on = day(project["ends_on"])
        self.committed: dict[tuple[str, str, str], int] = defaultdict(int)
        self.spent: dict[tuple[str, str], int] = defaultdict(int)
        self.public: dict[str, int] = defaultdict(int)
        self.cash: dict[str, int] = defaultdict(int)
        self.promised: dict[str, int] = defaultdict(int)
        self.reported: dict[str, int] = defaultdict(int)
        self.closed = False
        for cell in project["funding"]:
            self.committed[cell["participant"], cell["quarter"], cell["pocket"]] += cell["cents"]
            self.public[cell["participant"]] += cell["cents"]
        for cell in project.get("match", []):
            self._promise(cell)

    def _promise(self, cell: Json) -> None:
        cash, in_kind = cell.get("cash_cents", 0), cell.get("in_kind_cents", 0)
        self.cash[cell["participant"]] += cash
        self.promised[cell["quarter"]] += cash + in_kind

    def amend(self, amendment: Json) -> None:
        """Add differences."""
        for cell in amendment.get("funding", []):
            self.committed[cell["participant"], cell["quarter"], cell["pocket"]] += cell["cents"]
            self.public[cell["participant"]] += cell["cents"]
        for cell in amendment.get("match", []):
            self._promise(cell)
        if amendment.get("ends_on"):
            self.ends_on = day(amendment["ends_on"])

    def period_end(self, claim: Json) -> date:
        """The last day that a claim is about."""
        if claim.get("quarter"):
            return min(last_day(claim["quarter"]), self.ends_on)
        return day(claim["period_ends_on"])

    def worth(self, claim: Json) -> int:
        """What is reimbursed of a claim as accepted, within what remains committed."""
        who = claim["participant"]
        cash = accepted(claim, "cash_cents")
        public, costs = self.public[who], self.public[who] + self.cash[who]
        if costs and Fraction(public, costs) > Fraction(self.rate_bp, 10_000):
            public, costs = self.rate_bp, 10_000
        asked = largest_remainder(cash, [public, costs - public])[0] if public else 0
        left = sum(cents for (owner, _, _), cents in self.committed.items() if owner == who)
        return min(asked, left)

    def approve(self, claim: Json, quarter: str) -> None:
        """Move money from committed to spent, and plan the rest as forecast."""
        who = claim["participant"]
        cash, in_kind = accepted(claim, "cash_cents"), accepted(claim, "in_kind_cents")
        amount = self.worth(claim)
        self._take(who, quarter, amount)
        self.reported[quarter] += cash - amount + in_kind
        forecast = {cell["quarter"]: cell["cents"] for cell in claim.get("forecast") or []}
        if sum(forecast.values()):
            self._plan_again(who, dict(sorted(forecast.items())))

    def _take(self, who: str, quarter: str, amount: int) -> None:
        mine = sorted(
            {when for (owner, when, _), cents in self.committed.items() if owner == who and cents}
        )
        order = [q for q in mine if q == quarter]
        order += [q for q in mine if q < quarter] + [q for q in mine if q > quarter]
        for when in order:
            cells = sorted(
                key for key, cents in self.committed.items() if key[:2] == (who, when) and cents
            )
            holds = [self.committed[key] for key in cells]
            part = min(amount, sum(holds))
            if part == 0:
                continue
            for key, cents in zip(cells, largest_remainder(part, holds), strict=True):
                self.committed[key] -= cents
                self.spent[key[2], quarter] += cents
            amount -= part

    def _plan_again(self, who: str, forecast: dict[str, int]) -> None:
        remains: dict[str, int] = defaultdict(int)
        for key in [key for key in self.committed if key[0] == who]:
            remains[key[2]] += self.committed.pop(key)
        for pocket, cents in remains.items():
            parts = largest_remainder(cents, list(forecast.values()))
            for quarter, part in zip(forecast, parts, strict=True):
                self.committed[who, quarter, pocket] += part

    def close(self) -> None:
        """What is committed, and what match was only promised, is gone."""
        self.closed = True
        self.committed.clear()

    def in_force(self) -> dict[tuple[str, str], int]:
        """Public money bound, per pocket and quarter."""
        cells: dict[tuple[str, str], int] = defaultdict(int)
        for (_, quarter, pocket), cents in self.committed.items():
            cells[pocket, quarter] += cents
        for cell, cents in self.spent.items():
            cells[cell] += cents
        return cells

    def match(self) -> dict[str, int]:
        """Match per quarter: as promised, and after closing as reported."""
        return self.reported if self.closed else self.promised


def projects_on(portfolio: Json, on: date) -> list[tuple[Json, ProjectSum]]:
    """Every project executed by the end of a day, with what had happened to it by then."""
    programmes = {programme["code"]: programme for programme in portfolio["programmes"]}
    found = []
    for project in portfolio.get("projects", []):
        executed = project.get("executed_on")
        if executed and day(executed) <= on:
            sums = ProjectSum(project, programmes[project["programme"]])
            live(project, sums, on)
            found.append((project, sums))
    return found


def live(project: Json, sums: ProjectSum, on: date) -> None:
    """Let happen to a project what happened to it by the end of a day."""
    periods: dict[int, str] = {}
    for when, step, index, what in sorted(facts_of(project), key=lambda fact: fact[:3]):
        if when > on:
            return
        if step == AMENDED:
            sums.amend(what)
        elif step == SUBMITTED:
            periods[index] = quarter_of(sums.period_end(what))
        elif step == APPROVED:
            sums.approve(what, periods[index])
        else:
            sums.close()


AMENDED, SUBMITTED, APPROVED, CLOSED = range(4)
"""The order within a day."""


def facts_of(project: Json) -> list[tuple[date, int, int, Any]]:
    """What happens to the money of an executed project."""
    facts: list[tuple[date, int, int, Any]] = []
    for index, amendment in enumerate(project.get("amendments", [])):
        facts.append((day(amendment["effective_on"]), AMENDED, index, amendment))
    for index, claim in enumerate(project.get("claims", [])):
        facts.append((day(claim["submitted_on"]), SUBMITTED, index, claim))
        if claim.get("approved_on"):
            facts.append((day(claim["approved_on"]), APPROVED, index, claim))
    if project.get("termination"):
        facts.append((day(project["termination"]["terminated_on"]), CLOSED, 0, None))
    if project.get("completed_on"):
        facts.append((day(project["completed_on"]), CLOSED, 0, None))
    return facts


def beginning(portfolio: Json) -> date:
    """The first day of the file."""
    days = [portfolio["plan"]["approved_on"]]
    days += [agreement["opened_on"] for agreement in portfolio["funder_agreements"]]
    days += [p["published_on"] for p in portfolio["programmes"] if p.get("published_on")]
    days += [p.get("submitted_on") or p["awarded_on"] for p in portfolio.get("projects", [])]
    days += [actual["happened_on"] for actual in portfolio.get("actuals", [])]
    return min(map(day, days))


class Tables:
    """The five tables of a portfolio on one basis."""

    def __init__(self, portfolio: Json, basis: str) -> None:
        self.portfolio, self.basis = portfolio, basis
        self.year = portfolio["fiscal_year"]
        self.quarters = [f"{self.year}-T{number}" for number in (1, 2, 3, 4)]
        approved_on = day(portfolio["plan"]["approved_on"])
        year_end = f"{self.year}-03-31"
        self.as_of = {
            "plan": approved_on,
            "forecast": day(portfolio.get("forecast_as_of") or year_end),
            "actual": day(portfolio.get("actual_as_of") or year_end),
        }[basis]
        self.new_after = approved_on
        self.agreements = sorted(portfolio["funder_agreements"], key=lambda a: a["opened_on"])
        start = beginning(portfolio).isoformat()
        self.programmes = sorted(
            portfolio["programmes"], key=lambda p: p.get("published_on") or start
        )
        self.agreement_of = {
            pocket["code"]: agreement["code"]
            for agreement in self.agreements
            for pocket in agreement["pockets"]
        }
        self._add_up()

    def _add_up(self) -> None:
        """``bound`` for tables 1 and 2, ``flow`` and ``ours`` for tables 3 to 5."""
        bound, new, spent = self._projects()
        ours = self._actuals()
        business = {
            (line["programme"], line["code"], line["quarter"]): line["cents"]
            for line in self.portfolio["plan"].get("lines", [])
            if line["kind"] == "new-business"
        }
        budget = {
            (line["kind"], line["code"], line["quarter"]): line["cents"]
            for line in self.portfolio["plan"].get("lines", [])
            if line["kind"] != "new-business"
        }
        if self.basis == "actual":
            self.bound, self.flow, self.ours = bound, spent, ours
        elif self.basis == "plan":
            self.bound = self.flow = added(bound, business)
            self.ours = added({}, budget)
        else:
            self.bound = self.flow = added(bound, self._left(business, new))
            self.ours = added(ours, self._left(budget, ours))

    def _left(self, lines: Grid, come: Grid) -> Grid:
        """What of the lines is still to come: nothing once their quarter is over."""
        return {
            cell: max(0, cents - come.get(cell, 0))
            for cell, cents in lines.items()
            if last_day(cell[2]) >= self.as_of
        }

    def _projects(self) -> tuple[Grid, Grid, Grid]:
        """Per programme, source and quarter: in force, in force since the plan, and spent."""
        bound: Grid = defaultdict(int)
        new: Grid = defaultdict(int)
        spent: Grid = defaultdict(int)
        for project, sums in projects_on(self.portfolio, self.as_of):
            programme = project["programme"]
            cells = {(programme, *cell): cents for cell, cents in sums.in_force().items()}
            for quarter, cents in sums.match().items():
                cells[programme, "MATCH", quarter] = cents
            for cell, cents in cells.items():
                bound[cell] += cents
                if day(project["executed_on"]) > self.new_after:
                    new[cell] += cents
            for (pocket, quarter), cents in sums.spent.items():
                spent[programme, pocket, quarter] += cents
        return bound, new, spent

    def _actuals(self) -> Grid:
        ours: Grid = defaultdict(int)
        for actual in self.portfolio.get("actuals", []):
            happened = day(actual["happened_on"])
            if happened <= self.as_of:
                ours[actual["kind"], actual["code"], quarter_of(happened)] += actual["cents"]
        return ours

    def _in_year(self, cells: dict[tuple[str, str], int], order: list[str]) -> list[Json]:
        rows = []
        for code in dict.fromkeys(order):
            amounts = [cells.get((code, quarter), 0) for quarter in self.quarters]
            if any(amounts):
                rows.append({"code": code, "amounts": amounts})
        return rows

    def _grid(self, pairs: Any) -> dict[tuple[str, str], int]:
        grid: dict[tuple[str, str], int] = defaultdict(int)
        for row, quarter, cents in pairs:
            grid[row, quarter] += cents
        return grid

    def receivables(self) -> dict[str, int]:
        """What each funder owed on the last day of the year before."""
        funder_of = {a["code"]: a["funder"] for a in self.agreements}
        last = min(date(self.year - 1, 3, 31), self.as_of)
        owed = dict.fromkeys((a["funder"] for a in self.agreements), 0)
        for drawdown in self.portfolio.get("drawdowns", []):
            funder = funder_of[drawdown["funder_agreement"]]
            if day(drawdown["submitted_on"]) <= last:
                owed[funder] += sum(pocket["cents"] for pocket in drawdown["pockets"])
            for receipt in drawdown.get("receipts", []):
                if day(receipt["received_on"]) <= last:
                    owed[funder] -= receipt["cents"]
        return {f"RECEIVABLE-{funder}": cents for funder, cents in owed.items() if cents}

    def rows(self) -> dict[str, list[Json]]:
        """Rows of each table, by quarter, in cents."""
        phase = {p["code"]: p["phase"] for p in self.programmes}
        public = [(p, s, q, c) for (p, s, q), c in self.flow.items() if s != "MATCH"]
        spending = [(phase[programme], q, cents) for programme, _, q, cents in public]
        funds = [(self.agreement_of[source], q, cents) for _, source, q, cents in public]
        for (kind, code, quarter), cents in self.ours.items():
            if kind == "operations":
                spending.append(("OPERATIONS", quarter, cents))
            else:
                row = code if kind == "operations-funding" else "OTHER"
                funds.append((row, quarter, cents))
        codes = [agreement["code"] for agreement in self.agreements]
        receivables = self.receivables()
        fund_grid = self._grid(funds)
        flow = dict(fund_grid)
        flow.update({(code, self.quarters[0]): cents for code, cents in receivables.items()})
        return {
            "1": self._in_year(
                self._grid((p, q, c) for (p, _, q), c in self.bound.items()),
                [programme["code"] for programme in self.programmes],
            ),
            "2": self._in_year(
                self._grid((s, q, c) for (_, s, q), c in self.bound.items()),
                [*self.agreement_of, "MATCH"],
            ),
            "3": self._in_year(self._grid(spending), [*phase.values(), "OPERATIONS"]),
            "4": self._in_year(fund_grid, [*codes, "OTHER"]),
            "5": self._in_year(flow, [*codes, "OTHER", *receivables]),
        }

    def as_json(self) -> Json:
        """As ``--json`` writes one basis."""

        def figure(cents: int, decimals: int = 1) -> Json:
            return {"cents": cents, "printed": printed(cents, decimals)}

        rows = self.rows()
        tables: Json = {}
        for number in "1234":
            tables[number] = {
                "rows": [
                    {"code": row["code"], **figure(sum(row["amounts"]))} for row in rows[number]
                ],
                "total": figure(sum(sum(row["amounts"]) for row in rows[number])),
            }
        tables["4"]["surplus"] = figure(
            tables["4"]["total"]["cents"] - tables["3"]["total"]["cents"]
        )
        finer = {
            code
            for kind, code, quarter in self.ours
            if kind == "operations-funding" and quarter in self.quarters
        }
        columns = [sum(row["amounts"][i] for row in rows["5"]) for i in range(4)]
        tables["5"] = {
            "columns": self.quarters,
            "rows": [
                {
                    "code": row["code"],
                    "cells": [
                        figure(cents, 2 if row["code"] in finer else 1) for cents in row["amounts"]
                    ],
                    "total": figure(sum(row["amounts"])),
                }
                for row in rows["5"]
            ],
            "total": {
                "cells": [figure(cents) for cents in columns],
                "total": figure(sum(columns)),
            },
        }
        return {"fiscal_year": self.year, "as_of": self.as_of.isoformat(), "tables": tables}


def five_tables(portfolio: Json) -> Json:
    """All three bases, as ``--json`` writes them."""
    return {basis: Tables(portfolio, basis).as_json() for basis in ("plan", "forecast", "actual")}


def years_later(when: date, years: int) -> date:
    """The anniversary; 29 February is kept on 28 February."""
    try:
        return when.replace(year=when.year + years)
    except ValueError:
        return (when + timedelta(days=-1)).replace(year=when.year + years)
