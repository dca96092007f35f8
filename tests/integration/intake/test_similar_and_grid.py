"""What officers see beside an application, what its budget adds up to, and what is sent twice."""

from typing import Any

import pytest

from services.intake.domain.organisation import organisation_id_of
from tests.integration.intake.conftest import (
    ADOPTER,
    BUDGET,
    CONSORTIUM,
    LEAD,
    PROGRAMME,
    STRANGER,
    Office,
    beginning,
    money,
    organisation,
)

pytestmark = pytest.mark.postgres

WHO = f"applicant:{LEAD}"


def source(**changes: Any) -> dict[str, Any]:
    """What another government gives."""
    return {
        "government": "provincial",
        "programme": "Crédit d’impôt CDAE",
        "amount": money(10_000),
        "status": "requested",
        "is_tax_credit": True,
        **changes,
    }


def written(office: Office, call_id: str, title: str) -> str:
    """An application of the lead, complete but not submitted."""
    body = {**beginning(call_id), "title": title}
    application_id = office.do(WHO, "POST", "/v1/applications", body)["id"]
    office.do(WHO, "PUT", f"/v1/applications/{application_id}/consortium", CONSORTIUM)
    office.do(WHO, "PUT", f"/v1/applications/{application_id}/budget", BUDGET)
    return str(application_id)


def submitted(office: Office, call_id: str, title: str, status: int | None = None) -> Any:
    """The same, submitted: its id, or the refusal."""
    application_id = written(office, call_id, title)
    path = f"/v1/applications/{application_id}/submission"
    answer = office.do(WHO, "POST", path, {"certified": True}, status)
    return application_id if status is None else answer


class TestSimilar:
    def test_an_earlier_application(self, office: Office, call_id: str) -> None:
        """Officers see what it is like, how much and why; drafts and strangers' are not shown."""
        first = submitted(office, call_id, "Robots for warehouses")
        submitted(office, call_id, "Chatbots")
        written(office, call_id, "Robots for warehouses, draft")
        second = submitted(office, call_id, "Warehouses: robots")
        answer = office.see("intake-officer", f"/v1/applications/{second}/similar")
        assert (answer["threshold"], answer["compared"]) == (60, 2)
        [found] = answer["items"]
        assert found["id"] == first
        assert (found["score"], found["title_likeness"], found["same_lead"]) == (100, 100, True)
        assert str(organisation_id_of(ADOPTER)) in found["shared_organisations"]
        assert found["why"] == {
            "en": "Titles alike at 100%; organisations in common: 3, the same lead.",
            "fr": "Titres semblables à 100\u00a0%; organisations communes\u00a0: 3, "
            "même responsable.",
        }

    @pytest.mark.parametrize("who", [WHO, "claims-analyst"])
    def test_is_for_officers(self, office: Office, application_id: str, who: str) -> None:
        """Nobody else learns what others have applied for."""
        office.see(who, f"/v1/applications/{application_id}/similar", 403)


class TestNotSubmittedTwice:
    def test_the_same_title_again(self, office: Office, call_id: str) -> None:
        """Where the programme asks, a second application of the same title is refused."""
        rules = [*PROGRAMME["rules"], {"name": "not-submitted-twice"}]
        office.do("programme-manager", "POST", "/v1/programmes", {**PROGRAMME, "rules": rules})
        body = {
            "programme_code": "IND-P1",
            "title": {"en": "Second call", "fr": "Second appel"},
            "opens_at": "2023-03-27T04:00:00Z",
            "closes_at": None,
        }
        strict = office.do("programme-manager", "POST", "/v1/calls", body)["id"]
        submitted(office, call_id, "Robots for warehouses")
        office.projector.catch_up()
        refused = submitted(office, strict, "Robots for Warehouses!", 409)
        assert [each["code"] for each in refused["errors"]] == ["already-submitted"]
        assert refused["errors"][0]["field"] == "title"
        submitted(office, strict, "Robots for hospitals")


