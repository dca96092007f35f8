"""An application in one document, judged before it exists."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.intake.api.eligibility_check_schemas import (
    MOST_REASONS,
    ApplicationDocument,
    EligibilityOut,
)
from services.intake.domain.rules import AskedRule
from tests.unit.intake.examples import NOW, call, definition

LEAD, ADOPTER, PROVIDER = "123026635", "123456782", "100000009"


def dollars(amount: int) -> dict[str, Any]:
    """An amount as it travels."""
    return {"cents": amount * 100, "currency": "CAD"}


def member(business_number: str, role: str, **changes: Any) -> dict[str, Any]:
    """A small Québec firm in a role."""
    return {
        "business_number": business_number,
        "legal_name": f"Firm {business_number}",
        "kind": "sme",
        "province": "QC",
        "employees": 40,
        "for_profit": True,
        "incorporated_in_canada": True,
        "role": role,
        **changes,
    }


def document(**changes: Any) -> dict[str, Any]:
    """The example that every rule is content with."""
    return {
        "title": "Robots",
        "starts_on": "2023-04-15",
        "ends_on": "2024-04-14",
        "lead_business_number": "123 026 635",
        "participants": [
            member(LEAD, "lead"),
            member(ADOPTER, "adopter", kind="large", employees=9_000, province="ON"),
            member(PROVIDER, "ai-provider"),
        ],
        "costs": [
            {"business_number": who, "category": "labour", "quarter": quarter, **amounts}
            for who, quarter, amounts in (
                (LEAD, "2024-T1", {"cash": dollars(500_000), "in_kind": dollars(20_000)}),
                (ADOPTER, "2024-T1", {"cash": dollars(300_000)}),
                (PROVIDER, "2024-T2", {"cash": dollars(200_000)}),
            )
        ],
        "requests": [
            {"business_number": who, "quarter": quarter, "amount": dollars(amount)}
            for who, quarter, amount in (
                (LEAD, "2024-T1", 175_000),
                (ADOPTER, "2024-T1", 100_000),
                (PROVIDER, "2024-T2", 75_000),
            )
        ],
        **changes,
    }


def judged(*rules: AskedRule, **changes: Any) -> list[tuple[str, str | None]]:
    """Code and place of every reason against the example, changed, under further rules."""
    asked = replace(definition, rules=(*definition.rules, *rules))
    read = ApplicationDocument.model_validate(document(**changes))
    return [(reason.code, reason.field) for reason in read.judged(asked, call, now=NOW)]


class TestTheDocument:
    def test_content(self) -> None:
        """A document without a fault has no reason against it."""
        assert judged() == []

    def test_every_reason_at_once(self) -> None:
        """What forms, registration and rules object to comes together, each with its place."""
        found = judged(
            AskedRule(name="participants-confirmed", parameters={}),
            AskedRule(name="documents-attached", parameters={"kinds": ("ip-plan",)}),
            title=" ",
            submitted_at="2023-06-01T00:00:00Z",
            participants=[
                member(LEAD, "lead", province="Québec"),
                member(ADOPTER, "adopter", kind="large", employees=9_000, confirmed=False),
                member(PROVIDER, "ai-provider"),
            ],
        )
        assert found == [
            ("province-unknown", "participants[0].province"),
            ("title-missing", "title"),
            ("call-closed", "call_id"),
            ("part-not-confirmed", "participants[1].confirmed"),
            ("document-missing", "documents"),
        ]

    def test_in_its_own_words(self) -> None:
        """Organisations are named by their business numbers, never by an id nobody has seen."""
        costs = [{**document()["costs"][0], "business_number": "200000008"}]
        twice = [*document()["participants"], member(LEAD, "other")]
        read = ApplicationDocument.model_validate(document(costs=costs, participants=twice))
        stranger, listed = sorted(
            (
                each
                for each in read.judged(definition, call, now=NOW)
                if each.code in {"not-in-consortium", "listed-twice"}
            ),
            key=lambda each: each.code,
            reverse=True,
        )
        assert stranger.field == "costs[0].business_number"
        assert stranger.accepted == [LEAD, ADOPTER, PROVIDER, LEAD]
        assert listed.field == "participants[3].business_number"
        assert listed.en == f"{LEAD} is listed twice."

    def test_the_lead_needs_not_confirm(self) -> None:
        """Whoever applies has confirmed by applying."""
        members = document()["participants"]
        members[0]["confirmed"] = False
        rule = AskedRule(name="participants-confirmed", parameters={})
        assert judged(rule, participants=members) == []

    def test_a_lead_that_does_not_take_part(self) -> None:
        """The lead is one of the participants; who is missing is said by its number."""
        read = ApplicationDocument.model_validate(document(lead_business_number="200000008"))
        missing, *_ = read.judged(definition, call, now=NOW)
        assert missing.code == "lead-missing"
        assert missing.accepted == {"business_number": "200000008"}

    def test_a_budget_about_strangers(self) -> None:
        """A budget that cannot be right is not judged any further, and breaks nothing."""
        stranger = {**document()["requests"][0], "business_number": "200000008"}
        assert judged(requests=[stranger]) == [("not-in-consortium", "requests[0].business_number")]

    @pytest.mark.parametrize(
        ("at", "codes"),
        [
            (datetime(2023, 5, 16, 3, 58, 59, tzinfo=UTC), []),
            (datetime(2023, 5, 16, 3, 59, tzinfo=UTC), ["call-closed"]),
        ],
    )
    def test_at_another_instant(self, at: datetime, codes: list[str]) -> None:
        """It may be judged as if it were submitted at another instant."""
        assert [code for code, _ in judged(submitted_at=at.isoformat())] == codes

    def test_without_a_call(self) -> None:
        """Where a programme is checked that has no call yet, one is taken to be open."""
        read = ApplicationDocument.model_validate(document(submitted_at="2033-01-01T00:00:00Z"))
        assert read.judged(definition, None, now=NOW) == []

    def test_an_answer_stays_small(self) -> None:
        """The first reasons are said in full, and how many there are beyond."""
        line = {**document()["costs"][0], "category": "unknown"}
        read = ApplicationDocument.model_validate(document(costs=[line] * 2_000))
        reasons = read.judged(definition, call, now=NOW)
        answer = EligibilityOut.of(call, reasons)
        assert not answer.eligible
        assert (len(answer.reasons), answer.more) == (MOST_REASONS, len(reasons) - MOST_REASONS)
