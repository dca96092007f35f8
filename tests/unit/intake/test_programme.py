"""Programmes are data, checked as a whole."""

from dataclasses import replace
from typing import Any

import pytest

from services.impact.domain.indicators import BY_CODE
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.claim_terms import ApprovalLevel, CategoryTerms, ClaimTerms
from services.intake.domain.definition import (
    Criterion,
    Definition,
    DefinitionNotValid,
    PocketTerms,
    problems_of,
)
from services.intake.domain.indicators import INDICATORS
from services.intake.domain.programme import (
    DECIDER,
    NothingChanged,
    ProgrammePublished,
    PublishProgramme,
)
from services.intake.domain.rules import AskedRule
from shared.kernel.money import Money
from tests.unit.intake.examples import TODAY, definition, scenario


def publish(which: Definition) -> PublishProgramme:
    return PublishProgramme(definition=which, on=TODAY, by="p1")


def published(which: Definition, version: int) -> ProgrammePublished:
    return ProgrammePublished(effective_on=TODAY, version=version, definition=which, by="p1")


class TestPublishing:
    def test_the_first_version(self) -> None:
        """The first version is number 1."""
        scenario(DECIDER, given=[], when=publish(definition), then=[published(definition, 1)])

    def test_the_next_version(self) -> None:
        """A later definition gets the next number, and the earlier one stays as it was."""
        later = replace(definition, reimbursement_rate_bp=5_000)
        scenario(
            DECIDER,
            given=[published(definition, 1)],
            when=publish(later),
            then=[published(later, 2)],
        )
        programme = DECIDER.fold([published(definition, 1), published(later, 2)])
        assert programme.version == 2
        assert programme.definition(1) == definition
        assert programme.definition(2) == later

    def test_with_problems(self) -> None:
        """A definition with a problem is not published."""
        scenario(
            DECIDER,
            given=[],
            when=publish(replace(definition, holdback_bp=10_001)),
            then=DefinitionNotValid,
        )

    def test_the_same_again(self) -> None:
        """A version that says nothing new is refused: versions count changes."""
        scenario(
            DECIDER,
            given=[published(definition, 1)],
            when=publish(definition),
            then=NothingChanged,
        )

    def test_back_to_an_earlier_version(self) -> None:
        """What an earlier version said may be said again: the one in force says something else."""
        later = replace(definition, holdback_bp=0)
        scenario(
            DECIDER,
            given=[published(definition, 1), published(later, 2)],
            when=publish(definition),
            then=[published(definition, 3)],
        )


def test_indicators_are_those_that_surveys_ask_about() -> None:
    """What a programme may name, the surveys after completion know, and the other way round."""
    assert set(INDICATORS) == set(BY_CODE)


