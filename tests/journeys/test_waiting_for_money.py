"""
Money that is released in claims reaches the waiting list of selection, over HTTP on Kafka.

Two projects ask for more than one pocket holds. The first is funded and signed, the second waits;
when the first is terminated, the second comes before the next meeting and is funded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from deploy.demo.wire import Command, Person, Wire, cents, key_of, of_organisation, staff
from deploy.local import LocalStack
from shared.kernel.identifiers import derived_id

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.kafka]

APRIL_3, APRIL_20, MAY_2, MAY_18 = (
    date(2023, 4, 3), date(2023, 4, 20), date(2023, 5, 2), date(2023, 5, 18),
)  # fmt: skip
OFFICER, MANAGER = staff("intake-officer"), staff("programme-manager")
SECRETARY, FINANCE = staff("committee-secretary"), staff("finance-officer")
AGREEMENTS = staff("agreement-officer")
NUMBERS = {"ACME": "123026635", "VISION": "100000009"}
VOTES = [{"person_id": "p-chair", "vote": "for"}, {"person_id": "p-two", "vote": "for"}]


@dataclass
class Journey:
    """The running services, and who asks what of them."""

    wire: Wire

    def does(  # who asks what of whom: always in this order
        self, service: str, path: str, body: Any, by: Person, method: str = "POST"
    ) -> UUID:
        """Carry out a command under a key that follows from what it is; its key."""
        key = key_of(f"{method} {service}{path}", str(sorted(str(body))))
        self.wire.send(
            Command(
                service=service, path=path, body=body, by=by, key=key, origin=path, method=method
            )
        )
        return key

    def applies(self, code: str, dollars: int) -> UUID:
        """An organisation applies, is found eligible, and is put before the committee."""
        self.does(
            "intake",
            "/v1/organisations",
            {
                "business_number": NUMBERS[code],
                "legal_name": f"{code} inc.",
                "province": "QC",
                "kind": "sme",
                "employees": 40,
                "for_profit": True,
                "incorporated_in_canada": True,
            },
            OFFICER,
        )
        organisation_id = derived_id("organisation", NUMBERS[code])
        applicant = of_organisation(organisation_id, "preparer")
        start = {
            "call_id": str(self.call_id),
            "title": f"Project of {code}",
            "starts_on": "2023-06-01",
            "ends_on": "2024-03-31",
            "lead_organisation_id": str(organisation_id),
        }
        application_id = derived_id(
            "application", self.does("intake", "/v1/applications", start, applicant)
        )
        place = f"/v1/applications/{application_id}"
        quarter = {"organisation_id": str(organisation_id), "quarter": "2024-T2"}
        budget = {
            "costs": [
                {
                    **quarter,
                    "category": "COSTS",
                    "cash": cents(dollars * 200),
                    "in_kind": cents(0),
                }
            ],
            "requests": [{**quarter, "amount": cents(dollars * 100)}],
            "other_government": None,
        }
        self.does("intake", f"{place}/budget", budget, applicant, "PUT")
        self.does("intake", f"{place}/submission", {"certified": True}, applicant)
        self.does("intake", f"{place}/eligibility", {"confirmed": True, "reasons": []}, OFFICER)
        scores = {"scores": [{"criterion": "impact", "score": 8}], "summary": "Sound."}
        self.does("intake", f"{place}/assessment", scores, OFFICER)
        self.does("intake", f"{place}/forwarding", {"funding": None}, OFFICER)
        return application_id

    def prepares(self) -> None:
        """A pocket of 100 000 $, a programme that draws on it, a call and a committee."""
        names = {"en": "AI", "fr": "IA"}
        self.does(
            "finance",
            "/v1/funder-agreements",
            {
                "code": "FED-1",
                "funder": "FED",
                "names": names,
                "opened_on": str(APRIL_3),
                "pockets": [
                    {
                        "code": "FED",
                        "names": names,
                        "authority": cents(150_000_00),
                        "yearly": [{"fiscal_year": 2024, "ceiling": cents(100_000_00)}],
                    }
                ],
            },
            FINANCE,
        )
        self.does(
            "intake",
            "/v1/programmes",
            {
                "code": "AI",
                "names": names,
                "purpose": names,
                "phase": "P1",
                "pockets": [{"code": "FED"}],
                "reimbursement_rate_bp": 5_000,
                "holdback_bp": 1_000,
                "claim_frequency": "quarterly",
                "survey_years": 0,
                "rules": [{"name": "call-open", "parameters": {}}],
                "scoring_grid": [{"criterion": "impact", "out_of": 10}],
                "cost_categories": ["COSTS"],
            },
            MANAGER,
        )
        call = {
            "programme_code": "AI",
            "title": names,
            "opens_at": "2023-04-01T00:00:00-04:00",
            "closes_at": None,
        }
        self.call_id = derived_id("call", self.does("intake", "/v1/calls", call, MANAGER))
        committee = {
            "name": "Committee",
            "programmes": ["AI"],
            "quorum": 2,
            "members": [
                {"person_id": "p-chair", "kind": "independent"},
                {"person_id": "p-two", "kind": "employee"},
            ],
            "chair": "p-chair",
            "agenda_closes_days": 0,
        }
        self.committee_id = derived_id(
            "committee", self.does("selection", "/v1/committees", committee, SECRETARY)
        )

    def schedules(self, day: date) -> str:
        """A meeting ahead; its path."""
        path = f"/v1/committees/{self.committee_id}/meetings"
        key = self.does("selection", path, {"held_on": str(day)}, SECRETARY)
        return f"/v1/meetings/{derived_id('meeting', key)}"

    def opens(self, meeting: str) -> list[str]:
        """The meeting begins; what is before it."""
        present = {"present": ["p-chair", "p-two"]}
        self.does("selection", f"{meeting}/opening", present, SECRETARY)
        pack = self.wire.get("selection", meeting, by=SECRETARY)
        return [each["application_id"] for each in pack["items"]]

    def funds(self, meeting: str, application_id: UUID, **more: Any) -> None:
        """The committee would fund it."""
        decision = {"outcome": "fund", "votes": VOTES, "lapses_on": "2023-12-31", **more}
        path = f"{meeting}/items/{application_id}/decision"
        self.does("selection", path, decision, SECRETARY)


@pytest.fixture(scope="module")
def journey(
    tmp_path_factory: pytest.TempPathFactory,
    kafka_bootstrap: str,  # noqa: ARG001  # skips where Kafka cannot be had
) -> Iterator[Journey]:
    """All services, every contract by Kafka, on 3 April 2023."""
    folder = tmp_path_factory.mktemp("waiting")
    stack = LocalStack(folder / "data", transport="kafka", simulated_clock=True, fresh=True)
    with stack:
        wire = Wire(stack.urls, stack.issuer)
        try:
            yield Journey(wire)
        finally:
            wire.close()


def test_released_money_reaches_the_waiting_list(journey: Journey) -> None:
    """What a terminated project releases is offered to who waits, and funds it."""
    wire = journey.wire
    wire.set_clock(APRIL_3)
    journey.prepares()
    wire.settle()
    first, second = journey.applies("ACME", 80_000), journey.applies("VISION", 60_000)
    april = journey.schedules(APRIL_20)
    wire.settle()

    wire.set_clock(APRIL_20)
    assert set(journey.opens(april)) == {str(first), str(second)}
    journey.funds(april, first)
    journey.funds(april, second, when_short="waitlist")
    journey.does("selection", f"{april}/sealing", {}, SECRETARY)
    wire.settle()
    [waiting] = wire.get("selection", "/v1/waiting-list", by=SECRETARY)["items"]
    assert (waiting["application_id"], waiting["state"]) == (str(second), "waiting")

    award_id = derived_id("award", first, UUID(april.rpartition("/")[2]))
    agreement = f"/v1/agreements/{derived_id('agreement', award_id)}"
    organisation_id = derived_id("organisation", NUMBERS["ACME"])
    participant_id = derived_id("participant", first, organisation_id)
    signatory = of_organisation(organisation_id, "certifier")
    signed = {"participant_id": str(participant_id)}
    journey.does("claims", f"{agreement}/signatures", signed, signatory)
    executed = {"executed_on": str(APRIL_20)}
    journey.does("claims", f"{agreement}/execution", executed, AGREEMENTS)
    may = journey.schedules(MAY_18)
    wire.settle()
    assert wire.get("selection", may, by=SECRETARY)["items"] == []

    wire.set_clock(MAY_2)
    ended = {"terminated_on": str(MAY_2), "reason": "The partners part ways."}
    journey.does("claims", f"{agreement}/termination", ended, AGREEMENTS)
    wire.settle()
    [waiting] = wire.get("selection", "/v1/waiting-list", by=SECRETARY)["items"]
    assert (waiting["state"], waiting["offered_on"]) == ("offered", str(MAY_2))

    wire.set_clock(MAY_18)
    assert journey.opens(may) == [str(second)]
    journey.funds(may, second)
    wire.settle()
    assert wire.get("selection", "/v1/waiting-list", by=SECRETARY)["items"] == []
    shown = wire.get("intake", f"/v1/applications/{second}", by=OFFICER)
    assert shown["stage"] == "awarded"
    [pocket] = wire.get("finance", "/v1/pockets", by=FINANCE)["items"]
    assert (pocket["reserved"]["cents"], pocket["difference"]["cents"]) == (60_000_00, 0)
    [year] = wire.get("selection", "/v1/pocket-years", by=SECRETARY)["items"]
    assert (year["fiscal_year"], year["left"]["cents"]) == (2024, 40_000_00)
