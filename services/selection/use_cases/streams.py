"""The streams of this service, by what they are about."""

from uuid import UUID

from shared.eventstore.store import Stream
from shared.kernel.identifiers import derived_id


def application(application_id: UUID) -> Stream:
    """What became of an application that was forwarded."""
    return Stream("application", application_id)


def mandate(programme_code: str) -> Stream:
    """Who decides for a programme."""
    return Stream("mandate", derived_id("mandate", programme_code))


def committee(committee_id: UUID) -> Stream:
    """A committee, its docket and its agendas."""
    return Stream("committee", committee_id)


def meeting(meeting_id: UUID) -> Stream:
    """One sitting of a committee."""
    return Stream("meeting", meeting_id)


def review(application_id: UUID) -> Stream:
    """What members think of an application before they decide."""
    return Stream("review", derived_id("review", application_id))


def award(award_id: UUID) -> Stream:
    """A decision to fund."""
    return Stream("award", award_id)


def programme(code: str) -> Stream:
    """How the versions of a programme draw on its pockets."""
    return Stream("programme", derived_id("programme", code))


def waitlist() -> Stream:
    """What waits for money, in all programmes: they may share pockets."""
    return Stream("waitlist", derived_id("waitlist"))


def increase(amendment_id: UUID) -> Stream:
    """What a proposed amendment of an agreement would add."""
    return Stream("increase", amendment_id)


def pocket(code: str) -> Stream:
    """One funder's envelope for one programme."""
    return Stream("pocket", derived_id("pocket", code))
