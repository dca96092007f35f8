"""Submitting an application, giving it back, and the versions that were submitted."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from services.intake.api import similarity
from services.intake.api.application_schemas import ApplicationOut
from services.intake.api.doors import (
    ApplicantsDesk,
    OfficersDesk,
    ReadersCounter,
    own_application,
    readable_application,
)
from services.intake.api.draft_schemas import ReturnIn, SubmissionIn
from services.intake.api.proposal_schemas import SectionOut, VersionLine, VersionOut
from services.intake.domain import application_commands as commands
from services.intake.domain.application import DECIDER
from services.intake.domain.application_state import Submitted
from services.intake.domain.submission import versions_of
from services.intake.use_cases import known, streams
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Reader

router = APIRouter(prefix="/v1/applications", tags=["applications"])

Number = Annotated[int, Path(ge=1, le=1_000_000)]


@router.post("/{application_id}/submission")
def submit(application_id: UUID, body: SubmissionIn, desk: ApplicantsDesk) -> CommandAnswer:
    """Submit; refused with every reason at once when the programme's rules speak against it."""
    proposal = own_application(desk, application_id).proposal
    answered = known.call_of(desk.store, proposal.call_id)
    definition = known.definition_of(desk.store, answered)
    command = commands.SubmitApplication(
        certified=body.certified,
        call=answered,
        definition=definition,
        on_hold=known.on_hold_among(
            desk.store, (each.organisation_id for each in proposal.participants)
        ),
        others=similarity.others_of_lead(desk, proposal, definition),
        now=desk.now,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/{application_id}/return")
def send_back(application_id: UUID, body: ReturnIn, desk: OfficersDesk) -> CommandAnswer:
    """Give it back to its applicant, before it is assessed: what to mend, and until when."""
    command = commands.ReturnApplication(
        reasons=tuple(body.reasons),
        sections=tuple(body.sections),
        resubmit_by=body.resubmit_by,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.get("/{application_id}/submissions")
def list_submissions(application_id: UUID, reader: ReadersCounter) -> list[VersionLine]:
    """The versions that were submitted, the first one first."""
    return [
        VersionLine(
            number=version.sent.number,
            submitted_at=version.sent.submitted_at,
            programme_version=version.sent.programme_version,
            content_sha256=version.sent.content_sha256,
        )
        for _, version in _versions(reader, application_id)
    ]


@router.get("/{application_id}/submissions/{number}")
def submission(application_id: UUID, number: Number, reader: ReadersCounter) -> VersionOut:
    """An application as it was submitted that time, whatever became of it."""
    for ordinal, version in _versions(reader, application_id):
        if version.sent.number == number:
            return VersionOut(
                application=ApplicationOut.of(
                    version,
                    version=ordinal,
                    for_staff=reader.caller.only_organisation is None,
                ),
                sections=[
                    SectionOut.of(section, version.proposal.answers.get(section.code))
                    for section in version.sent.definition.sections
                ],
            )
    raise NotFound(kind="submission")


def _versions(reader: Reader, application_id: UUID) -> list[tuple[int, Submitted]]:
    """The versions that concern the caller: whoever joined later did not take part before."""
    readable_application(reader, application_id)
    organisation_id = reader.caller.only_organisation
    history = reader.store.events(streams.application(application_id))
    return [
        (ordinal, version)
        for ordinal, version in versions_of(history)
        if organisation_id is None or version.proposal.concerns(organisation_id)
    ]
