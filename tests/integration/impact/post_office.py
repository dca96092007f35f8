"""Impact with a mail server: its HTTP process, and its loops driven by hand."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient

from services.impact import main, worker
from services.impact.use_cases.courier import Courier
from services.impact.use_cases.event_types import EVENT_TYPES
from services.impact.use_cases.policies import HANDLERS
from services.impact.use_cases.timers import TIMERS, timers_of
from shared.contracts.base import Contract, Party
from shared.contracts.claims import ProjectCompleted
from shared.eventstore.effects import Effects
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Context
from shared.kernel.periods import TORONTO
from shared.messaging.transports.postgres import create_log
from shared.postgres.clock import SimulatedClock
from shared.postgres.database import Database
from shared.process import Parts
from shared.projecting.projector import Projector
from shared.settings import ServiceSettings
from shared.timers.loop import TimerLoop
from shared.web.development import DevelopmentIssuer
from tests.support.mail import Mailbox
from tests.support.postgres import Databases

KEY = "a key of this test alone, long enough for HMAC"
PAGE = "https://survey.example.org/"
COMPLETED_ON = date(2025, 6, 30)
OPENS, DUE = date(2026, 5, 1), date(2026, 6, 30)
PROJECT, OTHER_PROJECT, LEAD, ADOPTER = UUID(int=7), UUID(int=9), UUID(int=11), UUID(int=12)


def party(number: int, organisation_id: UUID) -> Party:
    return Party(
        participant_id=UUID(int=number),
        organisation_id=organisation_id,
        role="lead",
        name=f"Organisation {number}",
        province="QC",
        sme=True,
    )


def completed(
    project_id: UUID = PROJECT, completed_on: date = COMPLETED_ON, title: str = "Predictive yards"
) -> ProjectCompleted:
    return ProjectCompleted(
        effective_on=completed_on,
        project_id=project_id,
        agreement_id=UUID(int=8),
        programme_code="IND-P2",
        title=title,
        participants=(party(1, LEAD), party(2, ADOPTER)),
    )


@dataclass
class PostOffice:
    """The service and the mailbox that its messages come to."""

    client: TestClient
    issuer: DevelopmentIssuer
    database: Database
    store: PostgresEventStore
    clock: SimulatedClock
    projector: Projector
    timers: TimerLoop
    courier: Courier
    mailbox: Mailbox

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

    def at(self, day: date, hour: int = 9, minute: int = 0) -> None:
        """Move the clock within a day in Toronto, and let everything happen."""
        self.clock.move(datetime.combine(day, time(hour, minute), TORONTO).astimezone(UTC))
        self.settle()
        self.deliver()

    def deliver(self) -> None:
        """Let the courier do its rounds."""
        while self.courier.step():
            self.settle()
        self.settle()

    def ask(
        self,
        method: str,
        path: str,
        role: str = "programme-manager",
        of: UUID | None = None,
        *,
        token: str | None = None,
        key: UUID | None = None,
        **kwargs: Any,
    ) -> Any:
        """Ask for anything, as staff, as a recipient, or with the token of a link."""
        bearer = token if token is not None else self.issuer.token("p-5", [role], of)
        headers = {"Authorization": f"Bearer {bearer}"} | kwargs.pop("headers", {})
        if method != "GET":
            headers["Idempotency-Key"] = str(key or uuid4())
        answer = self.client.request(method, path, headers=headers, **kwargs)
        self.settle()
        return answer

    def get(self, path: str, role: str = "programme-manager", of: UUID | None = None) -> Any:
        """The JSON of a page that is there."""
        answer = self.ask("GET", path, role, of)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def name(self, email: str, of: UUID = LEAD, language: str = "en", **scope: str) -> str:
        """Name a contact, as its organisation does; the contact's id."""
        body = {"name": "Ada L’Écuyer", "email": email, "language": language, **scope}
        answer = self.ask("PUT", f"/v1/contacts/{of}", "recipient", of, json=body)
        assert answer.status_code == 200, answer.text
        contact_id: str = answer.json()["id"]
        return contact_id

    def survey_of(self, organisation_id: UUID, project_id: UUID = PROJECT) -> str:
        """The first survey of an organisation about a project."""
        listed = self.get(f"/v1/surveys?organisation_id={organisation_id}&project_id={project_id}")[
            "items"
        ]
        survey_id: str = listed[0]["survey_id"]
        return survey_id

    def answer(self, token: str, **answers: int) -> Any:
        """Answer the survey of a link."""
        body = {
            "answers": [
                {"indicator": name.replace("_", "-"), "value": value}
                for name, value in answers.items()
            ],
            "certified": True,
        }
        return self.ask("POST", "/v1/my-survey/response", token=token, json=body)


def tokens_in(message: EmailMessage) -> Sequence[str]:
    """The tokens of all links in a message, in order."""
    plain = message.get_body(("plain",))
    assert plain is not None
    lines = plain.get_content().splitlines()
    return [each.partition("#")[2] for each in lines if each.startswith(PAGE)]


@contextmanager
def post_office(
    url: str, databases: Databases, folder: Path, mailbox: Mailbox, *, with_mail: bool = True
) -> Iterator[PostOffice]:
    """The service on an empty database, early in July 2025."""
    create_log(databases.as_administrator(url))
    issuer = DevelopmentIssuer(folder, mode="embedded")
    mail: dict[str, Any] = {
        "smtp_host": mailbox.host,
        "smtp_port": mailbox.port,
        "smtp_security": "none",
        "smtp_sender": "suivi@jalon.example.org",
    }
    settings = ServiceSettings.model_validate(
        {
            "service": "impact",
            "mode": "embedded",
            "database_url": url,
            "transport": "postgres",
            "log_database_url": url,
            "clock": "simulated",
            "jwt_issuer": issuer.issuer,
            "jwks_file": issuer.jwks_file,
            "http_port": 8104,
            "link_key": KEY,
            "survey_page_url": PAGE,
            **(mail if with_mail else {}),
        }
    )
    database = Database(url)
    clock = SimulatedClock(database.engine)
    clock.move(datetime(2025, 7, 2, 14, tzinfo=UTC))
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
    projector = Projector(database, store, worker.PROJECTIONS)
    projector.prepare()
    projector.catch_up()
    with TestClient(main.build(settings)) as client:
        yield PostOffice(
            client=client,
            issuer=DevelopmentIssuer.for_settings(folder, settings),
            database=database,
            store=store,
            clock=clock,
            projector=projector,
            timers=TimerLoop("impact", database, store, clock, timers_of, TIMERS),
            courier=worker.courier(Parts(database=database, clock=clock, store=store), settings),
            mailbox=mailbox,
        )
    database.close()
