"""A file that cannot be run is refused, with every place and reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from deploy.demo import checks
from deploy.demo.checks import PortfolioRefused, parse, read, schema
from deploy.demo.plan_2024 import plan_2024
from tests.unit.demo.portfolios import at, changed, random_portfolio, small, without

PROJECT = "$.projects[0]"
CLAIM = f"{PROJECT}.claims[0]"


def refused(text: str) -> dict[str, str]:
    with pytest.raises(PortfolioRefused) as refusal:
        parse(text)
    return {problem.path: problem.reason for problem in refusal.value.problems}


class TestTheShape:
    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("$.fiscal_year", "2024"),
            ("$.fiscal_year", 1999),
            ("$.surprise", 1),
            ("$.plan.approved_on", "2023-02-30"),
            ("$.plan.approved_on", 19_447),
            ("$.plan.lines[0].quarter", "2024-T5"),
            ("$.plan.lines[0].cents", 0),
            ("$.plan.lines[0].cents", 1.5),
            ("$.plan.lines[0].cents", True),
            ("$.plan.lines[0].cents", "100"),
            ("$.plan.lines[0].kind", "gift"),
            ("$.programmes[0].reimbursement_rate_bp", 10_001),
            ("$.programmes[0].code", "ai"),
            ("$.organisations[0].province", "ZZ"),
            (f"{PROJECT}.title", "  "),
            (f"{PROJECT}.participants", []),
            (f"{PROJECT}.funding[0].cents", -1),
            (f"{CLAIM}.cash_cents", 10**15),
            (f"{CLAIM}.forecast", "none"),
        ],
    )
    def test_a_value_that_does_not_fit(self, path: str, value: Any) -> None:
        """A value of the wrong kind or out of bounds is refused at its place."""
        assert any(place.startswith(path) for place in refused(changed(path, value)))

    @pytest.mark.parametrize(
        "path", ["$.plan", "$.programmes", f"{PROJECT}.awarded_on", f"{CLAIM}.cash_cents"]
    )
    def test_a_part_that_is_missing(self, path: str) -> None:
        """A part that must be there is asked for at its place."""
        assert path in refused(without(path))

    @pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", '{"a": NaN}', "[" * 100_000])
    def test_something_else_than_a_portfolio(self, text: str) -> None:
        """Whatever is not a JSON object of this shape is refused at the top."""
        assert any(path.startswith("$") for path in refused(text))

    def test_a_field_given_twice(self) -> None:
        """A field that is given twice is refused: nobody knows which one counts."""
        text = json.dumps(small()).replace(
            '"fiscal_year": 2024', '"fiscal_year": 2024, "fiscal_year": 2025'
        )
        assert "fiscal_year is given twice" in refused(text)["$"]

    @pytest.mark.parametrize("content", [b"\xff\xfe{}", None])
    def test_a_file_that_cannot_be_read(self, tmp_path: Path, content: bytes | None) -> None:
        """A file that is not there, or is not text, is refused by its name."""
        file = tmp_path / "portfolio.json"
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(PortfolioRefused, match=r"portfolio\.json"):
            read(file)


REFUSALS: list[tuple[str, Any, str, str]] = [
    ("$.programmes[0].pockets[0].code", "GONE", "$.programmes[0].pockets[0].code", "no funder"),
    ("$.programmes[0].pockets[1].code", "FED", "$.programmes[0].pockets[1].code", "already"),
    ("$.programmes[0].phase", "OPERATIONS", "$.programmes[0].phase", "row of its own"),
    ("$.funder_agreements[1].code", "FED-1", "$.funder_agreements[1].code", "already"),
    ("$.funder_agreements[1].code", "OTHER", "$.funder_agreements[1].code", "row of its own"),
    (
        "$.funder_agreements[1].pockets[0].code",
        "MATCH",
        "$.funder_agreements[1].pockets[0].code",
        "row of its own",
    ),
    (
        "$.funder_agreements[0].pockets[0].changes",
        [{"effective_on": "2022-01-10", "authority_cents": 1}],
        "$.funder_agreements[0].pockets[0].changes[0].effective_on",
        "not after",
    ),
    (
        "$.funder_agreements[0].pockets[0].changes",
        [{"effective_on": "2022-12-01", "authority_cents": 1}],
        "$.funder_agreements[0].pockets[0].changes[0].authority_cents",
        "are promised that day",
    ),
    (
        "$.funder_agreements[0].pockets[0].authority_cents",
        1_000_00,
        f"{PROJECT}.funding",
        "are left on 2022-09-15",
    ),
    ("$.funder_agreements[1].opened_on", "2022-12-01", f"{PROJECT}.funding", "is not open"),
    ("$.organisations[0].business_number", "123456789", "$.organisations[0].business_number", ""),
    ("$.organisations[1].business_number", "123026635", "$.organisations[1].business_number", ""),
    ("$.organisations[0].employees", 500, "$.organisations[0].employees", "fewer than 500"),
    ("$.plan.lines[0].code", "GONE", "$.plan.lines[0].code", "does not draw on"),
    ("$.plan.lines[0].programme", "GONE", "$.plan.lines[0].programme", "no programme"),
    ("$.plan.lines[1].programme", "AI", "$.plan.lines[1].programme", "only new business"),
    ("$.plan.lines[0].quarter", "2025-T1", "$.plan.lines[0].quarter", "the plan is for 2024"),
    ("$.plan.lines[2].code", "GONE", "$.plan.lines[2].code", "no funder agreement"),
    ("$.forecast_as_of", "2023-03-30", "$.forecast_as_of", "approved"),
    ("$.drawdowns[0].funder_agreement", "QC-1", "$.drawdowns[0].pockets[0].pocket", "no pocket"),
    ("$.drawdowns[0].receipts[0].cents", 60_000_01, "$.drawdowns[0].receipts", "were claimed"),
    (
        "$.drawdowns[0].receipts[0].received_on",
        "2023-03-30",
        "$.drawdowns[0].receipts[0].received_on",
        "not after",
    ),
    (f"{PROJECT}.programme", "GONE", f"{PROJECT}.programme", "no programme"),
    (f"{PROJECT}.ends_on", "2022-09-30", f"{PROJECT}.ends_on", "it starts on"),
    (f"{PROJECT}.submitted_on", "2022-09-16", f"{PROJECT}.awarded_on", "it is submitted on"),
    (f"{PROJECT}.executed_on", "2022-09-14", f"{PROJECT}.executed_on", "from 2022-09-15 on"),
    (f"{PROJECT}.lapses_on", "2022-10-20", f"{PROJECT}.executed_on", "lapses on 2022-10-20"),
    (f"{PROJECT}.decision", "decline", f"{PROJECT}.executed_on", "declined"),
    (f"{PROJECT}.executed_on", None, f"{PROJECT}.claims", "no agreement is executed"),
    (f"{PROJECT}.participants[0].role", "adopter", f"{PROJECT}.participants", "one lead"),
    (
        f"{PROJECT}.participants[1].organisation",
        "ACME",
        f"{PROJECT}.participants[1].organisation",
        "already",
    ),
    (
        f"{PROJECT}.funding[0].participant",
        "NOBODY",
        f"{PROJECT}.funding[0].participant",
        "takes no part",
    ),
    (f"{PROJECT}.funding[0].pocket", "GONE", f"{PROJECT}.funding[0].pocket", "does not draw"),
    (f"{PROJECT}.funding[3].pocket", "QC", f"{PROJECT}.funding[3].pocket", "is in ON"),
    (f"{PROJECT}.funding[0].quarter", "2024-T3", f"{PROJECT}.funding[0].quarter", "runs from"),
    (f"{PROJECT}.funding[1].pocket", "FED", f"{PROJECT}.funding[1].quarter", "already"),
    (f"{PROJECT}.match[0].cash_cents", 0, f"{PROJECT}.funding", "5000 basis points"),
    (f"{CLAIM}.participant", "NOBODY", f"{CLAIM}.participant", "takes no part"),
    (f"{CLAIM}.quarter", None, CLAIM, "needs a quarter"),
    (f"{CLAIM}.period_ends_on", "2022-12-31", f"{CLAIM}.quarter", "by dates as well"),
    (f"{CLAIM}.cash_cents", 0, CLAIM, "claims nothing"),
    (f"{CLAIM}.submitted_on", "2022-12-30", CLAIM, "the period ends on 2022-12-31"),
    (f"{CLAIM}.submitted_on", "2022-10-19", f"{CLAIM}.submitted_on", "executed"),
    (f"{CLAIM}.approved_on", "2023-02-14", f"{CLAIM}.approved_on", "submitted"),
    (f"{CLAIM}.accepted_cash_cents", 300_000_01, f"{CLAIM}.accepted_cash_cents", "are claimed"),
    (f"{CLAIM}.payments[0].paid_on", "2023-03-14", f"{CLAIM}.payments[0].paid_on", "after"),
    (
        f"{CLAIM}.payments[0].returned_on",
        "2023-03-20",
        f"{CLAIM}.payments[0].returned_on",
        "it is paid",
    ),
    (
        f"{CLAIM}.payments",
        [{"paid_on": "2023-03-20"}, {"paid_on": "2023-04-20"}],
        f"{CLAIM}.payments[1]",
        "nothing is payable",
    ),
    (f"{PROJECT}.claims[1].quarter", "2023-T3", f"{PROJECT}.claims[1]", "overlaps"),
    (
        f"{CLAIM}.forecast",
        [{"quarter": "2024-T1", "cents": 1}],
        CLAIM,
        "the forecast adds up to 1 cents",
    ),
    (
        f"{PROJECT}.claims[2].payments",
        [{"paid_on": "2023-12-01"}],
        f"{PROJECT}.claims[2].payments",
        "not approved",
    ),
    (
        f"{PROJECT}.completed_on",
        "2023-12-01",
        f"{PROJECT}.completed_on",
        "every claim must be approved",
    ),
    (
        f"{PROJECT}.termination",
        {"terminated_on": "2022-10-19"},
        f"{PROJECT}.termination",
        "no agreement is executed by then",
    ),
    (
        f"{PROJECT}.amendments",
        [{"kind": "reprofile", "effective_on": "2022-11-01"}],
        f"{PROJECT}.amendments[0]",
        "changes nothing",
    ),
    (
        f"{PROJECT}.amendments",
        [{"kind": "time-extension", "effective_on": "2022-11-01", "ends_on": "2023-09-30"}],
        f"{PROJECT}.amendments[0]",
        "ends_on after 2023-09-30",
    ),
    (
        "$.programmes[0].rules",
        [{"name": "minimum-smes"}],
        "$.programmes[0].rules[0]",
        "needs at_least",
    ),
    (
        "$.programmes[0].rules",
        [{"name": "adopter-and-ai-provider"}],
        f"{PROJECT}.participants",
        "no adopter",
    ),
    (
        "$.programmes[0].rules",
        [{"name": "minimum-participants", "at_least": 3}],
        f"{PROJECT}.participants",
        "at least 3",
    ),
    ("$.programmes[0].call_closes_on", "2022-09-14", f"{PROJECT}.awarded_on", "the call closes"),
]


class TestWhatOnePartSaysOfAnother:
    @pytest.mark.parametrize(("path", "value", "place", "reason"), REFUSALS)
    def test_what_does_not_go_together(
        self, path: str, value: Any, place: str, reason: str
    ) -> None:
        """What contradicts another part of the file is refused at its place, with the reason."""
        found = refused(changed(path, value))
        assert reason in found.get(place, f"nothing at {place}: {found}")

    def test_everything_is_said_at_once(self) -> None:
        """Whoever mends a file learns everything that is wrong in one go."""
        portfolio = small()
        for path, value in (
            ("$.organisations[0].employees", 900),
            (f"{PROJECT}.funding[0].pocket", "GONE"),
            (f"{CLAIM}.approved_on", "2023-02-14"),
        ):
            container, key = at(portfolio, path)
            container[key] = value
        assert len(refused(json.dumps(portfolio))) == 3


class TestWhatIsAccepted:
    def test_the_small_one(self) -> None:
        """What the documentation shows is accepted as it stands."""
        assert parse(json.dumps(small())).projects[0].code == "AI-1"

    @settings(max_examples=60, deadline=None)
    @given(st.integers(min_value=0, max_value=10**6))
    def test_random_ones(self, seed: int) -> None:
        """Every legal portfolio is accepted, and fits the JSON Schema that we print."""
        portfolio = random_portfolio(seed)
        parse(json.dumps(portfolio))
        assert list(Draft202012Validator(schema()).iter_errors(portfolio)) == []

    def test_the_built_in_one(self) -> None:
        """The built-in portfolio can be written to a file, and reads as it was."""
        portfolio = plan_2024()
        assert parse(portfolio.model_dump_json()) == portfolio


class TestTheSchema:
    def test_it_is_a_schema(self) -> None:
        """What we print is a valid JSON Schema that knows every part by name."""
        Draft202012Validator.check_schema(schema())
        assert {"Project", "Claim", "Amendment", "Drawdown"} <= schema()["$defs"].keys()

    def test_every_field_is_explained(self) -> None:
        """Every field has its French term, so that a stranger can fill in the file."""
        untitled = [
            f"{name}.{field}"
            for name, part in {**schema()["$defs"], "Portfolio": schema()}.items()
            for field, about in part.get("properties", {}).items()
            if not (about.get("title") or about.get("description"))
        ]
        assert untitled == []

    @pytest.mark.parametrize(
        ("path", "value"),
        [("$.surprise", 1), ("$.fiscal_year", "2024"), (f"{PROJECT}.funding[0].cents", 0)],
    )
    def test_it_refuses_what_we_refuse(self, path: str, value: Any) -> None:
        """A validator of anybody's own refuses by our schema what we refuse."""
        document = json.loads(changed(path, value))
        assert not Draft202012Validator(schema()).is_valid(document)
        assert refused(json.dumps(document))


def test_checks_of_a_large_file_are_quick() -> None:
    """Checking says nothing twice: one problem, one line."""
    found = checks.problems_of(plan_2024(5))
    assert len({problem.path for problem in found}) == len(found)
