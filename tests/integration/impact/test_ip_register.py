"""The register of intellectual property over HTTP on PostgreSQL."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts.claims import IntellectualProperty, IpDeclared
from tests.integration.impact.conftest import ADOPTER, LEAD, PROJECT, Impact

pytestmark = pytest.mark.postgres


def declared(number: int, **changes: Any) -> IpDeclared:
    made = {
        "title": f"Yard planner {number}",
        "kind": "copyright",
        "owner_organisation_id": LEAD,
        "canadian_owned": True,
        "reuse_allowed": True,
        "commercialised": False,
        **changes,
    }
    return IpDeclared(
        effective_on=date(2025, 6, 20),
        project_id=PROJECT,
        agreement_id=UUID(int=8),
        programme_code="IND-P2",
        declaration_id=UUID(int=100 + number),
        participant_id=UUID(int=1),
        intellectual_property=IntellectualProperty(**made),
    )


def change(impact: Impact, number: int, of: UUID | None, **changes: Any) -> Any:
    """Tell what is true now of a piece, for its owner or (None) as an officer."""
    body = {
        "title": f"Yard planner {number}",
        "kind": "copyright",
        "owner_organisation_id": str(LEAD),
        "canadian_owned": True,
        "reuse_allowed": True,
        "reused": False,
        "commercialised": False,
        **changes,
    }
    role = "agreement-officer" if of is None else "recipient"
    headers = {
        "Authorization": f"Bearer {impact.issuer.token('p-6', [role], of, amr=['mfa'])}",
        "Idempotency-Key": str(uuid4()),
    }
    path = f"/v1/ip-register/{UUID(int=100 + number)}"
    answer = impact.client.put(path, json=body, headers=headers)
    impact.settle()
    return answer


class TestTheRegister:
    def test_members_search_it(self, impact: Impact) -> None:
        """A member of another project finds what was declared, by words and by what it may do."""
        impact.hear(declared(1), declared(2, reuse_allowed=False, title="Port twin"))
        stranger = uuid4()
        found = impact.get("/v1/ip-register?text=PORT", "recipient", stranger)["items"]
        assert [each["title"] for each in found] == ["Port twin"]
        free = impact.get("/v1/ip-register?reuse_allowed=true", "recipient", stranger)["items"]
        assert [each["title"] for each in free] == ["Yard planner 1"]

    def test_it_shows_any_day(self, impact: Impact) -> None:
        """What was commercialised later was not before, and the history tells both."""
        impact.hear(declared(1))
        assert change(impact, 1, LEAD, commercialised=True).status_code == 200
        before, after = (
            impact.get(f"/v1/ip-register?as_of={day}")["items"][0]["commercialised"]
            for day in ("2025-07-01", "2025-07-02")
        )
        assert (before, after) == (False, True)
        history = impact.get(f"/v1/ip-register/{UUID(int=101)}")
        assert [(each["source"], each["commercialised"]) for each in history["tellings"]] == [
            ("closing", False),
            ("member", True),
        ]
        assert impact.get("/v1/ip-register?as_of=2025-06-19")["items"] == []

    def test_rates_have_their_base(self, impact: Impact) -> None:
        """Of three pieces one is commercialised and two may be reused; one taken out counts not."""
        impact.hear(
            *(declared(n, reuse_allowed=n != 3, commercialised=n == 1) for n in (1, 2, 3, 4))
        )
        headers = impact.headers("programme-manager", None) | {"Idempotency-Key": str(uuid4())}
        taken_out = impact.client.post(
            f"/v1/ip-register/{UUID(int=104)}/deregistration",
            json={"reason": "Declared twice."},
            headers=headers,
        )
        assert taken_out.status_code == 200, taken_out.text
        impact.settle()
        (rates,) = impact.get("/v1/ip-register/rates")
        assert (rates["base"], rates["commercialised"], rates["reuse_allowed"]) == (3, 1, 2)
        assert (rates["commercialised_bp"], rates["reuse_allowed_bp"]) == (3_333, 6_667)

    def test_only_its_owner_or_an_officer_changes_it(self, impact: Impact) -> None:
        """To another organisation there is nothing to change."""
        impact.hear(declared(1))
        assert change(impact, 1, ADOPTER, commercialised=True).status_code == 404
        assert change(impact, 1, None, commercialised=True).status_code == 200
