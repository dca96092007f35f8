"""Hold a meeting: open it, declare conflicts, decide, seal. Each spans several streams."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.selection.domain import (
    application,
    award,
    conflicts,
    deliberation,
    meeting,
    minutes,
    waitlist,
    written,
)
from services.selection.domain.pack import agenda_of
from services.selection.use_cases import streams
from services.selection.use_cases.consequences import changes_of
from services.selection.use_cases.loading import (
    applications,
    meeting_and_committee,
    pockets,
    terms_of,
)
from services.selection.use_cases.packs import frozen
from shared.eventstore.together import Changes, Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Open a meeting with those present."""

    meeting_id: UUID
    present: tuple[str, ...]
    on: date

    def __call__(self, loaded: Loaded) -> Changes:
        """The meeting takes over its agenda from the committee."""
        sitting, committee_id, seated = meeting_and_committee(loaded, self.meeting_id)
        packed = frozen(loaded, sitting, seated, self.meeting_id, on=self.on)
        consequences = deliberation.open_meeting(
            sitting,
            seated,
            applications(loaded, agenda_of(seated, self.meeting_id)),
            present=self.present,
            on=self.on,
        )
        return changes_of(
            replace(consequences, meeting=[*packed, *consequences.meeting]),
            meeting_id=self.meeting_id,
            committee_id=committee_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaring:
    """Declare that a member has an interest in an item."""

    meeting_id: UUID
    command: meeting.DeclareConflict

    def __call__(self, loaded: Loaded) -> Changes:
        """Kept with the meeting, and with the application for any later meeting."""
        sitting, _, seated = meeting_and_committee(loaded, self.meeting_id)
        application_id = self.command.application_id
        before = loaded.state(application.DECIDER, streams.application(application_id))
        consequences = deliberation.declare_conflict(self.command, sitting, seated, before)
        return changes_of(consequences, meeting_id=self.meeting_id, application_id=application_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawing:
    """Take back a conflict that was declared wrongly."""

    meeting_id: UUID
    command: conflicts.WithdrawConflict

    def __call__(self, loaded: Loaded) -> Changes:
        """Gone from the meeting and from the application."""
        sitting, _, seated = meeting_and_committee(loaded, self.meeting_id)
        application_id = self.command.application_id
        before = loaded.state(application.DECIDER, streams.application(application_id))
        consequences = conflicts.withdraw(self.command, sitting, seated, before)
        return changes_of(consequences, meeting_id=self.meeting_id, application_id=application_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voting:
    """Vote on an item in writing."""

    meeting_id: UUID
    command: written.CastBallot

    def __call__(self, loaded: Loaded) -> Changes:
        """The vote, unless a link to the application has been found since the opening."""
        sitting, _, seated = meeting_and_committee(loaded, self.meeting_id)
        application_id = self.command.application_id
        before = loaded.state(application.DECIDER, streams.application(application_id))
        opened = conflicts.with_present_links(
            meeting.sitting(sitting), application_id, before, seated
        )
        yield streams.meeting(self.meeting_id), written.cast(self.command, opened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Minuting:
    """Correct or approve the draft of the minutes."""

    meeting_id: UUID
    command: minutes.Command

    def __call__(self, loaded: Loaded) -> Changes:
        """The meeting."""
        sitting, _, _ = meeting_and_committee(loaded, self.meeting_id)
        yield streams.meeting(self.meeting_id), minutes.decide(self.command, sitting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """Decide about one item."""

    command: deliberation.DecideItem

    def __call__(self, loaded: Loaded) -> Changes:
        """The meeting, the application, the award and every pocket that it draws on."""
        command = self.command
        sitting, committee_id, seated = meeting_and_committee(loaded, command.meeting_id)
        before = loaded.state(application.DECIDER, streams.application(command.application_id))
        terms = terms_of(loaded, before)
        replaced_id = before.standing_award if isinstance(before, application.Waiting) else None
        standing = (
            None if replaced_id is None else loaded.state(award.DECIDER, streams.award(replaced_id))
        )
        asked = deliberation.pockets_asked(command, before, terms, standing)
        consequences = deliberation.decide_item(
            command,
            sitting,
            before,
            seated=seated,
            promised=loaded.state(award.DECIDER, streams.award(command.award_id)),
            pockets=pockets(loaded, asked),
            terms=terms,
            standing=standing,
            waiting_list=loaded.state(waitlist.DECIDER, streams.waitlist()),
        )
        return changes_of(
            consequences,
            meeting_id=command.meeting_id,
            application_id=command.application_id,
            committee_id=committee_id,
            replaced_id=replaced_id,
            award_id=command.award_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """End a meeting."""

    meeting_id: UUID
    by: str | None = None
    """Who seals it."""
    on: date

    def __call__(self, loaded: Loaded) -> Changes:
        """The meeting; what it left undecided goes back to the committee."""
        sitting, committee_id, seated = meeting_and_committee(loaded, self.meeting_id)
        opened = meeting.to_be_sealed(sitting)
        approval = minutes.approval_of(opened, sealed_by=self.by, sealed_on=self.on)
        consequences = deliberation.seal(
            sitting,
            seated,
            applications(loaded, opened.undecided),
            content_hash=minutes.hash_of(minutes.content_of(opened, seated.name, approval)),
            by=self.by,
            money_available=loaded.state(waitlist.DECIDER, streams.waitlist()).offered,
            on=self.on,
        )
        return changes_of(consequences, meeting_id=self.meeting_id, committee_id=committee_id)
