"""Who may come in where, and which surveys are whose."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.impact.domain import survey
from services.impact.domain.survey_state import Survey, planned_of
from services.impact.use_cases import streams
from shared.kernel.refusals import NotFound
from shared.web.desk import Desk, Reader, at_counter, at_desk

STAFF = (
    "programme-manager",
    "intake-officer",
    "agreement-officer",
    "committee-secretary",
    "finance-officer",
)
OFFICERS = ("programme-manager", "agreement-officer")
"""Who looks at answers, takes them, and excuses from giving them."""

AtTheCounter = Annotated[Reader, Depends(at_counter("recipient", *STAFF))]
StaffAtTheCounter = Annotated[Reader, Depends(at_counter(*STAFF))]
RecipientAtTheDesk = Annotated[Desk, Depends(at_desk("recipient"))]
OfficerAtTheDesk = Annotated[Desk, Depends(at_desk(*OFFICERS))]
AnyoneAtTheDesk = Annotated[Desk, Depends(at_desk("recipient", *OFFICERS))]
ManagerAtTheDesk = Annotated[Desk, Depends(at_desk("programme-manager"))]


def survey_at(desk: Desk, survey_id: UUID) -> Survey:
    """A survey that the caller may act on. Raises ``NotFound``."""
    state = desk.state(survey.DECIDER, streams.survey(survey_id))
    if desk.caller.only_organisation not in {None, planned_of(state).organisation_id}:
        raise NotFound(kind="survey")
    return state


def survey_seen(reader: Reader, survey_id: UUID) -> tuple[Survey, int]:
    """A survey that the caller may read, and its version. Raises ``NotFound``."""
    state, version = reader.state(survey.DECIDER, streams.survey(survey_id))
    if reader.caller.only_organisation not in {None, planned_of(state).organisation_id}:
        raise NotFound(kind="survey")
    return state, version
