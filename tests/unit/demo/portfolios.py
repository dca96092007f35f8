"""
Small portfolios for tests: one written by hand, and as many random ones as there are seeds.

Random ones are legal by construction: whoever runs them expects no refusal. They are plain JSON,
and what must be known to write one (what remains committed for a forecast) is asked of the
independent sum.
"""

import json
from copy import deepcopy
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.unit.demo.oracle import (
    Json,
    ProjectSum,
    first_day,
    largest_remainder,
    last_day,
    quarter_of,
)

NUMBERS = (
    "123026635", "100000009", "100000017", "100000025", "100000033", "100000041",
    "100000058", "100000066", "100000074", "100000082",
)  # fmt: skip
"""Business numbers with the right check digit."""

SMALL: Json = {
    "fiscal_year": 2024,
    "plan": {
        "approved_on": "2023-03-31",
        "lines": [
            {
                "kind": "new-business",
                "code": "FED",
                "programme": "AI",
                "quarter": "2024-T4",
                "cents": 500_000_00,
            },
            {"kind": "operations", "code": "SALARIES", "quarter": "2024-T1", "cents": 40_000_00},
            {
                "kind": "operations-funding",
                "code": "FED-1",
                "quarter": "2024-T1",
                "cents": 30_000_00,
            },
            {"kind": "other-revenue", "code": "FEES", "quarter": "2024-T1", "cents": 10_000_00},
        ],
    },
    "funder_agreements": [
        {
            "code": "FED-1",
            "funder": "FED",
            "opened_on": "2022-01-10",
            "pockets": [{"code": "FED", "authority_cents": 5_000_000_00}],
        },
        {
            "code": "QC-1",
            "funder": "QC",
            "opened_on": "2022-01-10",
            "pockets": [{"code": "QC", "authority_cents": 1_000_000_00}],
        },
    ],
    "programmes": [
        {
            "code": "AI",
            "phase": "P1",
            "pockets": [{"code": "FED"}, {"code": "QC", "provinces": ["QC"]}],
            "reimbursement_rate_bp": 5_000,
            "holdback_bp": 1_000,
        }
    ],
    "organisations": [
        {
            "code": "ACME",
            "business_number": NUMBERS[0],
            "legal_name": "Acme inc.",
            "province": "QC",
        },
        {
            "code": "VISION",
            "business_number": NUMBERS[1],
            "legal_name": "Vision Ltd.",
            "province": "ON",
        },
    ],
    "projects": [
        {
            "code": "AI-1",
            "programme": "AI",
            "title": "Better foundries",
            "participants": [
                {"organisation": "ACME", "role": "lead"},
                {"organisation": "VISION", "role": "ai-provider"},
            ],
            "awarded_on": "2022-09-15",
            "executed_on": "2022-10-20",
            "starts_on": "2022-10-01",
            "ends_on": "2023-09-30",
            "funding": [
                {
                    "participant": "ACME",
                    "pocket": "FED",
                    "quarter": "2023-T3",
                    "cents": 100_000_00,
                },
                {"participant": "ACME", "pocket": "QC", "quarter": "2023-T3", "cents": 50_000_00},
                {
                    "participant": "ACME",
                    "pocket": "FED",
                    "quarter": "2024-T1",
                    "cents": 100_000_00,
                },
                {
                    "participant": "VISION",
                    "pocket": "FED",
                    "quarter": "2024-T2",
                    "cents": 80_000_00,
                },
            ],
            "match": [
                {"participant": "ACME", "quarter": "2023-T3", "cash_cents": 200_000_00},
                {
                    "participant": "ACME",
                    "quarter": "2024-T1",
                    "cash_cents": 150_000_00,
                    "in_kind_cents": 10_000_00,
                },
                {"participant": "VISION", "quarter": "2024-T2", "cash_cents": 90_000_00},
            ],
            "claims": [
                {
                    "participant": "ACME",
                    "quarter": "2023-T3",
                    "cash_cents": 300_000_00,
                    "submitted_on": "2023-02-15",
                    "approved_on": "2023-03-15",
                    "payments": [{"paid_on": "2023-03-20"}],
                },
                {
                    "participant": "ACME",
                    "quarter": "2024-T1",
                    "cash_cents": 150_000_00,
                    "submitted_on": "2023-08-15",
                    "approved_on": "2023-09-15",
                    "accepted_cash_cents": 140_000_00,
                },
                {
                    "participant": "VISION",
                    "quarter": "2024-T1",
                    "cash_cents": 10_000_00,
                    "submitted_on": "2023-08-15",
                },
            ],
        }
    ],
    "drawdowns": [
        {
            "funder_agreement": "FED-1",
            "submitted_on": "2023-03-31",
            "pockets": [{"pocket": "FED", "cents": 60_000_00}],
            "receipts": [{"received_on": "2023-05-01", "cents": 60_000_00}],
        }
    ],
    "actuals": [
        {
            "kind": "operations",
            "code": "SALARIES",
            "cents": 41_000_00,
            "happened_on": "2023-06-15",
        }
    ],
}
"""One project with two participants, two pockets, a backlog and a receivable."""


