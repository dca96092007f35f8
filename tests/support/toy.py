"""A toy service on the web edge: jars into which money is put, until there is none left to put."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, assert_never
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel, Field
from starlette.testclient import TestClient

from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.store import EventStore, Stream
from shared.kernel.clock import Clock
from shared.kernel.decider import Decider
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import NotFound, RuleBroken
from shared.settings import ServiceSettings
from shared.web.app import create_app
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk
from shared.web.development import DevelopmentIssuer
from shared.web.paging import AskedPage, Page
from shared.web.schemas import FundingCellIn, Request


class JarHoldsOnlySoMuch(RuleBroken):
    """A jar holds no more than was agreed."""

    en = "The jar holds at most {limit} until {until} ({quarter}); {asked} was asked."
    fr = "Le bocal contient au plus {limit} jusqu’au {until} ({quarter}); {asked} est demandé."


class JarIsClosed(RuleBroken):
    """Nothing is put into a closed jar."""

    en = "The jar is closed."
    fr = "Le bocal est fermé."


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenJar:
    by: str
    on: date
    organisation_id: UUID
    limit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PutIn:
    amount: Money
    note: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class JarOpened:
    effective_on: date
    organisation_id: UUID
    limit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyPutIn:
    effective_on: date
    amount: Money
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Jar:
    organisation_id: UUID | None = None
    limit: Money = ZERO
    held: Money = ZERO


Command = OpenJar | PutIn
Event = JarOpened | MoneyPutIn


def decide(command: Command, jar: Jar) -> Sequence[Event]:
    match command:
        case OpenJar():
            if jar.organisation_id is not None:
                return []
            return [
                JarOpened(
                    effective_on=command.on,
                    organisation_id=command.organisation_id,
                    limit=command.limit,
                )
            ]
        case PutIn():
            if jar.organisation_id is None:
                raise NotFound(kind="jar")
            if jar.held + command.amount > jar.limit:
                raise JarHoldsOnlySoMuch(
                    limit=jar.limit,
                    until=date(2024, 3, 31),
                    quarter=Quarter(2024, 1),
                    asked=command.amount,
                    field="amount",
                    accepted={"at_most": jar.limit - jar.held},
                )
            return [MoneyPutIn(effective_on=command.on, amount=command.amount, note=command.note)]
        case unreachable:
            assert_never(unreachable)


def evolve(jar: Jar, event: Event) -> Jar:
    match event:
        case JarOpened():
            return replace(jar, organisation_id=event.organisation_id, limit=event.limit)
        case MoneyPutIn():
            return replace(jar, held=jar.held + event.amount)
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, Jar, Event] = Decider(initial=Jar(), decide=decide, evolve=evolve)
EVENT_TYPES = EventTypes(EventType("jar.opened", JarOpened), EventType("jar.put", MoneyPutIn))


class JarBody(Request):
    organisation_id: UUID
    limit: Money


class PutBody(Request):
    amount: Money
    note: str = ""
    seen_on: date | None = None
    quarter: Quarter | None = None
    kind: Annotated[str, Field(pattern="^[a-z]+$")] = "coins"
    count: int = 1
    cells: tuple[FundingCellIn, ...] = ()


class JarOut(BaseModel):
    limit: Money
    held: Money


router = APIRouter(prefix="/v1/jars", tags=["jars"])


@router.post("", status_code=201)
def open_jar(
    body: JarBody, desk: Annotated[Desk, Depends(at_desk("applicant", "intake-officer"))]
) -> CommandAnswer:
    """Open a jar for an organisation."""
    desk.caller.must_belong_to(body.organisation_id)
    jar_id = desk.new_id("jar")
    desk.created_at(f"/v1/jars/{jar_id}")
    command = OpenJar(
        by=desk.caller.id, on=desk.today, organisation_id=body.organisation_id, limit=body.limit
    )
    return desk.carry_out(DECIDER, Stream("jar", jar_id), command)


@router.put("/{jar_id}/money")
def put_in(
    jar_id: UUID, body: PutBody, desk: Annotated[Desk, Depends(at_desk("applicant", "payer"))]
) -> CommandAnswer:
    """Put money into a jar."""
    command = PutIn(amount=body.amount, note=body.note, on=body.seen_on or desk.today)
    return desk.carry_out(DECIDER, Stream("jar", jar_id), command)


@router.get("/{jar_id}")
def jar(jar_id: UUID, reader: Annotated[Reader, Depends(at_counter("applicant"))]) -> JarOut:
    """What is in a jar."""
    state, _ = reader.state(DECIDER, Stream("jar", jar_id))
    assert state.organisation_id is not None
    reader.caller.must_belong_to(state.organisation_id)
    return JarOut(limit=state.limit, held=state.held)


@router.get("")
def numbers(
    _reader: Annotated[Reader, Depends(at_counter("applicant"))], paging: AskedPage
) -> Page[int]:
    """The numbers from 0 to 99, in pages."""
    after = paging.after(int)
    first = 0 if after is None else after[0] + 1
    rows = list(range(100))[max(first, 0) :][: paging.fetch]
    return paging.page(rows, key=lambda row: (row,), item=lambda row: row)


@router.get("/broken/defect")
def broken() -> None:
    """A defect."""
    raise ZeroDivisionError("the secret of the house")


def settings_for(jwks_file: Path, issuer: str) -> ServiceSettings:
    """Settings of the toy, embedded."""
    return ServiceSettings(
        service="toy",
        mode="embedded",
        database_url="postgresql+psycopg://nowhere/none",
        transport="postgres",
        log_database_url="postgresql+psycopg://nowhere/none",
        jwt_issuer=issuer,
        jwks_file=jwks_file,
        http_port=8100,
    )


def toy_app(settings: ServiceSettings, store: EventStore, clock: Clock, **more: Any) -> FastAPI:
    """The toy's application."""
    return create_app(
        "toy",
        settings=settings,
        database=more.pop("database", None),
        store=store,
        clock=clock,
        read_models=more.pop("read_models", None),
        routers=[router, *more.pop("routers", ())],
        title="Toy",
        description="Jars.",
        **more,
    )


@dataclass(frozen=True, kw_only=True)
class Toy:
    """The toy's application with a client, and tokens for whoever is to knock."""

    client: TestClient
    issuer: DevelopmentIssuer
    organisation_id: UUID = field(default_factory=uuid4)

    def headers(self, *roles: str, key: UUID | None = None, **more: str) -> dict[str, str]:
        """Headers of someone in ``roles`` (an applicant unless said) with a fresh command id."""
        token = self.issuer.token("person-1", roles or ("applicant",), self.organisation_id)
        return {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": str(key or uuid4()),
            **{name.replace("_", "-"): value for name, value in more.items()},
        }

    def open_jar(self, cents: int = 61_60) -> str:
        """The path of a new jar."""
        body = {"organisation_id": str(self.organisation_id), "limit": {"cents": cents}}
        response = self.client.post("/v1/jars", json=body, headers=self.headers())
        assert response.status_code == 201, response.text
        return str(response.headers["Location"])


@contextmanager
def running_toy(store: EventStore, clock: Clock, folder: Path, **more: Any) -> Iterator[Toy]:
    """The toy on a store, embedded, with an issuer that keeps its key in ``folder``."""
    issuer = DevelopmentIssuer(folder, mode="embedded")
    app = toy_app(settings_for(issuer.jwks_file, issuer.issuer), store, clock, **more)
    with TestClient(app) as client:
        yield Toy(client=client, issuer=issuer)
