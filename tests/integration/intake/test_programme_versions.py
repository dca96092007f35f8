"""The versions of a programme over HTTP: published, listed, compared."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.intake.api.programme_schemas import programme_schema
from services.intake.use_cases.publishing import to_contract
from shared.contracts.intake import ProgrammePublished
from tests.integration.intake.conftest import BUDGET, CONSORTIUM, LEAD, PROGRAMME, Office

pytestmark = pytest.mark.postgres

MANAGER, APPLICANT = "programme-manager", f"applicant:{LEAD}"
DOCUMENTS = Path(__file__).parents[3] / "deploy" / "programmes"
CHANGED = PROGRAMME | {
    "reimbursement_rate_bp": 4_000,
    "sections": [
        {
            "code": "ip-plan",
            "titles": {"en": "IP plan", "fr": "Plan de PI"},
            "schema": {
                "type": "object",
                "properties": {
                    "owned": {"type": "boolean", "title": "Owned", "x-title-fr": "Détenue"}
                },
            },
        }
    ],
    "due_diligence": ["ip-plan"],
    "indicators": ["IP-REUSED"],
}


def publish(office: Office, document: Any, status: int | None = None) -> Any:
    return office.do(MANAGER, "POST", "/v1/programmes", document, status=status)


class TestPublishing:
    def test_sections_themes_and_indicators_come_back(self, office: Office) -> None:
        """What is published is what is read, and others are told of the indicators."""
        publish(office, CHANGED)

        definition = office.see(APPLICANT, "/v1/programmes/IND-P1")["definition"]
        assert definition["sections"] == [CHANGED["sections"][0] | {"required": True}]
        assert definition["due_diligence"] == ["ip-plan"]
        contract = to_contract(office.store.tail(0, 10)[-1])
        assert isinstance(contract, ProgrammePublished)
        assert contract.indicators == ("IP-REUSED",)

    def test_the_same_again(self, office: Office) -> None:
        """Publishing what is in force already is refused, in both languages."""
        publish(office, CHANGED)
        refused = publish(office, CHANGED, status=409)
        assert refused["type"].endswith("nothing-changed")

    def test_a_form_that_asks_for_personal_data(self, office: Office) -> None:
        """A section that asks about a person is refused, with the place."""
        section = CHANGED["sections"][0]
        schema = {
            "type": "object",
            "properties": {
                "contact": {
                    "type": "string",
                    "format": "email",
                    "title": "Contact",
                    "x-title-fr": "Contact",
                }
            },
        }
        refused = publish(
            office, CHANGED | {"sections": [section | {"schema": schema}]}, status=422
        )
        assert [(each["code"], each["field"]) for each in refused["errors"]] == [
            ("asks-personal-data", "sections[0].schema.properties.contact")
        ]

    @pytest.mark.parametrize("path", sorted(DOCUMENTS.glob("*.json")), ids=lambda path: path.stem)
    def test_the_documents_that_come_along(self, office: Office, path: Path) -> None:
        """Each document can be published as it is."""
        publish(office, json.loads(path.read_text("utf-8")))
        seen = office.see(APPLICANT, f"/v1/programmes/{path.stem}")
        assert (seen["version"], seen["in_force"]) == (1, True)

    def test_the_schema(self, office: Office) -> None:
        """What a document is made of can be asked for; it is no programme's code."""
        assert office.see(APPLICANT, "/v1/programmes/schema") == programme_schema()


class TestVersions:
    def test_are_listed_newest_first(self, office: Office) -> None:
        """Each version says when it came into force and how much it changed."""
        publish(office, PROGRAMME)
        publish(office, CHANGED)
        publish(office, PROGRAMME)

        first = office.see(APPLICANT, "/v1/programmes/IND-P1/versions?limit=2")
        assert [(each["version"], each["in_force"]) for each in first["items"]] == [
            (3, True),
            (2, False),
        ]
        rest = office.see(
            APPLICANT, f"/v1/programmes/IND-P1/versions?limit=2&cursor={first['next']}"
        )
        assert rest["items"] == [
            {"version": 1, "published_on": "2023-04-03", "in_force": False, "changes": 0}
        ]
        assert first["items"][1]["changes"] == 4
        assert rest["next"] is None

    def test_are_compared(self, office: Office) -> None:
        """Every change is told with its place, both values and a sentence in both languages."""
        publish(office, PROGRAMME)
        publish(office, CHANGED)

        diff = office.see(APPLICANT, "/v1/programmes/IND-P1/diff?from=1&to=2")
        assert [change["path"] for change in diff["changes"]] == [
            "reimbursement_rate_bp",
            "sections[ip-plan]",
            "due_diligence[ip-plan]",
            "indicators[IP-REUSED]",
        ]
        assert diff["changes"][0] == {
            "path": "reimbursement_rate_bp",
            "before": 3_500,
            "after": 4_000,
            "sentence": {
                "en": "Reimbursement rate: 35% becomes 40%.",
                "fr": "Taux de remboursement\u00a0: 35\u00a0% devient 40\u00a0%.",
            },
        }
        back = office.see(APPLICANT, "/v1/programmes/IND-P1/diff?from=2&to=1")
        assert back["changes"][1]["after"] is None

    @pytest.mark.parametrize(
        ("question", "status"),
        [
            ("NOBODY/versions", 404),
            ("NOBODY/diff?from=1&to=1", 404),
            ("IND-P1/diff?from=1&to=9", 404),
            ("IND-P1/diff?from=0&to=1", 422),
            ("IND-P1/diff?from=1", 422),
        ],
    )
    def test_that_do_not_exist(self, office: Office, question: str, status: int) -> None:
        """A programme or a version that nobody published is not found."""
        publish(office, PROGRAMME)
        office.see(APPLICANT, f"/v1/programmes/{question}", status=status)

    def test_an_application_keeps_the_one_it_was_submitted_under(
        self, office: Office, application_id: str
    ) -> None:
        """A later version, with a form and another rate, changes nothing of what was submitted."""
        path = f"/v1/applications/{application_id}"
        office.do(APPLICANT, "PUT", f"{path}/consortium", CONSORTIUM)
        office.do(APPLICANT, "PUT", f"{path}/budget", BUDGET)
        office.do(APPLICANT, "POST", f"{path}/submission", {"certified": True})

        publish(office, CHANGED)

        assert office.see(APPLICANT, path)["submission"]["programme_version"] == 1
        office.do("intake-officer", "POST", f"{path}/eligibility", {"confirmed": True})
