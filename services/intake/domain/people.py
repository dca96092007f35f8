"""
Who of the lead organisation may do what with an application.

Whoever starts it leads it and signs. While nobody is named, anyone of the organisation may write
and submit; from then on those who are named, each in their roles.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from services.intake.domain.application_commands import NamePeople
from services.intake.domain.application_events import Event, PeopleNamed
from services.intake.domain.application_state import Draft
from services.intake.domain.consortium import PEOPLE_ROLES, Person
from services.intake.domain.definition import ListedTwice, NotAmongThese
from services.intake.domain.proposal import Proposal
from shared.kernel.refusals import Invalid, NotAllowed, Reason, Refusal


class PeopleNotValid(Invalid):
    """An application has people who lead it and people who sign it."""

    en = "The people of the application cannot be as described."
    fr = "Les personnes de la demande ne peuvent pas être telles que décrites."


class NobodyInRole(Invalid):
    """Somebody leads an application and somebody signs it."""

    en = "Nobody has the role of {role}."
    fr = "Personne n’a le rôle « {role_fr} »."


class NotNamedForThis(NotAllowed):
    """Once people are named for an application, each does what their roles allow."""

    en = "On this application, only people in the role of {roles} may do this."
    fr = "Pour cette demande, seules les personnes ayant le rôle {roles_fr} peuvent faire cela."


_FRENCH = {
    "lead": "responsable",
    "contributor": "collaboration",
    "signatory": "signataire",
}


def name_people(command: NamePeople, draft: Draft) -> list[Event]:
    """Replace the people; raises every problem at once."""
    proposal = draft.proposal
    if "lead" not in _roles_of(command.by, people_of(proposal)):
        raise _not_named("lead")
    if reasons := _problems(command.people):
        raise PeopleNotValid(reasons=reasons)
    return [
        PeopleNamed(
            effective_on=command.on,
            application_id=proposal.application_id,
            people=command.people,
            by=command.by,
        )
    ]


def people_of(proposal: Proposal) -> tuple[Person, ...]:
    """Those who are named; before that, whoever began it leads and signs."""
    return proposal.people or tuple(
        Person(person_id=proposal.started_by, role=role) for role in ("lead", "signatory")
    )


def must_write(by: str, proposal: Proposal) -> None:
    """People who lead or contribute write. Raises ``NotNamedForThis``."""
    _must_be(by, proposal, "lead", "contributor")


def must_sign(by: str, proposal: Proposal) -> None:
    """Signatories submit. Raises ``NotNamedForThis``."""
    _must_be(by, proposal, "signatory")


def must_answer_for(by: str, proposal: Proposal) -> None:
    """Whoever leads or signs may take it back. Raises ``NotNamedForThis``."""
    _must_be(by, proposal, "lead", "signatory")


def _must_be(by: str, proposal: Proposal, *roles: str) -> None:
    if proposal.people and not _roles_of(by, proposal.people).intersection(roles):
        raise _not_named(*roles)


def _not_named(*roles: str) -> NotNamedForThis:
    return NotNamedForThis(
        roles=" or ".join(roles),
        roles_fr=" ou ".join(f"«\u00a0{_FRENCH[role]}\u00a0»" for role in roles),
        accepted=list(roles),
    )


def _roles_of(person_id: str, people: Iterable[Person]) -> set[str]:
    return {person.role for person in people if person.person_id == person_id}


def _problems(people: Sequence[Person]) -> list[Reason]:
    return [problem.as_reason() for problem in _objections(people)]


def _objections(people: Sequence[Person]) -> Iterable[Refusal]:
    seen: Counter[Person] = Counter()
    for index, person in enumerate(people):
        if person.role not in PEOPLE_ROLES:
            yield NotAmongThese(
                value=person.role, field=f"people[{index}].role", accepted=list(PEOPLE_ROLES)
            )
        seen[person] += 1
        if seen[person] == 2:
            yield ListedTwice(value=f"{person.person_id} · {person.role}", field=f"people[{index}]")
    for role in ("lead", "signatory"):
        if all(person.role != role for person in people):
            yield NobodyInRole(
                role=role, role_fr=_FRENCH[role], field="people", accepted={"role": role}
            )
