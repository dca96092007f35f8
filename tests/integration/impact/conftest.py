"""Impact as a service whose loops are driven by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from services.impact import main
from services.impact.use_cases.event_types import EVENT_TYPES
from services.impact.use_cases.policies import HANDLERS
from services.impact.use_cases.timers import TIMERS, timers_of
from services.impact.worker import PROJECTIONS
from shared.contracts.base import Contract, Party
from shared.contracts.claims import ProjectCompleted
from shared.contracts.intake import ProgrammePublished
from shared.eventstore.effects import Effects
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Context
from shared.messaging.transports.postgres import create_log
from shared.postgres.clock import SimulatedClock
from shared.postgres.database import Database
from shared.projecting.projector import Projector
from shared.settings import ServiceSettings
from shared.timers.loop import TimerLoop
from shared.timers.timer import fires_at
from shared.web.development import DevelopmentIssuer
from tests.support.postgres import Databases

COMPLETED_ON = date(2025, 6, 30)
PROJECT, LEAD, ADOPTER = UUID(int=7), UUID(int=11), UUID(int=12)
START = datetime(2025, 7, 2, 14, tzinfo=UTC)


def party(number: int, organisation_id: UUID) -> Party:
    return Party(
        participant_id=UUID(int=number),
        organisation_id=organisation_id,
        role="lead",
        name=f"Organisation {number}",
        province="QC",
        sme=True,
    )


def programme(survey_years: int = 5) -> ProgrammePublished:
    return ProgrammePublished(
        effective_on=date(2023, 4, 1),
        code="IND-P2",
        version=1,
        name_en="Industry-led projects",
        name_fr="Projets menés par l’industrie",
        phase="P2",
        pockets=("ISED-P2-PROJECTS",),
        reimbursement_rate_bp=4_000,
        holdback_bp=1_000,
        claim_frequency="quarterly",
        survey_years=survey_years,
    )


def completed(project_id: UUID = PROJECT, completed_on: date = COMPLETED_ON) -> ProjectCompleted:
    return ProjectCompleted(
        effective_on=completed_on,
        project_id=project_id,
        agreement_id=UUID(int=8),
        programme_code="IND-P2",
        title="Predictive yards",
        participants=(party(1, LEAD), party(2, ADOPTER)),
    )


@dataclass
class Impact:
    """The service: its HTTP process, and its loops driven by hand."""

    client: TestClient
    issuer: DevelopmentIssuer
    database: Database
    store: PostgresEventStore
    clock: SimulatedClock
    projector: Projector
    timers: TimerLoop

    def hear(self, *facts: Contract) -> None:
        """Let other services' contracts take effect, each as a consumer would."""
        for fact in facts:
            message_id = uuid4()
            context = Context(
                command_id=message_id,
                actor=Actor(id="policy:impact"),
                correlation_id=message_id,
                causation_id=message_id,
            )
            with self.database.engine.begin() as connection:
                effects = Effects(
                    store=self.store.bound_to(connection),
                    connection=connection,
                    context=context,
                    now=self.clock.now(),
                )
                HANDLERS[type(fact)](fact, effects)
        self.settle()

    def settle(self) -> None:
        """Let timers and projections do what there is to do."""
        while self.timers.step():
            pass
        self.projector.catch_up()

    def at(self, day: date) -> None:
        """Move the clock to just after midnight of a day, and let things happen."""
        self.clock.move(fires_at(day))
        self.settle()

    def get(self, path: str, role: str = "programme-manager", of: UUID | None = None) -> Any:
        """The JSON of a page that is there."""
        answer = self.ask(path, role, of)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, path: str, role: str = "programme-manager", of: UUID | None = None) -> Any:
        """The answer to a question."""
        return self.client.get(path, headers=self.headers(role, of))

    def headers(self, role: str, of: UUID | None) -> dict[str, str]:
        """What a client of this role sends."""
        return {"Authorization": f"Bearer {self.issuer.token('p-5', [role], of)}"}

    def respond(
        self, survey_id: str, answers: dict[str, int], of: UUID, key: UUID | None = None
    ) -> Any:
        """Answer a survey."""
        body = {
            "answers": [{"indicator": name, "value": value} for name, value in answers.items()],
            "certified": True,
        }
        headers = self.headers("recipient", of) | {"Idempotency-Key": str(key or uuid4())}
        answer = self.client.post(f"/v1/surveys/{survey_id}/response", json=body, headers=headers)
        self.settle()
        return answer

    def send(
        self,
        path: str,
        body: Any,
        role: str = "recipient",
        of: UUID | None = None,
        by: str = "p-5",
        method: str = "POST",
    ) -> Any:
        """The answer to a command."""
        token = self.issuer.token(by, [role], of)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        answer = self.client.request(method, path, json=body, headers=headers)
        self.settle()
        return answer

    def surveys(self, query: str = "") -> Sequence[Any]:
        """The surveys that are listed."""
        items: Sequence[Any] = self.get(f"/v1/surveys?limit=100{query}")["items"]
        return items


@pytest.fixture
def migrated_database(databases: Databases) -> Iterator[str]:
    """The URL of a database of its own, with the service's tables, as the service's role."""
    url = databases.migrated("impact")
    yield url
    databases.drop(url)


@pytest.fixture
def app_settings(migrated_database: str, databases: Databases, tmp_path: Path) -> ServiceSettings:
    """Settings of the embedded mode, with a simulated clock."""
    create_log(databases.as_administrator(migrated_database))
    issuer = DevelopmentIssuer(tmp_path, mode="embedded")
    return ServiceSettings(
        service="impact",
        mode="embedded",
        database_url=migrated_database,
        transport="postgres",
        log_database_url=migrated_database,
        clock="simulated",
        jwt_issuer=issuer.issuer,
        jwks_file=issuer.jwks_file,
        http_port=8104,
    )


@pytest.fixture
def impact(app_settings: ServiceSettings, database: Database, tmp_path: Path) -> Iterator[Impact]:
    """The service on an empty database, early in July 2025."""
    clock = SimulatedClock(database.engine)
    clock.move(START)
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
    projector = Projector(database, store, PROJECTIONS)
    projector.prepare()
    projector.catch_up()
    with TestClient(main.build(app_settings)) as client:
        yield Impact(
            client=client,
            issuer=DevelopmentIssuer.for_settings(tmp_path, app_settings),
            database=database,
            store=store,
            clock=clock,
            projector=projector,
            timers=TimerLoop("impact", database, store, clock, timers_of, TIMERS),
        )
