"""
An application over HTTP on Kafka, from a programme's document to the committee and back.

The programme is the plan's IND-P2 as it is shipped, the application its accepted example: what a
dry run accepts is submitted for real, by the people who would do it.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from deploy.demo.wire import of_organisation
from deploy.local import LocalStack
from tests.journeys.town import INTAKE, MANAGER, MEMBERS, SECRETARY, Person, Town

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.kafka]

ROOT = Path(__file__).parents[2]
PROGRAMME = json.loads((ROOT / "deploy/programmes/IND-P2.json").read_text())
EXAMPLE = json.loads((ROOT / "tests/programmes/IND-P2/accepted.json").read_text())
SECOND_OFFICER = Person(id="officer-2", roles=("intake-officer",))
MAY_2, JUNE_5, JUNE_12 = date(2023, 5, 2), date(2023, 6, 5), date(2023, 6, 12)
FACTS: dict[str, dict[str, Any]] = {
    "ip-plan": {"ip_plan": {"plan_provided": True, "owned_in_canada": True, "reuse_allowed": True}},
    "emissions": {"emissions": {"tonnes": 1_200, "method": "Fuel per tonne, before and after."}},
    "cybersecurity": {
        "cybersecurity": {"plan_provided": True, "handles_personal_information": False}
    },
}


@pytest.fixture
def town(
    tmp_path_factory: pytest.TempPathFactory,
    kafka_bootstrap: str,  # noqa: ARG001  # skips where Kafka cannot be had
) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("intake")
    stack = LocalStack(folder / "data", transport="kafka", simulated_clock=True, fresh=True)
    with stack:
        town = Town(stack)
        yield town
        town.close()


def test_from_a_document_to_a_decision(town: Town) -> None:
    """Written by several, confirmed by each, reviewed by officers, declined by the committee."""
    town.it_is(MAY_2)
    call_id = opened(town)
    organisations = registered(town)
    town.it_is(JUNE_5)
    form, lead = written(town, call_id, organisations)
    unconfirmed = town.refused(lead, "intake", f"{form}/submission", {"certified": True})
    assert unconfirmed == ["part-not-confirmed"] * (len(organisations) - 1)
    confirmed(town, form, organisations)
    town.done(lead, "intake", f"{form}/submission", {"certified": True})
    reviewed(town, form, lead)
    town.it_is(JUNE_12)
    decided(town, call_id, form, lead)


def opened(town: Town) -> UUID:
    """The programme is published, its committee waits for applications, and a call is open."""
    town.done(MANAGER, "intake", "/programmes", PROGRAMME)
    town.wire.settle()
    call_id = town.done(
        MANAGER,
        "intake",
        "/calls",
        {
            "programme_code": "IND-P2",
            "title": {"en": "Continuous intake", "fr": "Dépôt en continu"},
            **EXAMPLE["call"],
        },
    )
    committee = town.done(
        SECRETARY,
        "selection",
        "/committees",
        {
            "name": "Selection",
            "programmes": ["IND-P2"],
            "quorum": 2,
            "members": [
                {"person_id": MEMBERS[0], "kind": "employee"},
                {"person_id": MEMBERS[1], "kind": "independent"},
            ],
            "chair": MEMBERS[0],
            "agenda_closes_days": 2,
        },
    )
    held_on = {"held_on": "2023-06-15"}
    town.done(SECRETARY, "selection", f"/committees/{committee}/meetings", held_on)
    return call_id


def registered(town: Town) -> dict[str, UUID]:
    """Every organisation of the example, by business number."""
    return {
        each["business_number"]: town.done(INTAKE, "intake", "/organisations", each)
        for each in EXAMPLE["organisations"]
    }


def known(organisations: dict[str, UUID], line: dict[str, Any]) -> dict[str, Any]:
    """A line of the example, with the organisation's id for its business number."""
    rest = {name: value for name, value in line.items() if name != "business_number"}
    return {"organisation_id": str(organisations[line["business_number"]]), **rest}


