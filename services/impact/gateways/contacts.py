"""Names, addresses and languages of the people who are asked, by their contact's opaque id."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection, func, insert, select, text, update

from services.impact.gateways.tables import CONTACT
from shared.kernel.identifiers import derived_id
from shared.kernel.language import Language
from shared.kernel.refusals import Invalid, Reason

LONGEST_NAME = 100


class PersonNotInOrder(Invalid):
    """A person is written to by name, at an address that exists; every problem is told at once."""

    en = "The contact cannot be taken as it is."
    fr = "Le contact ne peut être accepté tel quel."


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to write to."""

    name: str
    email: str
    language: Language


def person(*, name: str, email: str, language: Language) -> Person:
    """
    What somebody typed, as it is kept: one line, and an address in its usual form.

    Raises ``PersonNotInOrder``.
    """
    reasons: list[Reason] = []
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        reasons.append(
            Reason(
                code="name-unusable",
                en=f"Say the name in one line of at most {LONGEST_NAME} characters.",
                fr=f"Indiquez le nom sur une ligne d’au plus {LONGEST_NAME} caractères.",
                field="name",
                accepted={"at_most": LONGEST_NAME},
            )
        )
    address = ""
    try:
        # Mail servers need not know addresses in other alphabets (RFC 6531): plain ones only.
        found = validate_email(email, check_deliverability=False, allow_smtputf8=False)
        address = found.ascii_email or found.normalized
    except EmailNotValidError:
        reasons.append(
            Reason(
                code="address-unusable",
                en="This is not an e-mail address that can be written to.",
                fr="Ce n’est pas une adresse de courriel à laquelle on peut écrire.",
                field="email",
                accepted="name@example.org",
            )
        )
    if reasons:
        raise PersonNotInOrder(reasons=reasons)
    return Person(name=plain, email=address, language=language)


def keep(
    connection: Connection,
    contact_id: UUID,
    *,
    organisation_id: UUID,
    details: Person,
    since: date,
) -> UUID:
    """Write down a contact; the id of the person: the same for the same address."""
    person_id = _person_at(connection, details.email) or derived_id("person", contact_id)
    connection.execute(
        insert(CONTACT).values(
            contact_id=contact_id,
            person_id=person_id,
            organisation_id=organisation_id,
            name=details.name,
            email=details.email,
            language=details.language,
            since=since,
        )
    )
    return person_id


def _person_at(connection: Connection, email: str) -> UUID | None:
    # Two who name one new address at the same time name one person.
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('impact/' || lower(:email), 0))"),
        {"email": email},
    )
    return connection.execute(
        select(CONTACT.c.person_id).where(func.lower(CONTACT.c.email) == email.lower()).limit(1)
    ).scalar_one_or_none()


def erase(connection: Connection, contact_id: UUID, *, on: date) -> None:
    """Leave nothing of a contact but its opaque ids."""
    connection.execute(
        update(CONTACT)
        .where(CONTACT.c.contact_id == contact_id, CONTACT.c.erased_on.is_(None))
        .values(name=None, email=None, language=None, erased_on=on)
    )


def details_of(connection: Connection, contact_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Who they are, by contact; one that was erased is left out."""
    query = select(CONTACT).where(
        CONTACT.c.contact_id.in_(list(contact_ids)), CONTACT.c.erased_on.is_(None)
    )
    return {
        row.contact_id: Person(name=row.name, email=row.email, language=row.language)
        for row in connection.execute(query)
    }


def organisations(connection: Connection) -> list[UUID]:
    """The organisations that have somebody to write to."""
    query = select(CONTACT.c.organisation_id).where(CONTACT.c.erased_on.is_(None)).distinct()
    return list(connection.execute(query).scalars())