class TestChecking:
    def test_without_problems(self) -> None:
        """The example is in order."""
        assert problems_of(definition) == []

    @pytest.mark.parametrize(
        ("changes", "problems"),
        [
            ({"code": "ind p1"}, [("code-not-valid", "code")]),
            ({"names": Bilingual(en="Yes", fr=" ")}, [("text-missing", "names.fr")]),
            ({"phase": ""}, [("text-missing", "phase")]),
            ({"reimbursement_rate_bp": 0}, [("out-of-bounds", "reimbursement_rate_bp")]),
            ({"reimbursement_rate_bp": 10_001}, [("out-of-bounds", "reimbursement_rate_bp")]),
            ({"holdback_bp": -1}, [("out-of-bounds", "holdback_bp")]),
            ({"survey_years": 11}, [("out-of-bounds", "survey_years")]),
            ({"claim_frequency": "weekly"}, [("not-among-these", "claim_frequency")]),
            ({"pockets": ()}, [("nothing-listed", "pockets")]),
            (
                {"pockets": (PocketTerms(code="A"), PocketTerms(code="A", provinces=()))},
                [("listed-twice", "pockets[1].code"), ("nothing-listed", "pockets[1].provinces")],
            ),
            (
                {"pockets": (PocketTerms(code="A"), PocketTerms(code="B", provinces=("QC", "ZZ")))},
                [("not-among-these", "pockets[1].provinces[1]")],
            ),
            (
                {
                    "pockets": (
                        PocketTerms(code="A"),
                        PocketTerms(code="B", provinces=("QC",), share_bp=6_000),
                        PocketTerms(code="C", provinces=("QC",), share_bp=6_000),
                    )
                },
                [("shares-exceed-the-whole", "pockets")],
            ),
            (
                {"pockets": (PocketTerms(code="B", provinces=("QC",), share_bp=6_000),)},
                [("no-pocket-takes-the-rest", "pockets")],
            ),
            (
                {
                    "claims": ClaimTerms(
                        categories=(CategoryTerms(category="yachts", overhead_bp=-1),),
                        sales_tax="hidden",
                        documents="never",
                        claim_due_days=0,
                        closing_requirements=("audit", "audit"),
                        approval_levels=(ApprovalLevel(role="applicant"),),
                    )
                },
                [
                    ("not-among-these", "claims.categories[0].category"),
                    ("out-of-bounds", "claims.claim_due_days"),
                    ("out-of-bounds", "claims.categories[0].overhead_bp"),
                    ("not-among-these", "claims.sales_tax"),
                    ("not-among-these", "claims.documents"),
                    ("listed-twice", "claims.closing_requirements[1]"),
                    ("not-among-these", "claims.approval_levels[0].role"),
                ],
            ),
            (
                {
                    "claims": ClaimTerms(
                        approval_levels=(
                            ApprovalLevel(role="claims-approver"),
                            ApprovalLevel(role="finance-officer", up_to=Money(1)),
                        )
                    )
                },
                [("levels-do-not-rise", "claims.approval_levels")],
            ),
            (
                {"scoring_grid": (Criterion(criterion="x", out_of=0),)},
                [("out-of-bounds", "scoring_grid[0].out_of")],
            ),
            ({"cost_categories": ()}, [("nothing-listed", "cost_categories")]),
            ({"cost_categories": ("a", "a")}, [("listed-twice", "cost_categories[1]")]),
        ],
    )
    def test_one_problem(self, changes: dict[str, Any], problems: list[tuple[str, str]]) -> None:
        """Each problem is told by its code and its field."""
        found = problems_of(replace(definition, **changes))
        assert [(problem.code, problem.field) for problem in found] == problems

    @pytest.mark.parametrize(
        ("rule", "problems"),
        [
            (("lucky-number", {}), [("not-among-these", "rules[0].name")]),
            (("call-open", {"at": 1}), [("not-among-these", "rules[0].parameters.at")]),
            (("minimum-smes", {}), [("parameter-missing", "rules[0].parameters.at_least")]),
            (
                ("minimum-smes", {"at_least": 0}),
                [("out-of-bounds", "rules[0].parameters.at_least")],
            ),
            (
                ("one-participant-share", {"at_most_bp": 10_001}),
                [("out-of-bounds", "rules[0].parameters.at_most_bp")],
            ),
            (
                ("duration-within", {"at_least_months": 18, "at_most_months": 12}),
                [("parameters-contradict", "rules[0].parameters.at_least_months")],
            ),
        ],
    )
    def test_rules(self, rule: tuple[str, dict[str, int]], problems: list[tuple[str, str]]) -> None:
        """A rule is known, and has exactly its parameters within their bounds."""
        asked = AskedRule(name=rule[0], parameters=rule[1])
        found = problems_of(replace(definition, rules=(asked,)))
        assert [(problem.code, problem.field) for problem in found] == problems

    def test_every_problem_at_once(self) -> None:
        """Whoever publishes a bad definition learns of every problem, and what is accepted."""
        bad = replace(
            definition, code="", phase="", reimbursement_rate_bp=0, cost_categories=(), rules=()
        )
        found = problems_of(bad)
        assert [problem.field for problem in found] == [
            "code",
            "phase",
            "reimbursement_rate_bp",
            "cost_categories",
        ]
        assert found[2].accepted == {"minimum": 1, "maximum": 10_000}
