"""What members think of an item before their meeting, and who may see it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.selection.domain import application, committee, meeting, review
from services.selection.domain.conflicts import conflicts_on
from services.selection.domain.meeting import Called, Opened, Sealed
from services.selection.domain.membership import Member, ScoresVisible
from services.selection.domain.pack import agenda_of
from services.selection.domain.review import Opinion, Recommendation, Spread
from services.selection.use_cases import streams
from services.selection.use_cases.loading import meeting_and_committee
from shared.eventstore.store import Event, EventStore, Stream
from shared.eventstore.together import Loaded
from shared.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """A member scores an item on its grid."""

    meeting_id: UUID
    application_id: UUID
    person_id: str
    points: dict[str, int]
    on: date

    def __call__(self, loaded: Loaded) -> Iterator[tuple[Stream, Sequence[Event]]]:
        """Kept with the application, whatever meeting it is decided at."""
        before = _to_be_reviewed(loaded, self)
        command = review.ScoreApplication(
            application_id=self.application_id,
            person_id=self.person_id,
            points=self.points,
            grid=before.proposal.scores,
            on=self.on,
        )
        yield _review(loaded, self.application_id, command)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommending:
    """A member says what the committee should do about an item."""

    meeting_id: UUID
    application_id: UUID
    person_id: str
    recommendation: Recommendation
    text: str
    on: date

    def __call__(self, loaded: Loaded) -> Iterator[tuple[Stream, Sequence[Event]]]:
        """Kept with the application; it decides nothing."""
        _to_be_reviewed(loaded, self)
        command = review.Recommend(
            application_id=self.application_id,
            person_id=self.person_id,
            recommendation=self.recommendation,
            text=self.text,
            on=self.on,
        )
        yield _review(loaded, self.application_id, command)


def _review(
    loaded: Loaded, application_id: UUID, command: review.Command
) -> tuple[Stream, Sequence[Event]]:
    stream = streams.review(application_id)
    return stream, review.decide(command, loaded.state(review.DECIDER, stream))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedItem:
    """An item of a meeting, and those who may review it."""

    before: application.Known
    record: Called | Opened
    seated: committee.Established
    reviewers: tuple[Member, ...]
    """The members without a conflict, by person."""
    conflicted: frozenset[str]
    is_open_to_review: bool


def reviewed_item(
    loaded: Loaded, meeting_id: UUID, application_id: UUID, *, on: date
) -> ReviewedItem:
    """An item as its reviewers have it. Raises ``NotFound`` when it is not on the agenda."""
    sitting, _, seated = meeting_and_committee(loaded, meeting_id)
    record = sitting.minutes if isinstance(sitting, Sealed) else sitting
    agenda = (
        tuple(record.conflicted) if isinstance(record, Opened) else agenda_of(seated, meeting_id)
    )
    before = loaded.state(application.DECIDER, streams.application(application_id))
    if application_id not in agenda or isinstance(before, application.NotReceived):
        raise NotFound(kind="item")
    conflicted = conflicts_on(application_id, before, record, seated)
    members = record.members if isinstance(record, Opened) else seated.serving(on)
    closed = isinstance(record, Opened) and (
        application_id in record.decided or record.approval is not None
    )
    return ReviewedItem(
        before=before,
        record=record,
        seated=seated,
        reviewers=tuple(
            sorted(
                (each for each in members if each.person_id not in conflicted),
                key=lambda each: each.person_id,
            )
        ),
        conflicted=conflicted,
        is_open_to_review=(
            isinstance(before, application.Waiting)
            and not closed
            and not isinstance(sitting, Sealed)
        ),
    )


def _to_be_reviewed(loaded: Loaded, asked: Scoring | Recommending) -> application.Known:
    """The application, when this member may still review it; who has a conflict finds nothing."""
    item = reviewed_item(loaded, asked.meeting_id, asked.application_id, on=asked.on)
    serving = {each.person_id for each in item.reviewers if each.serves(asked.on)}
    if asked.person_id not in serving:
        raise NotFound(kind="item")
    if not item.is_open_to_review:
        raise meeting.ItemAlreadyDecided(application_id=asked.application_id)
    return item.before


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSeen:
    """The reviews of an item as one reader may see them."""

    grid: tuple[application.Score, ...]
    """As due diligence scored it."""
    scored: tuple[str, ...]
    """Who has scored."""
    not_scored: tuple[str, ...]
    """Who has not, and may."""
    opinions: tuple[tuple[str, Opinion], ...]
    """What the reader may see: their own, and when that is in, those of others."""
    others_hidden: bool
    spread: tuple[Spread, ...]
    """Empty while those of others are hidden."""


def review_seen(
    store: EventStore,
    meeting_id: UUID,
    application_id: UUID,
    *,
    reader: str,
    member_only: bool,
    on: date,
) -> ReviewSeen:
    """The reviews for ``reader``. Raises ``NotFound``, also where they have a conflict."""
    loaded = Loaded(store)
    item = reviewed_item(loaded, meeting_id, application_id, on=on)
    seated = (each for each in item.seated.members if not each.is_over(on))
    members = {each.person_id for each in (*seated, *_members(item.record))}
    if reader in item.conflicted or (member_only and reader not in members):
        raise NotFound(kind="item")
    state = loaded.state(review.DECIDER, streams.review(application_id))
    # Whoever has a conflict by now has no part in it, whatever they said before.
    opinions = {
        person_id: opinion
        for person_id, opinion in state.opinions.items()
        if person_id not in item.conflicted
    }
    hidden = reader in members and not _sees_others(item, state, reader)
    scored = [each.person_id for each in item.reviewers if state.scored_by(each.person_id)]
    return ReviewSeen(
        grid=item.before.proposal.scores,
        scored=tuple(scored),
        not_scored=tuple(each.person_id for each in item.reviewers if each.person_id not in scored),
        opinions=tuple(
            (person_id, opinion)
            for person_id, opinion in sorted(opinions.items())
            if not hidden or person_id == reader
        ),
        others_hidden=hidden,
        spread=()
        if hidden
        else review.spread(item.before.proposal.scores, tuple(opinions.values())),
    )


def _sees_others(item: ReviewedItem, state: review.Review, reader: str) -> bool:
    if not state.scored_by(reader):
        return False
    at_meeting = item.seated.scores_visible is ScoresVisible.AT_MEETING
    return isinstance(item.record, Opened) or not at_meeting


def _members(record: Called | Opened) -> tuple[Member, ...]:
    return record.members if isinstance(record, Opened) else ()


def reviews_missing(
    store: EventStore, meeting_id: UUID, *, reader: str, on: date
) -> dict[UUID, tuple[str, ...]]:
    """Per item of the agenda, who may score it and has not; without the reader's conflicts."""
    loaded = Loaded(store)
    sitting, _, seated = meeting_and_committee(loaded, meeting_id)
    record = sitting.minutes if isinstance(sitting, Sealed) else sitting
    agenda = (
        tuple(record.conflicted) if isinstance(record, Opened) else agenda_of(seated, meeting_id)
    )
    missing = {}
    for application_id in agenda:
        item = reviewed_item(loaded, meeting_id, application_id, on=on)
        if reader in item.conflicted:
            continue
        state = loaded.state(review.DECIDER, streams.review(application_id))
        missing[application_id] = tuple(
            each.person_id for each in item.reviewers if not state.scored_by(each.person_id)
        )
    return missing
