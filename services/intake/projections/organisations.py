"""The organisations that are known, to find one and to find those that are the same."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    func,
    select,
)

from services.intake.domain.duplicates import Entry, folded
from services.intake.domain.organisation import (
    OrganisationAbsorbed,
    OrganisationAmended,
    OrganisationHeld,
    OrganisationHoldReleased,
    OrganisationRegistered,
)
from services.intake.domain.profile import Profile, business_number_is_valid
from shared.eventstore.store import Recorded
from shared.projecting.projection import Change, Delta, Insert, Projection

NAME = "organisations"
_METADATA = MetaData()

ORGANISATION = Table(
    "organisation",
    _METADATA,
    Column("organisation_id", Uuid, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("business_number", Text, nullable=False, index=True),
    Column("number_is_valid", Boolean, nullable=False),
    Column("neq", Text),
    Column("legal_name", Text, nullable=False),
    Column("legal_name_en", Text),
    Column("legal_name_fr", Text),
    Column("folded_names", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("province", Text, nullable=False),
    Column("naics", Text),
    Column("employees", BigInteger, nullable=False),
    Column("sme", Boolean, nullable=False),
    Column("on_hold", Boolean, nullable=False),
    Column("merged_into", Uuid),
    schema=NAME,
)
"""
``number`` is the position at which it was registered: the order of the list. ``folded_names`` are
its names as ``domain.duplicates`` compares them, one a line. ``merged_into`` is the one that stands
for it now, however many mergers led there.
"""


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """Every organisation as it is now."""
    match recorded.event:
        case OrganisationRegistered() as registered:
            yield Insert(
                ORGANISATION,
                {
                    "organisation_id": registered.organisation_id,
                    "number": recorded.position,
                    "business_number": registered.profile.business_number,
                    "number_is_valid": business_number_is_valid(registered.profile.business_number),
                    "on_hold": False,
                    **_described(registered.profile),
                },
            )
        case OrganisationAmended(organisation_id=organisation_id, profile=profile):
            yield _change(organisation_id, **_described(profile))
        case OrganisationHeld(organisation_id=organisation_id):
            yield _change(organisation_id, on_hold=True)
        case OrganisationHoldReleased(organisation_id=organisation_id):
            yield _change(organisation_id, on_hold=False)
        case OrganisationAbsorbed(organisation_id=organisation_id, absorbed=absorbed):
            for each in absorbed:
                yield _change(each, merged_into=organisation_id)
        case _:
            pass


def _change(organisation_id: UUID, **values: Any) -> Change:
    return Change(ORGANISATION, {"organisation_id": organisation_id}, values)


def _described(profile: Profile) -> dict[str, Any]:
    return {
        "neq": profile.neq,
        "legal_name": profile.legal_name,
        "legal_name_en": profile.legal_name_en,
        "legal_name_fr": profile.legal_name_fr,
        "folded_names": "\n".join(dict.fromkeys(filter(None, map(folded, profile.names)))),
        "kind": profile.kind,
        "province": profile.province,
        "naics": profile.naics,
        "employees": profile.employees,
        "sme": profile.sme,
    }


PROJECTION = Projection(name=NAME, version=1, metadata=_METADATA, deltas=deltas)


def organisations(  # one parameter per filter
    connection: Connection,
    *,
    name: str | None,
    business_number: str | None,
    province: str | None,
    kind: str | None,
    on_hold: bool | None,
    only: frozenset[UUID] | None,
    after: int | None,
    fetch: int,
) -> Sequence[Row[Any]]:
    """
    Organisations that stand for themselves, in the order in which they were registered.

    A business number finds the one that stands for it. ``name`` is looked for anywhere in a name,
    whatever the accents and capitals. ``only``: none but these.
    """
    query = (
        select(ORGANISATION)
        .where(ORGANISATION.c.merged_into.is_(None))
        .order_by(ORGANISATION.c.number)
        .limit(fetch)
    )
    if name is not None:
        query = query.where(ORGANISATION.c.folded_names.contains(folded(name), autoescape=True))
    if business_number is not None:
        known = ORGANISATION.alias()
        query = query.where(
            ORGANISATION.c.organisation_id.in_(
                select(func.coalesce(known.c.merged_into, known.c.organisation_id)).where(
                    known.c.business_number == business_number
                )
            )
        )
    if province is not None:
        query = query.where(ORGANISATION.c.province == province)
    if kind is not None:
        query = query.where(ORGANISATION.c.kind == kind)
    if on_hold is not None:
        query = query.where(ORGANISATION.c.on_hold == on_hold)
    if only is not None:
        query = query.where(ORGANISATION.c.organisation_id.in_(only))
    if after is not None:
        query = query.where(ORGANISATION.c.number > after)
    return connection.execute(query).all()


def entries(connection: Connection) -> list[Entry]:
    """What is compared of every organisation that stands for itself."""
    rows = connection.execute(
        select(
            ORGANISATION.c.organisation_id,
            ORGANISATION.c.business_number,
            ORGANISATION.c.number_is_valid,
            ORGANISATION.c.neq,
            ORGANISATION.c.folded_names,
        ).where(ORGANISATION.c.merged_into.is_(None))
    )
    return [
        Entry(
            organisation_id=row.organisation_id,
            business_number=row.business_number,
            number_is_valid=row.number_is_valid,
            neq=row.neq,
            names=tuple(row.folded_names.splitlines()),
        )
        for row in rows
    ]


def names_of(connection: Connection, organisation_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The legal names of some organisations."""
    query = select(ORGANISATION.c.organisation_id, ORGANISATION.c.legal_name).where(
        ORGANISATION.c.organisation_id.in_(set(organisation_ids))
    )
    return {row.organisation_id: row.legal_name for row in connection.execute(query)}
