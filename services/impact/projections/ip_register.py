"""
The register of intellectual property: every piece as it is, and as it was on any day.

A row of ``piece`` is what was true of one piece from one day on until another was told. Rates are
shown with their base: pieces in the register on that day, those taken out left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    func,
    or_,
    select,
)

from services.impact.domain.intellectual_property import (
    Facts,
    IpDeregistered,
    IpRegistered,
    IpUpdated,
)
from shared.eventstore.store import Recorded
from shared.projecting.projection import Change, Delta, Insert, Projection

METADATA = MetaData()
SCHEMA = "ip_register"

IP = Table(
    "ip",
    METADATA,
    Column("ip_id", Uuid, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("project_id", Uuid, nullable=False),
    Column("programme_code", Text, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("registered_on", Date, nullable=False),
    Column("deregistered_on", Date),
    schema=SCHEMA,
)
"""``number`` is the position at which it was registered: the order of the list."""

TELLING = Table(
    "telling",
    METADATA,
    Column("ip_id", Uuid, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("since", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("owner_organisation_id", Uuid, nullable=False),
    Column("canadian_owned", Boolean, nullable=False),
    Column("reuse_allowed", Boolean, nullable=False),
    Column("reused", Boolean, nullable=False),
    Column("commercialised", Boolean, nullable=False),
    Index("telling_in_time", "ip_id", "since", "position"),
    schema=SCHEMA,
)
"""What was told of a piece, and from which day on it holds."""


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """What one event changes."""
    match recorded.event:
        case IpRegistered() as event:
            yield Insert(
                IP,
                {
                    "ip_id": event.ip_id,
                    "number": recorded.position,
                    "project_id": event.project_id,
                    "programme_code": event.programme_code,
                    "participant_id": event.participant_id,
                    "registered_on": event.effective_on,
                    "deregistered_on": None,
                },
            )
            yield _told(recorded.position, event, event.facts)
        case IpUpdated() as event:
            yield _told(recorded.position, event, event.new)
        case IpDeregistered() as event:
            yield Change(IP, {"ip_id": event.ip_id}, {"deregistered_on": event.effective_on})
        case _:
            pass


def _told(position: int, event: IpRegistered | IpUpdated, facts: Facts) -> Insert:
    return Insert(
        TELLING,
        {
            "ip_id": event.ip_id,
            "position": position,
            "since": event.effective_on,
            "source": event.source,
            "title": facts.title,
            "kind": facts.kind,
            "owner_organisation_id": facts.owner_organisation_id,
            "canadian_owned": facts.canadian_owned,
            "reuse_allowed": facts.reuse_allowed,
            "reused": facts.reused,
            "commercialised": facts.commercialised,
        },
    )


PROJECTION = Projection(SCHEMA, 1, METADATA, deltas)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which pieces; what is None does not matter."""

    text: str | None = None
    """Part of the title, in any case of letters."""
    kind: str | None = None
    programme_code: str | None = None
    project_id: UUID | None = None
    owner_organisation_id: UUID | None = None
    canadian_owned: bool | None = None
    reuse_allowed: bool | None = None
    reused: bool | None = None
    commercialised: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How much of a programme's intellectual property is put to use."""

    programme: str
    base: int
    """Pieces in the register."""
    canadian_owned: int
    commercialised: int
    reuse_allowed: int
    reused: int


def pieces(
    connection: Connection,
    wanted: Wanted,
    *,
    as_of: date,
    after: int | None = None,
    fetch: int | None = None,
) -> list[Row[Any]]:
    """The wanted pieces as they were on a day, in the order in which they were registered."""
    query = _on(as_of).order_by(IP.c.number).limit(fetch)
    columns: Mapping[str, Any] = {**TELLING.c, **IP.c}
    for name in (
        "kind",
        "programme_code",
        "project_id",
        "owner_organisation_id",
        "canadian_owned",
        "reuse_allowed",
        "reused",
        "commercialised",
    ):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(columns[name] == value)
    if wanted.text is not None:
        query = query.where(TELLING.c.title.icontains(wanted.text, autoescape=True))
    if after is not None:
        query = query.where(IP.c.number > after)
    return list(connection.execute(query).all())


def tellings(connection: Connection, ip_id: UUID) -> list[Row[Any]]:
    """All that was told of a piece, oldest first."""
    query = select(TELLING).where(TELLING.c.ip_id == ip_id).order_by(TELLING.c.position)
    return list(connection.execute(query).all())


def rates(connection: Connection, *, as_of: date, programme: str | None = None) -> list[Rates]:
    """By programme, how many pieces there are and how many are put to use, on a day."""
    known = _on(as_of).subquery()
    query = (
        select(
            known.c.programme_code.label("programme"),
            func.count().label("base"),
            *(
                func.count().filter(known.c[name]).label(name)
                for name in ("canadian_owned", "commercialised", "reuse_allowed", "reused")
            ),
        )
        .group_by(known.c.programme_code)
        .order_by(known.c.programme_code)
    )
    if programme is not None:
        query = query.where(known.c.programme_code == programme)
    return [Rates(**row) for row in connection.execute(query).mappings()]


def _on(day: date) -> Select[Any]:
    """Each piece with what was last told to hold by that day."""
    newer = TELLING.alias("newer")
    overtaken = (
        select(newer.c.ip_id)
        .where(
            newer.c.ip_id == TELLING.c.ip_id,
            newer.c.since <= day,
            or_(
                newer.c.since > TELLING.c.since,
                and_(newer.c.since == TELLING.c.since, newer.c.position > TELLING.c.position),
            ),
        )
        .exists()
    )
    described = [each for each in TELLING.c if each.name not in {"ip_id", "position"}]
    return (
        select(IP, *described)
        .join(TELLING, TELLING.c.ip_id == IP.c.ip_id)
        .where(
            TELLING.c.since <= day,
            ~overtaken,
            or_(IP.c.deregistered_on.is_(None), IP.c.deregistered_on > day),
        )
    )
