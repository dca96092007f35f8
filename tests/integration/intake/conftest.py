"""Intake as it runs: the real application on PostgreSQL, under a simulated clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from services.intake import main
from services.intake.domain.organisation import organisation_id_of
from services.intake.settings import SERVICE
from services.intake.use_cases.event_types import EVENT_TYPES
from services.intake.worker import PROJECTIONS
from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.clock import SystemClock
from shared.postgres.database import Database
from shared.projecting.projector import Projector
from shared.settings import ServiceSettings
from shared.web.development import DevelopmentIssuer
from tests.support.postgres import Databases

LEAD, ADOPTER, PROVIDER, STRANGER = "123026635", "123456782", "100000009", "200000008"


@dataclass
class Office:
    """Intake seen from outside, and its projector, stepped by hand."""

    client: TestClient
    issuer: DevelopmentIssuer
    projector: Projector
    store: PostgresEventStore
    database: Database

    def headers(self, who: str) -> dict[str, str]:
        """``applicant:<business number>`` or a role."""
        role, _, business_number = who.partition(":")
        organisation_id = organisation_id_of(business_number) if business_number else None
        token = self.issuer.token(f"person-{who.replace(':', '-')}", [role], organisation_id)
        return {"Authorization": f"Bearer {token}"}

    def do(  # read as a sentence
        self,
        who: str,
        method: str,
        path: str,
        body: Any = None,
        status: int | None = None,
        key: UUID | None = None,
    ) -> Any:
        """Hand in a command; its answer's JSON."""
        headers = self.headers(who) | {"Idempotency-Key": str(key or uuid4())}
        answer = self.client.request(method, path, json=body, headers=headers)
        expected = {status} if status else {200, 201}
        assert answer.status_code in expected, (answer.status_code, answer.text)
        return answer.json()

    def see(self, who: str, path: str, status: int = 200) -> Any:
        """Ask a question of views that have seen everything; its answer's JSON."""
        self.projector.catch_up()
        answer = self.client.get(path, headers=self.headers(who))
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json()


@pytest.fixture
def issuer(tmp_path: Path) -> DevelopmentIssuer:
    """Whose tokens intake trusts."""
    return DevelopmentIssuer(tmp_path, mode="embedded")


@pytest.fixture
def migrated_database(databases: Databases) -> Iterator[str]:
    """A database with the tables of intake."""
    url = databases.migrated(SERVICE)
    yield url
    databases.drop(url)


@pytest.fixture
def settings(migrated_database: str, issuer: DevelopmentIssuer) -> ServiceSettings:
    """Intake embedded."""
    return ServiceSettings(
        service=SERVICE,
        mode="embedded",
        database_url=migrated_database,
        transport="postgres",
        log_database_url=migrated_database,
        clock="simulated",
        jwt_issuer=issuer.issuer,
        jwks_file=issuer.jwks_file,
        http_port=8101,
    )


@pytest.fixture
def office(settings: ServiceSettings, issuer: DevelopmentIssuer) -> Iterator[Office]:
    """Intake at nine in the morning, Toronto time, on 3 April 2023."""
    database = Database(settings.database_url)
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    projector = Projector(database, store, PROJECTIONS)
    projector.prepare()
    app = main.build(settings)
    with TestClient(app) as client:
        office = Office(client, issuer, projector, store, database)
        moved = client.put(
            "/clock", json={"instant": "2023-04-03T13:00:00Z"}, headers=office.headers("operator")
        )
        assert moved.status_code == 200, moved.text
        yield office
    database.close()