def small() -> Json:
    """A copy to change."""
    return deepcopy(SMALL)


def at(portfolio: Json, path: str) -> tuple[Any, Any]:
    """The container and the key that a JSON path such as ``$.projects[0].title`` names."""
    keys: list[Any] = []
    for part in path.removeprefix("$.").replace("]", "").split("."):
        name, *indices = part.split("[")
        keys += [name, *map(int, indices)]
    here: Any = portfolio
    for key in keys[:-1]:
        here = here[key]
    return here, keys[-1]


def changed(path: str, value: Any) -> str:
    """The small portfolio as text, with one value put in or replaced."""
    portfolio = small()
    container, key = at(portfolio, path)
    container[key] = value
    return json.dumps(portfolio)


def without(path: str) -> str:
    """The small portfolio as text, with one part taken out."""
    portfolio = small()
    container, key = at(portfolio, path)
    del container[key]
    return json.dumps(portfolio)


# ── random ones ─────────────────────────────────────────────────────────────────────────────


class Maker:
    """Makes one random portfolio."""

    def __init__(self, seed: int, projects: int) -> None:
        self.random = Random(seed)  # noqa: S311  # invented portfolios, not secrets
        self.year = self.random.randint(2021, 2027)
        self.start = date(self.year - 2, 4, 1)
        self.pockets = [f"POCKET-{letter}" for letter in "ABCD"[: self.random.randint(1, 4)]]
        self.portfolio: Json = {
            "fiscal_year": self.year,
            "plan": {"approved_on": self._day(date(self.year - 1, 1, 1), 180).isoformat()},
            "funder_agreements": self._funders(),
            "programmes": self._programmes(),
            "organisations": self._organisations(),
            "surveys": {"seed": seed % 1000, "until": f"{self.year + 3}-01-01"},
        }
        self.portfolio["projects"] = [self._project(number) for number in range(projects)]
        self.portfolio["plan"]["lines"] = self._lines()
        self.portfolio["actuals"] = self._actuals()
        self.portfolio["drawdowns"] = self._drawdowns()

    def _day(self, after: date, within: int) -> date:
        return after + timedelta(days=self.random.randint(0, within))

    def _cents(self, most: int = 400_000_00) -> int:
        return self.random.choice((self.random.randint(1, 999), self.random.randint(1, most)))

    def _funders(self) -> list[Json]:
        funders = []
        for number, pocket in enumerate(self.pockets):
            changes = []
            if self.random.random() < 0.3:
                day = self._day(self.start + timedelta(days=1), 300).isoformat()
                changes.append({"effective_on": day, "authority_cents": 900_000_000_00})
            funders.append(
                {
                    "code": f"AGREEMENT-{number}",
                    "funder": self.random.choice(("FED", "PROV")),
                    "opened_on": self.start.isoformat(),
                    "pockets": [
                        {"code": pocket, "authority_cents": 800_000_000_00, "changes": changes}
                    ],
                }
            )
        return funders

    def _programmes(self) -> list[Json]:
        return [
            {
                "code": f"PROGRAMME-{number}",
                "phase": f"PHASE-{self.random.randint(1, 2)}",
                "pockets": [
                    {"code": pocket}
                    for pocket in self.random.sample(
                        self.pockets, self.random.randint(1, len(self.pockets))
                    )
                ],
                "reimbursement_rate_bp": self.random.choice((3_333, 5_000, 7_500, 10_000)),
                "holdback_bp": self.random.choice((0, 0, 500, 1_000)),
                "claim_frequency": self.random.choice(("monthly", "quarterly", "semi-annual")),
                "survey_years": self.random.randint(0, 2),
            }
            for number in range(self.random.randint(1, 3))
        ]

    def _organisations(self) -> list[Json]:
        return [
            {
                "code": f"ORG-{number}",
                "business_number": business_number,
                "legal_name": f"Organisation {number}",
                "province": self.random.choice(("QC", "ON", "BC", "NS")),
            }
            for number, business_number in enumerate(NUMBERS)
        ]

    def _project(self, number: int) -> Json:
        programme = self.random.choice(self.portfolio["programmes"])
        awarded = self._day(self.start, 650)
        starts = self._day(awarded, 90)
        ends = self._day(starts + timedelta(days=100), 500)
        people = self.random.sample(self.portfolio["organisations"], self.random.randint(1, 3))
        project: Json = {
            "code": f"PROJECT-{number}",
            "programme": programme["code"],
            "title": f"Project {number}",
            "participants": [
                {"organisation": each["code"], "role": "other" if index else "lead"}
                for index, each in enumerate(people)
            ],
            "awarded_on": awarded.isoformat(),
            "starts_on": starts.isoformat(),
            "ends_on": ends.isoformat(),
            "funding": [],
            "match": [],
        }
        quarters = quarters_of(starts, ends)
        for each in people:
            self._schedule(project, each["code"], programme, quarters)
        if not project["funding"]:
            pocket, who = programme["pockets"][0]["code"], people[0]["code"]
            cell = {"participant": who, "pocket": pocket, "quarter": quarters[0], "cents": 100_000}
            project["funding"].append(cell)
            project["match"] = [m for m in project["match"] if m["participant"] != who]
            match = 100_000 * 10_000 // programme["reimbursement_rate_bp"]
            project["match"].append(
                {"participant": who, "quarter": quarters[0], "cash_cents": match}
            )
        fate = self.random.random()
        if fate < 0.06:
            project["decision"] = "decline"
        elif fate > 0.1:
            executed = self._day(awarded, 60)
            project["executed_on"] = executed.isoformat()
            self._live(project, programme, executed, starts, ends)
        return project

    def _schedule(self, project: Json, who: str, programme: Json, quarters: list[str]) -> None:
        public = 0
        for quarter in quarters:
            for pocket in programme["pockets"]:
                if self.random.random() < 0.6:
                    cents = self._cents()
                    public += cents
                    project["funding"].append(
                        {
                            "participant": who,
                            "pocket": pocket["code"],
                            "quarter": quarter,
                            "cents": cents,
                        }
                    )
        rate = programme["reimbursement_rate_bp"]
        least = -(-public * (10_000 - rate) // rate)
        cash = least + self.random.choice((0, 1, self.random.randint(0, 200_000_00)))
        weights = [self.random.randint(0, 5) for _ in quarters]
        weights[0] += 1
        for quarter, cents in zip(quarters, largest_remainder(cash, weights), strict=True):
            in_kind = self.random.choice((0, 0, 12_345))
            if cents or in_kind:
                project["match"].append(
                    {
                        "participant": who,
                        "quarter": quarter,
                        "cash_cents": cents,
                        "in_kind_cents": in_kind,
                    }
                )

    def _live(
        self, project: Json, programme: Json, executed: date, starts: date, ends: date
    ) -> None:
        """Amend, claim, pay and close, day after day, as an agreement would."""
        sums = ProjectSum(project, programme)
        claims: list[Json] = []
        last = max(executed, starts)
        spans = windows(starts, ends, programme["claim_frequency"])
        for span_starts, span_ends in spans:
            if self.random.random() < 0.25:
                continue
            submitted = self._day(max(span_ends, executed, last), 40)
            last = submitted
            for participant in project["participants"]:
                if self.random.random() < 0.6:
                    claim = self._claim(
                        sums, participant["organisation"], span_starts, span_ends, submitted
                    )
                    claims.append(claim)
                    last = max(last, date.fromisoformat(claim.get("approved_on", "2000-01-01")))
            if self.random.random() < 0.15:
                self._amend(project, sums, last, ends)
        project["claims"] = claims
        backlog = any("approved_on" not in claim for claim in claims)
        fate = self.random.random()
        if backlog or fate < 0.3:
            return
        # An amendment is effective on the day after the last claim.
        closed = self._day(last + timedelta(days=1), 60)
        if fate < 0.5:
            project["termination"] = {"terminated_on": closed.isoformat()}
            return
        project["completed_on"] = closed.isoformat()
        if programme["holdback_bp"] and self.random.random() < 0.5:
            for claim in claims:
                self._pay_holdback(claim, closed)

    def _pay_holdback(self, claim: Json, closed: date) -> None:
        """One more payment after completion, where something was held back until then."""
        paid = claim.get("payments", [])
        settled_before = all(date.fromisoformat(each["paid_on"]) < closed for each in paid)
        if claim.get("worth", 0) >= 10_000 and settled_before:
            later = self._day(closed + timedelta(days=40), 20).isoformat()
            claim["payments"] = [*paid, {"paid_on": later}]

    def _claim(self, sums: ProjectSum, who: str, starts: date, ends: date, submitted: date) -> Json:
        left = sum(cents for key, cents in sums.committed.items() if key[0] == who)
        cash = self.random.choice((0, self.random.randint(1, 300_000_00), left, 2 * left))
        cash = min(cash, 400_000_000_00)
        claim: Json = {
            "participant": who,
            "period_starts_on": starts.isoformat(),
            "period_ends_on": ends.isoformat(),
            "cash_cents": cash,
            "in_kind_cents": self.random.choice((0, 5_000)) if cash else 5_000,
            "submitted_on": submitted.isoformat(),
        }
        whole = sums.worth(claim)
        later = [q for q in quarters_of(starts, sums.ends_on) if q > quarter_of(ends)]
        if later and left > whole and self.random.random() < 0.4:
            weights = [self.random.randint(0, 3) for _ in later]
            weights[-1] += 1
            claim["forecast"] = [
                {"quarter": quarter, "cents": cents}
                for quarter, cents in zip(
                    later, largest_remainder(left - whole, weights), strict=True
                )
            ]
        if self.random.random() < 0.15:
            return claim
        if cash and self.random.random() < 0.2:
            claim["accepted_cash_cents"] = self.random.randint(0, cash)
        # Approved the same day: the next claim's forecast is about what is left after this one.
        claim["approved_on"] = submitted.isoformat()
        worth = sums.worth(claim)
        sums.approve(claim, quarter_of(ends))
        claim["worth"] = worth
        if worth >= 100 and self.random.random() < 0.7:
            paid = self._day(submitted, 30)
            claim["payments"] = [{"paid_on": paid.isoformat()}]
            if self.random.random() < 0.1:
                back = paid + timedelta(days=3)
                claim["payments"][0]["returned_on"] = back.isoformat()
                claim["payments"].append({"paid_on": (back + timedelta(days=1)).isoformat()})
        return claim

    def _amend(self, project: Json, sums: ProjectSum, on: date, ends: date) -> None:
        """Move money to the last quarter, or add some there."""
        cells = sorted(key for key, cents in sums.committed.items() if cents > 1)
        if not cells:
            return
        who, quarter, pocket = self.random.choice(cells)
        cents = self.random.randint(1, sums.committed[who, quarter, pocket])
        target = quarter_of(ends)
        add = {"participant": who, "pocket": pocket, "quarter": target, "cents": cents}
        take = {"participant": who, "pocket": pocket, "quarter": quarter, "cents": -cents}
        kind = self.random.choice(("reprofile", "increase", "reduction"))
        if kind == "reprofile" and quarter == target:
            kind = "increase"
        funding = {"reprofile": [take, add], "increase": [add], "reduction": [take]}[kind]
        amendment = {"kind": kind, "effective_on": on.isoformat(), "funding": funding}
        # Of one day, amendments come first: the claims of that day were added up already.
        amendment["effective_on"] = (on + timedelta(days=1)).isoformat()
        project.setdefault("amendments", []).append(amendment)
        sums.amend(amendment)

    def _lines(self) -> list[Json]:
        lines: dict[Any, Json] = {}
        for quarter in [f"{self.year}-T{number}" for number in (1, 2, 3, 4)]:
            for programme in self.portfolio["programmes"]:
                codes = [pocket["code"] for pocket in programme["pockets"]] + ["MATCH"]
                for code in codes:
                    line = {
                        "kind": "new-business",
                        "code": code,
                        "programme": programme["code"],
                        "quarter": quarter,
                        "cents": self._cents(),
                    }
                    lines[programme["code"], code, quarter] = line
            lines["ops", quarter] = {"kind": "operations", "code": "PAY", "quarter": quarter}
            lines["fees", quarter] = {"kind": "other-revenue", "code": "FEES", "quarter": quarter}
            lines["fund", quarter] = {
                "kind": "operations-funding",
                "code": "AGREEMENT-0",
                "quarter": quarter,
            }
        chosen = [line for line in lines.values() if self.random.random() < 0.5]
        return [{"cents": self._cents(), **line} for line in chosen]

    def _actuals(self) -> list[Json]:
        kinds = (("operations", "PAY"), ("other-revenue", "FEES"))
        kinds += (("operations-funding", "AGREEMENT-0"),)
        return [
            {
                "kind": kind,
                "code": code,
                "cents": self._cents(),
                "happened_on": self._day(self.start, 1_100).isoformat(),
            }
            for kind, code in self.random.choices(kinds, k=6)
        ]

    def _drawdowns(self) -> list[Json]:
        drawdowns = []
        for _ in range(4):
            agreement = self.random.choice(self.portfolio["funder_agreements"])
            submitted = self._day(self.start, 1_000)
            cents = self._cents()
            drawdown: Json = {
                "funder_agreement": agreement["code"],
                "submitted_on": submitted.isoformat(),
                "pockets": [{"pocket": agreement["pockets"][0]["code"], "cents": cents}],
            }
            if self.random.random() < 0.6:
                received = self._day(submitted, 120).isoformat()
                drawdown["receipts"] = [
                    {"received_on": received, "cents": self.random.randint(1, cents)}
                ]
            drawdowns.append(drawdown)
        return drawdowns


def quarters_of(starts: date, ends: date) -> list[str]:
    """The quarters that a span touches."""
    quarters = []
    while starts <= ends:
        quarters.append(quarter_of(starts))
        starts = last_day(quarters[-1]) + timedelta(days=1)
    return quarters


def windows(starts: date, ends: date, frequency: str) -> list[tuple[date, date]]:
    """The longest claim periods that a frequency allows."""
    spans: list[tuple[date, date]] = []
    for quarter in quarters_of(starts, ends):
        first, last = max(first_day(quarter), starts), min(last_day(quarter), ends)
        if frequency == "monthly":
            last = min(last, (first.replace(day=1) + timedelta(days=31)).replace(day=1))
            last = last - timedelta(days=1) if last.day == 1 and last > first else last
        same_half = (
            spans
            and frequency == "semi-annual"
            and quarter[-1] in "24"
            and quarter_of(spans[-1][1])[:4] == quarter[:4]
            and int(quarter[-1]) - int(quarter_of(spans[-1][1])[-1]) == 1
        )
        if same_half:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return spans


def random_portfolio(seed: int, projects: int = 4) -> Json:
    """The random portfolio of a seed: legal, small, and with a bit of everything."""
    portfolio = Maker(seed, projects).portfolio
    for project in portfolio["projects"]:
        for claim in project.get("claims", []):
            claim.pop("worth", None)
    return portfolio