class TestBudgetGrid:
    def test_every_direction(self, office: Office, application_id: str) -> None:
        """The grid is added up by participant, category, quarter, year and pocket."""
        path = f"/v1/applications/{application_id}"
        office.do(WHO, "PUT", f"{path}/consortium", CONSORTIUM)
        office.do(WHO, "PUT", f"{path}/budget", {**BUDGET, "sources": [source()]})
        grid = office.see(f"applicant:{ADOPTER}", f"{path}/budget")
        assert grid["whole"] == {
            "cash": money(1_000_000),
            "in_kind": money(20_000),
            "requested": money(350_000),
            "match_cash": money(650_000),
        }
        assert grid["categories"] == [
            {"category": "labour", "cash": money(1_000_000), "in_kind": money(20_000)}
        ]
        assert [(each["quarter"], each["requested"]) for each in grid["quarters"]] == [
            ("2024-T1", money(275_000)),
            ("2024-T2", money(75_000)),
        ]
        assert [each["fiscal_year"] for each in grid["fiscal_years"]] == [2024]
        assert len(grid["participants"]) == 3
        assert grid["sources"] == [source()]
        assert grid["other_governments"] == money(10_000)
        assert [(each["pocket"], each["amount"]) for each in grid["pockets"]] == [
            ("ISED-P1-PROJECTS", money(300_000)),
            ("MEIE-P1-PROJECTS", money(50_000)),
        ]
        assert grid["unfundable"] == []
        assert office.see(WHO, path)["budget"]["sources"] == [source()]

    @pytest.mark.usefixtures("call_id")
    def test_where_no_pocket_pays(self, office: Office) -> None:
        """Without a pocket for a participant there is no preview, and it says why."""
        pockets = [{"code": "MEIE-P1-PROJECTS", "provinces": ["QC"]}]
        body = {**PROGRAMME, "code": "QC-ONLY", "pockets": pockets}
        office.do("programme-manager", "POST", "/v1/programmes", body)
        call = {
            "programme_code": "QC-ONLY",
            "title": {"en": "Call", "fr": "Appel"},
            "opens_at": "2023-03-27T04:00:00Z",
            "closes_at": None,
        }
        quebec = office.do("programme-manager", "POST", "/v1/calls", call)["id"]
        application_id = written(office, quebec, "Robots")
        grid = office.see("intake-officer", f"/v1/applications/{application_id}/budget")
        assert grid["pockets"] is None
        [reason] = grid["unfundable"]
        assert (reason["code"], reason["field"]) == (
            "no-pocket-for-participant",
            "participants[1].organisation_id",
        )

    def test_is_not_for_strangers(self, office: Office, application_id: str) -> None:
        """A budget is read by those who take part, and by staff."""
        office.see(f"applicant:{STRANGER}", f"/v1/applications/{application_id}/budget", 404)

    def test_sources_that_cannot_be(self, office: Office, application_id: str) -> None:
        """Sources name a government, a programme once, and an amount; every problem is said."""
        sources = [
            source(),
            source(amount=money(1)),
            source(government="foreign", programme=" ", status="hoped-for", amount=money(-1)),
        ]
        path = f"/v1/applications/{application_id}/budget"
        body = {"costs": [], "requests": [], "sources": sources}
        refused = office.do(WHO, "PUT", path, body, 422)
        assert [(each["code"], each["field"]) for each in refused["errors"]] == [
            ("not-among-these", "sources[2].government"),
            ("not-among-these", "sources[2].status"),
            ("source-unnamed", "sources[2].programme"),
            ("amount-not-possible", "sources[2].amount"),
            ("listed-twice", "sources[1]"),
        ]


class TestRulesWithParameters:
    def test_what_a_programme_may_say_to_a_rule(self, office: Office) -> None:
        """Numbers, words, lists and days are taken; anything else is refused with its place."""
        rules = [
            {"name": "kind-of-lead", "parameters": {"kinds": ["sme", "firm"]}},
            {"name": "starts-by", "parameters": {"latest": "soon"}},
            {"name": "size-within", "parameters": {"lowest_cents": 2, "highest_cents": 1}},
            {"name": "minimum-smes", "parameters": {"at_least": "1"}},
            {"name": "work-in-canada", "parameters": {"section": "ip", "field": "work"}},
            {"name": "call-open", "parameters": {}},
        ]
        body = {**PROGRAMME, "rules": rules}
        refused = office.do("programme-manager", "POST", "/v1/programmes", body, 422)
        assert [(each["code"], each["field"]) for each in refused["errors"]] == [
            ("parameter-not-acceptable", "rules[0].parameters.kinds"),
            ("parameter-not-acceptable", "rules[1].parameters.latest"),
            ("parameters-contradict", "rules[2].parameters.lowest_cents"),
            ("parameter-not-acceptable", "rules[3].parameters.at_least"),
            ("not-among-these", "rules[4].parameters.section"),
        ]
        rules = [
            {"name": "kind-of-lead", "parameters": {"kinds": ["sme", "start-up"]}},
            {"name": "starts-by", "parameters": {"latest": "2023-10-31"}},
        ]
        office.do("programme-manager", "POST", "/v1/programmes", {**PROGRAMME, "rules": rules})
        office.do("intake-officer", "POST", "/v1/organisations", organisation(LEAD))
        shown = office.see("intake-officer", "/v1/programmes/IND-P1")["definition"]["rules"]
        assert shown == rules