PROGRAMME: dict[str, Any] = {
    "code": "IND-P1",
    "names": {"en": "Industry-led projects", "fr": "Projets menés par l’industrie"},
    "purpose": {"en": "AI in supply chains", "fr": "L’IA dans les chaînes d’approvisionnement"},
    "phase": "P1",
    "pockets": [
        {"code": "ISED-P1-PROJECTS", "provinces": None},
        {"code": "MEIE-P1-PROJECTS", "provinces": ["QC"], "share_bp": 2_000},
    ],
    "reimbursement_rate_bp": 3_500,
    "holdback_bp": 1_000,
    "claim_frequency": "quarterly",
    "survey_years": 5,
    "rules": [
        {"name": "call-open", "parameters": {}},
        {"name": "adopter-and-ai-provider"},
        {"name": "minimum-smes", "parameters": {"at_least": 1}},
        {"name": "public-share-within-rate"},
        {"name": "in-kind-share", "parameters": {"at_most_bp": 2_500}},
    ],
    "scoring_grid": [{"criterion": "impact", "out_of": 10}, {"criterion": "team", "out_of": 5}],
    "cost_categories": ["labour", "equipment"],
}


def organisation(business_number: str, **changes: Any) -> dict[str, Any]:
    """The body that registers a small Québec firm."""
    return {
        "business_number": business_number,
        "legal_name": f"Firm {business_number}",
        "kind": "sme",
        "province": "QC",
        "employees": 40,
        "for_profit": True,
        "incorporated_in_canada": True,
        **changes,
    }


def money(dollars: int) -> dict[str, Any]:
    """An amount as it travels."""
    return {"cents": dollars * 100, "currency": "CAD"}


def cost(business_number: str, quarter: str, cash: int, in_kind: int = 0) -> dict[str, Any]:
    """A line of costs, in dollars."""
    return {
        "organisation_id": str(organisation_id_of(business_number)),
        "category": "labour",
        "quarter": quarter,
        "cash": money(cash),
        "in_kind": money(in_kind),
    }


def request(business_number: str, quarter: str, amount: int) -> dict[str, Any]:
    """A requested amount, in dollars."""
    return {
        "organisation_id": str(organisation_id_of(business_number)),
        "quarter": quarter,
        "amount": money(amount),
    }


BUDGET: dict[str, Any] = {
    "costs": [cost(LEAD, "2024-T1", 500_000, 20_000), cost(ADOPTER, "2024-T1", 300_000),
              cost(PROVIDER, "2024-T2", 200_000)],
    "requests": [request(LEAD, "2024-T1", 175_000), request(ADOPTER, "2024-T1", 100_000),
                 request(PROVIDER, "2024-T2", 75_000)],
}  # fmt: skip

CONSORTIUM: dict[str, Any] = {
    "participants": [
        {"organisation_id": str(organisation_id_of(LEAD)), "role": "lead"},
        {"organisation_id": str(organisation_id_of(ADOPTER)), "role": "adopter"},
        {"organisation_id": str(organisation_id_of(PROVIDER)), "role": "ai-provider"},
    ]
}


@pytest.fixture
def call_id(office: Office) -> str:
    """A programme, its call, and four organisations."""
    office.do("programme-manager", "POST", "/v1/programmes", PROGRAMME)
    for number in (LEAD, PROVIDER, STRANGER):
        office.do("intake-officer", "POST", "/v1/organisations", organisation(number))
    large = organisation(ADOPTER, kind="large", employees=9_000, province="ON")
    office.do("intake-officer", "POST", "/v1/organisations", large)
    call = office.do(
        "programme-manager",
        "POST",
        "/v1/calls",
        {
            "programme_code": "IND-P1",
            "title": {"en": "Spring call", "fr": "Appel du printemps"},
            "opens_at": "2023-03-27T04:00:00Z",
            "closes_at": "2023-05-16T04:00:00Z",
        },
    )
    return str(call["id"])


@pytest.fixture
def application_id(office: Office, call_id: str) -> str:
    """A draft that the lead has begun."""
    started = office.do(f"applicant:{LEAD}", "POST", "/v1/applications", beginning(call_id))
    return str(started["id"])


def beginning(call_id: str) -> dict[str, Any]:
    """The body that begins an application of the lead."""
    return {
        "call_id": call_id,
        "title": "Robots",
        "starts_on": "2023-04-15",
        "ends_on": "2024-04-14",
        "lead_organisation_id": str(organisation_id_of(LEAD)),
    }
