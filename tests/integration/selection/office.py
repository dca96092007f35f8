"""The service's front door, as people in their roles use it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from httpx2 import Response

from services.selection.settings import SERVICE
from shared.settings import ServiceSettings
from shared.web.development import DevelopmentIssuer
from tests.integration.selection.facts import forwarded, granted
from tests.integration.selection.house import House
from tests.unit.selection.examples import APRIL_3, ISED, LAB, MEIE, SEPTEMBER_30

MEMBERS: list[dict[str, Any]] = [
    {"person_id": "insider", "kind": "employee"},
    {"person_id": "colleague", "kind": "employee"},
    {"person_id": "professor", "kind": "independent"},
    {"person_id": "investor", "kind": "independent", "organisation_id": str(LAB)},
    {"person_id": "dean", "kind": "independent"},
]
COMMITTEE: dict[str, Any] = {
    "name": "Projects",
    "programmes": ["IND-P2"],
    "quorum": 2,
    "members": MEMBERS,
    "chair": "professor",
    "agenda_closes_days": 10,
}
FUND: dict[str, Any] = {
    "outcome": "fund",
    "votes": [
        {"person_id": "professor", "vote": "for"},
        {"person_id": "insider", "vote": "for"},
        {"person_id": "dean", "vote": "abstain"},
    ],
    "lapses_on": str(SEPTEMBER_30),
}


@dataclass(frozen=True, kw_only=True)
class Office:
    """The service's front door, and what stands behind it."""

    house: House
    client: TestClient
    issuer: DevelopmentIssuer

    def headers(self, person: str, *roles: str, amr: tuple[str, ...]) -> dict[str, str]:
        """Who asks."""
        token = self.issuer.token(person, roles, amr=amr)
        return {"Authorization": f"Bearer {token}"}

    def post(
        self,
        path: str,
        body: object,
        *,
        person: str = "secretary",
        roles: tuple[str, ...] = ("committee-secretary",),
        amr: tuple[str, ...] = ("pwd", "otp"),
        key: UUID | None = None,
        if_match: str | None = None,
        language: str = "en",
    ) -> Response:
        """Hand in a command, as the secretary unless said."""
        headers = {
            **self.headers(person, *roles, amr=amr),
            "Idempotency-Key": str(key or uuid4()),
            "Accept-Language": language,
        }
        if if_match is not None:
            headers["If-Match"] = if_match
        return self.client.post(path, json=body, headers=headers)

    def get(
        self,
        path: str,
        *,
        person: str = "secretary",
        roles: tuple[str, ...] = ("committee-secretary",),
        **params: str,
    ) -> Response:
        """Ask a question, as the secretary unless said, of views that are up to date."""
        self.house.catches_up()
        headers = self.headers(person, *roles, amr=("pwd", "otp"))
        return self.client.get(path, params=params, headers=headers)

    def seen(self, path: str, **more: Any) -> Any:
        """The answer to a question that is answered."""
        response = self.get(path, **more)
        assert response.status_code == 200, response.text
        return response.json()

    def done(self, path: str, body: object, **more: Any) -> Any:
        """The answer to a command that is carried out."""
        response = self.post(path, body, **more)
        assert response.status_code in {200, 201}, response.text
        return response.json()

    def committee(self, **changes: object) -> str:
        """The id of a new committee."""
        answer = self.done("/v1/committees", {**COMMITTEE, **changes})
        return str(answer["id"])

    def meeting(self, committee_id: str, held_on: date = APRIL_3) -> str:
        """The id of a new meeting."""
        body = {"held_on": str(held_on)}
        return str(self.done(f"/v1/committees/{committee_id}/meetings", body)["id"])

    def sitting(self, *application_ids: UUID) -> str:
        """The path of a meeting about these, with 100 000 $ of ISED and 50 000 $ of MEIE."""
        self.house.hears(granted(ISED, 100_000))
        self.house.hears(granted(MEIE, 50_000))
        for application_id in application_ids:
            self.house.hears(forwarded(application_id))
        path = f"/v1/meetings/{self.meeting(self.committee())}"
        everybody = [member["person_id"] for member in MEMBERS]
        self.done(f"{path}/opening", {"present": everybody})
        return path


def settings_for(house: House, issuer: DevelopmentIssuer) -> ServiceSettings:
    url = house.database.url.render_as_string(hide_password=False)
    return ServiceSettings(
        service=SERVICE,
        mode="embedded",
        database_url=url,
        transport="postgres",
        log_database_url=url,
        jwt_issuer=issuer.issuer,
        jwks_file=issuer.jwks_file,
        http_port=8102,
    )
