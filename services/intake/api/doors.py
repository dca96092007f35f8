"""Who may come in here, and how far they see."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.intake.domain.application import DECIDER
from services.intake.domain.application_state import NotStarted, Started
from services.intake.use_cases import streams
from shared.kernel.refusals import NotFound
from shared.web.auth import ROLES, Caller
from shared.web.desk import Desk, Reader, at_counter, at_desk

APPLICANTS = ("applicant",)
OFFICERS = ("intake-officer",)
READERS = (
    "applicant",
    "recipient",
    "intake-officer",
    "programme-manager",
    "committee-secretary",
    "agreement-officer",
)

ApplicantsDesk = Annotated[Desk, Depends(at_desk(*APPLICANTS))]
OfficersDesk = Annotated[Desk, Depends(at_desk(*OFFICERS))]
RegistrarsDesk = Annotated[Desk, Depends(at_desk(*APPLICANTS, *OFFICERS))]
ManagersDesk = Annotated[Desk, Depends(at_desk("programme-manager"))]
AnybodysCounter = Annotated[Reader, Depends(at_counter(*sorted(ROLES)))]
ReadersCounter = Annotated[Reader, Depends(at_counter(*READERS))]
StaffCounter = Annotated[
    Reader,
    Depends(
        at_counter("intake-officer", "programme-manager", "committee-secretary", "finance-officer")
    ),
]


def must_lead(caller: Caller, organisation_id: UUID) -> None:
    """Refuse someone who acts for another organisation, without saying that the thing exists."""
    if caller.only_organisation not in {None, organisation_id}:
        raise NotFound(kind="application")


def own_application(desk: Desk, application_id: UUID) -> Started:
    """An application that the caller's organisation leads. Raises ``NotFound``."""
    state = desk.state(DECIDER, streams.application(application_id))
    if isinstance(state, NotStarted):
        raise NotFound(kind="application")
    must_lead(desk.caller, state.proposal.lead_organisation_id)
    return state


def joined_application(desk: Desk, application_id: UUID) -> Started:
    """An application in which the caller's organisation takes part. Raises ``NotFound``."""
    state = desk.state(DECIDER, streams.application(application_id))
    organisation_id = desk.caller.only_organisation
    if isinstance(state, NotStarted) or not (
        organisation_id is None or state.proposal.concerns(organisation_id)
    ):
        raise NotFound(kind="application")
    return state


def readable_application(reader: Reader, application_id: UUID) -> tuple[Started, int]:
    """
    An application and its version. Raises ``NotFound``.

    Staff read all of them; others those in which their organisation takes part.
    """
    state, version = reader.state(DECIDER, streams.application(application_id))
    organisation_id = reader.caller.only_organisation
    if isinstance(state, NotStarted) or not (
        organisation_id is None or state.proposal.concerns(organisation_id)
    ):
        raise NotFound(kind="application")
    return state, version