def written(town: Town, call_id: UUID, organisations: dict[str, UUID]) -> tuple[str, Person]:
    """The lead writes all of it, the sections first incomplete; its path, and who leads it."""
    about = EXAMPLE["application"]
    organisation_id = organisations[about["lead"]]
    lead = of_organisation(organisation_id, "lead")
    writer = of_organisation(organisation_id, "writer")
    application_id = town.done(
        lead,
        "intake",
        "/applications",
        {
            "call_id": str(call_id),
            "title": about["title"],
            "starts_on": about["starts_on"],
            "ends_on": about["ends_on"],
            "lead_organisation_id": str(organisation_id),
        },
    )
    form = f"/applications/{application_id}"
    people = [
        {"person_id": lead.id, "role": "lead"},
        {"person_id": lead.id, "role": "signatory"},
        {"person_id": writer.id, "role": "contributor"},
    ]
    town.done(lead, "intake", f"{form}/people", {"people": people}, method="PUT")
    consortium = [known(organisations, each) for each in EXAMPLE["consortium"]]
    town.done(lead, "intake", f"{form}/consortium", {"participants": consortium}, method="PUT")
    budget = {
        name: [known(organisations, each) for each in lines] if isinstance(lines, list) else lines
        for name, lines in EXAMPLE["budget"].items()
    }
    town.done(writer, "intake", f"{form}/budget", budget, method="PUT")
    for code in EXAMPLE["sections"]:
        town.done(writer, "intake", f"{form}/sections/{code}", {"answers": {}}, method="PUT")
    assert not any(each["complete"] for each in town.get(lead, "intake", f"{form}/sections"))
    for code, answers in EXAMPLE["sections"].items():
        town.done(writer, "intake", f"{form}/sections/{code}", {"answers": answers}, method="PUT")
    assert all(each["complete"] for each in town.get(lead, "intake", f"{form}/sections"))
    expectations = [known(organisations, each) for each in EXAMPLE["expectations"]]
    town.done(
        writer, "intake", f"{form}/expectations", {"expectations": expectations}, method="PUT"
    )
    for kind in EXAMPLE["documents"]:
        attached = town.ask(
            writer,
            "POST",
            "intake",
            f"{form}/documents?kind={kind}&title={kind}",
            content=f"The {kind} of an example.".encode(),
        )
        assert attached.status_code == 201, attached.text
        assert attached.json()["scan"] == "not-scanned"
    return form, lead


def confirmed(town: Town, form: str, organisations: dict[str, UUID]) -> None:
    """Every invited organisation finds its invitation, reads its part, and confirms it."""
    lead = str(organisations[EXAMPLE["application"]["lead"]])
    for organisation_id in map(str, organisations.values()):
        if organisation_id != lead:
            partner = of_organisation(UUID(organisation_id), "partner")
            town.wire.settle()
            (part,) = town.get(partner, "intake", "/invitations")["items"]
            town.done(
                partner,
                "intake",
                f"{form}/participants/{organisation_id}/confirmation",
                {"content_sha256": part["content_sha256"]},
            )


def reviewed(town: Town, form: str, lead: Person) -> None:
    """An officer asks, looks into every theme, and scores; another one forwards."""
    town.done(MANAGER, "intake", f"{form}/assignment", {"officer_id": INTAKE.id})
    requests = f"{form}/information-requests"
    town.done(
        INTAKE,
        "intake",
        requests,
        {"questions": [{"text": "Who labels the images?"}], "due_on": "2023-06-20"},
    )
    (request,) = town.get(lead, "intake", requests)["items"]
    asked = f"{requests}/{request['id']}"
    town.done(
        lead, "intake", f"{asked}/answer", {"answers": [{"text": "Inspectors of the elevator."}]}
    )
    town.done(INTAKE, "intake", f"{form}/eligibility", {"confirmed": True})
    town.done(INTAKE, "intake", f"{form}/due-diligence")
    town.done(
        INTAKE,
        "intake",
        f"{form}/findings",
        {"theme": "commercial", "severity": "major", "text": "One buyer takes half the output."},
    )
    scores = {
        "scores": [
            {"criterion": each["criterion"], "score": each["out_of"] // 2}
            for each in PROGRAMME["scoring_grid"]
        ],
        "summary": "Sound, with one large buyer.",
    }
    assert town.refused(INTAKE, "intake", f"{form}/assessment", scores)
    for theme in PROGRAMME["due_diligence"]:
        conclusion = {"score": 7, "text": "Nothing against it.", **FACTS.get(theme, {})}
        town.done(INTAKE, "intake", f"{form}/themes/{theme}/conclusion", conclusion)
    town.done(INTAKE, "intake", f"{asked}/closing")
    town.done(INTAKE, "intake", f"{form}/assessment", scores)
    assert town.refused(INTAKE, "intake", f"{form}/forwarding")
    town.done(SECOND_OFFICER, "intake", f"{form}/forwarding")


def decided(town: Town, call_id: UUID, form: str, lead: Person) -> None:
    """The committee reads the risk, declines, and the applicant learns why and how it went."""
    application_id = form.removeprefix("/applications/")
    (meeting,) = town.get(SECRETARY, "selection", "/meetings")["items"]
    place = f"/meetings/{meeting['meeting_id']}"
    town.it_is(date(2023, 6, 15))
    town.done(SECRETARY, "selection", f"{place}/opening", {"present": list(MEMBERS[:2])})
    pack = town.get(SECRETARY, "selection", f"{place}/pack")
    (item,) = pack["items"]
    assert item["proposal"]["risks"] == ["One buyer takes half the output."]
    votes = [{"person_id": each, "vote": "against"} for each in MEMBERS[:2]]
    reason = "One buyer takes half the output."
    town.done(
        SECRETARY,
        "selection",
        f"{place}/items/{application_id}/decision",
        {"outcome": "decline", "votes": votes, "reasons": [reason]},
    )
    town.done(SECRETARY, "selection", f"{place}/sealing")
    town.wire.settle()
    told = town.get(lead, "intake", form)
    assert (told["stage"], told["decision"]["reasons"]) == ("declined", [reason])
    notices = town.get(lead, "intake", "/notices")["items"]
    assert any("not to fund" in each["text"]["en"] for each in notices)
    assert town.get(INTAKE, "intake", "/queue")["items"] == []
    assert str(call_id) == told["call_id"]
