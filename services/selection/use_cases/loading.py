"""What several commands and questions load: a meeting with its committee, applications, pockets."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from services.selection.domain import application, committee, meeting, pocket, programme
from services.selection.use_cases import streams
from shared.eventstore.together import Loaded


def meeting_and_committee(
    loaded: Loaded, meeting_id: UUID
) -> tuple[meeting.Called | meeting.Opened | meeting.Sealed, UUID, committee.Established]:
    """A meeting, its committee's id and its committee; ``NotFound`` when there is none."""
    sitting = meeting.called(loaded.state(meeting.DECIDER, streams.meeting(meeting_id)))
    committee_id = (
        sitting.minutes.committee_id
        if isinstance(sitting, meeting.Sealed)
        else sitting.committee_id
    )
    seated = loaded.state(committee.DECIDER, streams.committee(committee_id))
    return sitting, committee_id, committee.established(seated)


def applications(
    loaded: Loaded, application_ids: Iterable[UUID]
) -> Mapping[UUID, application.Application]:
    """The applications, by id."""
    return {
        each: loaded.state(application.DECIDER, streams.application(each))
        for each in application_ids
    }


def pockets(loaded: Loaded, codes: Iterable[str]) -> Mapping[str, pocket.Pocket]:
    """The pockets, by code."""
    return {code: loaded.state(pocket.DECIDER, streams.pocket(code)) for code in codes}


def terms_of(loaded: Loaded, before: application.Application) -> tuple[programme.PocketTerms, ...]:
    """How the programme version of an application draws on pockets, where that was heard of."""
    if isinstance(before, application.NotReceived):
        return ()
    proposal = before.proposal
    known = loaded.state(programme.DECIDER, streams.programme(proposal.programme_code))
    return known.terms(proposal.programme_version)
