from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from services.finance.main import ROUTERS
from services.finance.projections.postings import entry_of
from services.finance.use_cases.event_types import EVENT_TYPES
from services.finance.use_cases.policies import RECEIVED, handlers
from services.finance.worker import PROJECTIONS
from shared.contracts.base import Contract
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Append, Context, Stream
from shared.kernel.clock import FixedClock
from shared.messaging.message import Message
from shared.messaging.reactions import Reactions
from shared.postgres.database import Database
from shared.projecting.projector import Projector
from shared.projecting.reading import ReadModels
from shared.settings import ServiceSettings
from shared.web.app import create_app
from shared.web.development import DevelopmentIssuer

SOURCE_OF = {contract: contract.contract_type.split(".")[0] for contract in RECEIVED}


@dataclass
class Finance:
    """The service on PostgreSQL: its doors, its ears and its ledger."""

    database: Database
    clock: FixedClock
    store: PostgresEventStore
    client: TestClient
    issuer: DevelopmentIssuer
    projector: Projector
    reactions: Reactions
    position_elsewhere: int = 0
    tokens: dict[str, str] = field(default_factory=dict)

    def hear(self, contract: Contract, message_id: UUID | None = None) -> None:
        """Receive one message, as the consumer does, in a transaction of its own."""
        self.position_elsewhere += 1
        now = self.clock.now()
        message = Message(
            id=message_id or uuid4(),
            source=SOURCE_OF[type(contract)],
            type=contract.contract_type,
            key=contract.key,
            subject="elsewhere",
            effective_on=contract.effective_on,
            recorded_at=now,
            position=self.position_elsewhere,
            correlation_id=uuid4(),
            causation_id=uuid4(),
            data=contract.model_dump_json().encode(),
        )
        with self.database.engine.begin() as connection:
            self.reactions.answer(message, connection)

    def happen(self, event: Any) -> None:
        """Append one of finance's own facts."""
        command_id = uuid4()
        context = Context(
            command_id=command_id,
            actor=Actor(id="p-1"),
            correlation_id=command_id,
            causation_id=command_id,
        )
        self.store.append([Append(Stream("told", command_id), 0, [event])], context)

    def told(self, fact: Any, heard: datetime) -> None:
        """Take in a fact of a story at its instant."""
        self.clock.instant = heard
        if isinstance(fact, Contract):
            self.hear(fact)
        else:
            self.happen(fact)

    def token(self, role: str) -> str:
        """A token of somebody in a role."""
        if role not in self.tokens:
            self.tokens[role] = self.issuer.token(f"p-{role}", [role])
        return self.tokens[role]

    def ask(self, path: str, role: str = "finance-officer", **parameters: Any) -> Response:
        """Ask a question of a ledger that has caught up."""
        self.projector.catch_up()
        return self.client.get(
            path, params=parameters or None, headers={"Authorization": f"Bearer {self.token(role)}"}
        )

    def hand_in(
        self,
        method: str,
        path: str,
        body: dict[str, Any],
        *,
        key: UUID | None = None,
        role: str = "finance-officer",
    ) -> Response:
        """Hand in a command."""
        headers = {
            "Authorization": f"Bearer {self.token(role)}",
            "Idempotency-Key": str(key or uuid4()),
        }
        return self.client.request(method, path, json=body, headers=headers)


@pytest.fixture
def finance(database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[Finance]:
    """Finance with nothing in it, at the beginning of 2023."""
    clock.instant = datetime.combine(datetime(2023, 1, 9, tzinfo=UTC), time(17), UTC)
    issuer = DevelopmentIssuer(tmp_path, mode="embedded")
    url = database.url.render_as_string(hide_password=False)
    settings = ServiceSettings(
        service="finance",
        mode="embedded",
        database_url=url,
        transport="postgres",
        log_database_url=url,
        jwt_issuer=issuer.issuer,
        jwks_file=issuer.jwks_file,
        http_port=8105,
    )
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
    projector = Projector(database, store, PROJECTIONS)
    projector.prepare()
    app = create_app(
        "finance",
        settings=settings,
        database=database,
        store=store,
        clock=clock,
        read_models=ReadModels(database.engine),
        routers=ROUTERS,
        title="Finance",
        description="",
    )
    with TestClient(app) as client:
        yield Finance(
            database=database,
            clock=clock,
            store=store,
            client=client,
            issuer=issuer,
            projector=projector,
            reactions=Reactions("finance", store, clock, handlers(post=entry_of)),
        )
