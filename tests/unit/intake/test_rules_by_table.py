"""Every further rule: content, objecting, and at its bound."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from services.intake.domain.rules import RULES, AskedRule, Submission, reasons_for_refusal
from services.intake.domain.similarity import Other
from services.intake.domain.sources import GovernmentSource
from shared.kernel.money import Money
from tests.unit.intake.examples import (
    adopter,
    budget,
    consortium,
    lead,
    participant,
    provider,
    submission,
)

Objection: TypeAlias = tuple[str, str | None, object]
"""Its code, where to fix it and what would be accepted."""

LATE = datetime(2023, 6, 1, tzinfo=UTC)
CANADIAN: dict[str, Any] = {"section": "ip", "field": "plan.canadian"}
COHORT: dict[str, Any] = {"at_most_cents": 50_000_00, "section": "cohort", "field": "start_ups"}


def content(**changes: Any) -> Submission:
    """The submission that every rule is content with, changed."""
    return replace(submission, **changes)


def answering(section: str, **answers: Any) -> Submission:
    """The submission with one section answered."""
    return content(answers={section: answers})


def described(which: Any, **changes: Any) -> Submission:
    """The submission, with one participant described otherwise."""
    return content(
        participants=tuple(
            replace(each, profile=replace(each.profile, **changes)) if each is which else each
            for each in consortium
        )
    )


def source(dollars: int, **changes: Any) -> GovernmentSource:
    """What another government gives."""
    whole = GovernmentSource(
        government="provincial", programme="PRIMA", amount=Money(dollars * 100), status="confirmed"
    )
    return replace(whole, **changes)


def earlier(**changes: Any) -> Other:
    """An application of the same lead, called Robots in warehouses, before the committee."""
    return replace(
        Other(
            application_id=UUID(int=9),
            title="Robots in warehouses",
            lead_organisation_id=lead.organisation_id,
            organisations=frozenset({lead.organisation_id}),
            stage="forwarded",
        ),
        **changes,
    )


def beside(title: str, other: Other) -> Submission:
    """The submission under this title, with another one known."""
    return content(title=title, others=(other,))


university = participant("research", "200000008", kind="post-secondary", for_profit=False)
closed = content(at=LATE)
twice: Objection = ("already-submitted", "title", None)
stacked: Objection = (
    "governments-stack-too-high", "sources", {"maximum_cents": 150_000_00}
)  # fmt: skip

TABLE: list[tuple[str, dict[str, Any], Submission, list[Objection]]] = [
    # A returned application was in time once; one that opens later is early whatever happened.
    ("call-open", {}, content(at=LATE, resubmission=True), []),
    ("call-open", {}, closed, [
        ("call-closed", "call_id", {"before": "2023-05-16T03:59:00+00:00"}),
    ]),
    ("closed-to-applications", {}, submission, [("no-new-applications", "call_id", None)]),
    # Post-secondary institutions, counted.
    ("minimum-post-secondary", {"at_least": 1}, content(participants=(lead, university)), []),
    ("minimum-post-secondary", {"at_least": 1}, submission, [
        ("too-few-post-secondary", "participants", {"minimum": 1}),
    ]),
    ("minimum-post-secondary", {"at_least": 2}, content(participants=(lead, university)), [
        ("too-few-post-secondary", "participants", {"minimum": 2}),
    ]),
    # Who adopts, who leads.
    ("adopter-kind", {"kinds": ("hospital", "large")}, submission, []),
    ("adopter-kind", {"kinds": ("hospital",)}, described(adopter, kind="hospital"), []),
    ("adopter-kind", {"kinds": ("hospital",)}, described(lead, kind="hospital"), [
        ("adopter-of-another-kind", "participants", {"role": "adopter", "kind": ["hospital"]}),
    ]),
    ("kind-of-lead", {"kinds": ("sme", "start-up")}, submission, []),
    ("kind-of-lead", {"kinds": ("start-up",)}, submission, [
        ("lead-of-another-kind", "participants[0].kind", ["start-up"]),
    ]),
    ("kind-of-lead", {"kinds": ("sme",)}, described(adopter, kind="hospital"), []),
    # Each organisation itself.
    ("participants-confirmed", {}, submission, []),
    ("participants-confirmed", {}, content(unconfirmed=(adopter, provider)), [
        ("part-not-confirmed", "participants[1].confirmed", True),
        ("part-not-confirmed", "participants[2].confirmed", True),
    ]),
    ("no-organisation-on-hold", {}, content(on_hold=frozenset({UUID(int=7)})), []),
    ("no-organisation-on-hold", {}, content(on_hold=frozenset({adopter.organisation_id})), [
        ("participant-on-hold", "participants[1].organisation_id", None),
    ]),
    # Everything that governments give counts: 350 000 here, 150 000 elsewhere, of one million.
    ("stacking-limit", {"at_most_bp": 5_000}, content(
        budget=replace(budget, sources=(
            source(50_000), source(60_000, is_tax_credit=True), source(40_000, status="requested"),
        ))
    ), []),
    ("stacking-limit", {"at_most_bp": 5_000}, content(
        budget=replace(budget, sources=(source(150_000), source(0, amount=Money(1))))
    ), [stacked]),
    ("stacking-limit", {"at_most_bp": 5_000}, content(
        budget=replace(budget, other_government=Money(100_000_00), sources=(source(50_001),))
    ), [stacked]),
    # 1 020 000 in cash and in kind.
    ("size-within", {"lowest_cents": 102_000_000, "highest_cents": 102_000_000}, submission, []),
    ("size-within", {"lowest_cents": 102_000_001, "highest_cents": 10**12}, submission, [
        ("project-too-small", "costs", {"minimum_cents": 102_000_001}),
    ]),
    ("size-within", {"lowest_cents": 0, "highest_cents": 101_999_999}, submission, [
        ("project-too-large", "costs", {"maximum_cents": 101_999_999}),
    ]),
    # 350 000 asked for.
    ("requested-at-most", {"at_most_cents": 35_000_000}, submission, []),
    ("requested-at-most", {"at_most_cents": 34_999_999}, submission, [
        ("request-too-large", "requests", {"maximum_cents": 34_999_999}),
    ]),
    ("requested-at-most-for-each", COHORT, answering("cohort", start_ups=7), []),
    ("requested-at-most-for-each", COHORT, answering("cohort", start_ups=["a"] * 7), []),
    ("requested-at-most-for-each", COHORT, answering("cohort", start_ups=6), [
        ("request-too-large-for-each", "requests", {"maximum_cents": 300_000_00}),
    ]),
    ("requested-at-most-for-each", COHORT, answering("cohort", start_ups=True), [
        ("request-too-large-for-each", "requests", {"maximum_cents": 0}),
    ]),
    ("requested-at-most-for-each", COHORT, submission, [
        ("request-too-large-for-each", "requests", {"maximum_cents": 0}),
    ]),
    # The project starts on 15 April 2023.
    ("starts-by", {"latest": "2023-04-15"}, submission, []),
    ("starts-by", {"latest": "2023-04-14"}, submission, [
        ("starts-too-late", "starts_on", {"maximum": "2023-04-14"}),
    ]),
    # Nearly the same words, the same lead, and still standing.
    ("not-submitted-twice", {}, beside("Warehouses: in ROBOTS", earlier()), [twice]),
    ("not-submitted-twice", {}, beside("Robots in warehouse", earlier(stage="awarded")), [twice]),
    ("not-submitted-twice", {}, beside("Robots", earlier()), []),
    ("not-submitted-twice", {}, beside("Robots in warehouses", earlier(stage="declined")), []),
    ("not-submitted-twice", {}, beside(
        "Robots in warehouses", earlier(lead_organisation_id=adopter.organisation_id)
    ), []),
    # What is declared, is declared with a yes.
    ("work-in-canada", CANADIAN, answering("ip", plan={"canadian": True}), []),
    ("work-in-canada", CANADIAN, answering("ip", plan={"canadian": False}), [
        ("work-not-in-canada", "sections.ip.plan.canadian", True),
    ]),
    ("work-in-canada", CANADIAN, submission, [
        ("work-not-in-canada", "sections.ip.plan.canadian", True),
    ]),
    ("ip-owned-in-canada", CANADIAN, answering("ip", plan={"canadian": True}), []),
    ("ip-owned-in-canada", CANADIAN, answering("ip", plan="yes"), [
        ("ip-not-owned-in-canada", "sections.ip.plan.canadian", True),
    ]),
    ("reuse-allowed", CANADIAN, answering("ip", plan={"canadian": True}), []),
    ("reuse-allowed", CANADIAN, answering("ip", plan={"canadian": 1}), [
        ("reuse-not-allowed", "sections.ip.plan.canadian", True),
    ]),
    ("documents-attached", {"kinds": ("ip-plan",)}, content(documents=("ip-plan", "other")), []),
    ("documents-attached", {"kinds": ("ip-plan", "other")}, content(documents=("other",)), [
        ("document-missing", "documents", {"kind": "ip-plan"}),
    ]),
]  # fmt: skip


class TestTheTable:
    @pytest.mark.parametrize(
        ("name", "parameters", "case", "objections"),
        TABLE,
        ids=[f"{name}-{index}" for index, (name, *_) in enumerate(TABLE)],
    )
    def test_a_rule(
        self,
        name: str,
        parameters: dict[str, Any],
        case: Submission,
        objections: list[Objection],
    ) -> None:
        """A rule objects to what it names, says where and what instead, and else is content."""
        found = reasons_for_refusal(case, [AskedRule(name=name, parameters=parameters)])
        assert [(each.code, each.field, each.accepted) for each in found] == objections
        assert all(each.en and each.fr and each.en != each.fr for each in found)

    @pytest.mark.parametrize(("name", "parameters"), [each[:2] for each in TABLE])
    def test_the_parameters(self, name: str, parameters: dict[str, Any]) -> None:
        """The parameters with which rules are asked here are those that a programme may give."""
        known = RULES[name].parameters
        assert parameters.keys() == known.keys()
        assert all(known[each].takes(value) for each, value in parameters.items())

    def test_every_rule_is_asked_somewhere(self) -> None:
        """No rule goes without a table of its own, here or beside."""
        here = {name for name, *_ in TABLE}
        beside = {
            "adopter-and-ai-provider", "minimum-participants", "minimum-smes",
            "public-share-within-rate", "one-participant-share", "in-kind-share", "duration-within",
            "business-numbers-valid", "lead-is-incorporated-for-profit", "match-never-negative",
        }  # fmt: skip
        assert here | beside == set(RULES)
        assert not here & beside - {"stacking-limit", "call-open"}


class TestParameters:
    @pytest.mark.parametrize(
        ("rule", "name", "good", "bad"),
        [
            ("minimum-smes", "at_least", [1, 50], [0, 51, "1", ("1",)]),
            ("kind-of-lead", "kinds", [("sme",)], [(), ("sme", "sme"), ("firm",), "sme", 1]),
            ("starts-by", "latest", ["2023-10-31"], ["2023-10-32", "20231031", "1999-01-01", 1]),
            ("work-in-canada", "section", ["ip"], ["", " ", "x" * 201, 1, ("ip",)]),
        ],
    )
    def test_what_a_parameter_may_be(
        self, rule: str, name: str, good: list[Any], bad: list[Any]
    ) -> None:
        """A parameter is of the kind its rule knows, and within its bounds."""
        kind = RULES[rule].parameters[name]
        assert all(kind.takes(value) for value in good)
        assert not any(kind.takes(value) for value in bad)
        assert kind.accepted()

    def test_starting_day_of_the_example(self) -> None:
        """The table above speaks of a project that starts on 15 April 2023."""
        assert submission.starts_on == date(2023, 4, 15)
