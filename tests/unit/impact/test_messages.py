"""One message to a person on a day, and the rules around it."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.impact.domain import contacts, links, messages, reminders
from services.impact.domain.contacts import Asked, Contact, Scope, contact_for
from services.impact.domain.links import Because, IssueLink, RevokeLink
from services.impact.domain.messages import (
    MOST_ATTEMPTS,
    RETRY_AFTER,
    ComposeMessage,
    Envelope,
    Message,
    MessageSent,
    RecordFailure,
    RecordSent,
    Status,
    Waiting,
    envelopes,
    message_id_of,
)
from services.impact.domain.reminders import Kind, reminder_days

DAY = date(2026, 5, 1)
NOON = datetime(2026, 5, 1, 16, tzinfo=UTC)
FEW = st.integers(min_value=1, max_value=4).map(lambda number: UUID(int=number))

asked = st.builds(Asked, survey_id=FEW, participant_id=FEW, project_id=FEW, organisation_id=FEW)
scopes = st.builds(
    Scope,
    project_id=st.none() | FEW,
    participant_id=st.none() | FEW,
    survey_id=st.none() | FEW,
)
people = st.lists(
    st.builds(
        Contact,
        contact_id=st.uuids(),
        person_id=FEW,
        organisation_id=FEW,
        scope=scopes,
        is_reachable=st.booleans(),
    ),
    max_size=8,
)
waits = st.lists(
    st.builds(
        Waiting,
        kind=st.sampled_from(Kind),
        asked=asked,
        due_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        since=st.just(DAY),
    ),
    max_size=12,
    unique_by=lambda each: (each.asked.survey_id, each.kind),
)


class TestTheQuietRule:
    @given(waits, people)
    def test_a_person_gets_one_envelope(self, waiting: list[Waiting], known: list[Contact]) -> None:
        """Whatever waits and whoever is asked under how many names: one envelope each."""
        made = envelopes(waiting, known)
        assert len({each.person_id for each in made}) == len(made)

    @given(waits, people)
    def test_nothing_is_lost_and_nothing_said_twice(
        self, waiting: list[Waiting], known: list[Contact]
    ) -> None:
        """What somebody can be written to about is in exactly one envelope; the rest waits on."""
        said = [
            (subject.survey_id, kind, each.person_id)
            for each in envelopes(waiting, known)
            for subject in each.subjects
            for kind in subject.kinds
        ]
        expected = [
            (each.asked.survey_id, each.kind, contact.person_id)
            for each in waiting
            if (contact := contact_for(each.asked, known)) is not None
        ]
        assert sorted(said) == sorted(expected)

    @given(
        st.lists(
            st.tuples(
                st.integers(min_value=0, max_value=3),
                st.sampled_from(["write", "sent", "failed", "refused"]),
            ),
            max_size=40,
        )
    )
    def test_a_day_ends_with_one_message_at_most(self, steps: list[tuple[int, str]]) -> None:
        """However often it is composed, tried and recorded, a person's day has one message."""
        streams: dict[UUID, Message] = {}
        sent: list[tuple[UUID, date]] = []
        envelope = Envelope(person_id=UUID(int=1), contact_id=UUID(int=2), subjects=())
        for days, step in steps:
            day = DAY + timedelta(days=days)
            message_id = message_id_of(envelope.person_id, day)
            state = streams.get(message_id, messages.DECIDER.initial)
            command: messages.Command = ComposeMessage(
                message_id=message_id, envelope=envelope, on=day
            )
            if state.composed is not None and step == "sent":
                command = RecordSent(on=day)
            elif state.composed is not None and step != "write":
                command = RecordFailure(permanent=step == "refused", code=550, at=NOON, on=day)
            for event in messages.DECIDER.decide(command, state):
                state = messages.DECIDER.evolve(state, event)
                if isinstance(event, MessageSent):
                    sent.append((envelope.person_id, day))
            streams[message_id] = state
        assert len(set(sent)) == len(sent)

    def test_a_failure_is_tried_again_so_often(self) -> None:
        """Five attempts a day, each later than the one before."""
        composed = ComposeMessage(
            message_id=UUID(int=1),
            envelope=Envelope(person_id=UUID(int=1), contact_id=UUID(int=2), subjects=()),
            on=DAY,
        )
        state, now = messages.DECIDER.initial, NOON
        for event in messages.DECIDER.decide(composed, state):
            state = messages.DECIDER.evolve(state, event)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            assert state.is_due(now)
            failure = RecordFailure(permanent=False, code=None, at=now, on=DAY)
            for event in messages.DECIDER.decide(failure, state):
                state = messages.DECIDER.evolve(state, event)
            if attempt < MOST_ATTEMPTS:
                wait = RETRY_AFTER[attempt - 1]
                assert not state.is_due(now + wait - timedelta(seconds=1))
                now += wait
        assert state.status is Status.FAILED
        assert not state.is_due(now + timedelta(hours=9))


class TestReminders:
    @given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 400))
    def test_none_is_before_the_opening(self, due_on: date, opened_before: int) -> None:
        """A survey that opens late is reminded of on the days that are left."""
        opened_on = due_on + timedelta(days=200 - opened_before)
        days = reminder_days(opened_on, due_on)
        assert days[Kind.OPENING] == opened_on
        assert min(days.values()) == opened_on
        wanted = {due_on + timedelta(days=each) for each in (-14, 0, 30)}
        assert set(days.values()) - {opened_on} <= wanted

    def test_the_calendar_reminds_once(self) -> None:
        """What the calendar does is done once; a link may be asked for again."""
        assert {each for each in Kind if each not in reminders.REPEATED} == {
            Kind.OPENING,
            Kind.BEFORE_DUE,
            Kind.DUE,
            Kind.OVERDUE,
        }


class TestContacts:
    @given(asked, people)
    def test_the_narrowest_reachable_one_is_asked(
        self, survey: Asked, known: list[Contact]
    ) -> None:
        """Nobody of another organisation, nobody whose mail comes back, nobody less concerned."""
        found = contact_for(survey, known)
        fitting = [each for each in known if each.is_reachable and each.answers_for(survey)]
        assert (found is None) == (not fitting)
        if found is not None:
            assert found.organisation_id == survey.organisation_id
            assert found.scope.narrowness == max(each.scope.narrowness for each in fitting)

    def test_naming_again_replaces(self) -> None:
        """Within one scope there is one contact."""
        state = contacts.DECIDER.initial
        for number in (1, 2):
            command = contacts.NameContact(
                contact_id=UUID(int=number),
                person_id=UUID(int=number),
                organisation_id=UUID(int=9),
                scope=Scope(),
                by="p-1",
                on=DAY,
            )
            for event in contacts.DECIDER.decide(command, state):
                state = contacts.DECIDER.evolve(state, event)
        assert [each.contact_id for each in state.present] == [UUID(int=2)]
        assert state.replaced == {UUID(int=1)}


class TestLinks:
    @given(
        st.lists(
            st.tuples(FEW, st.integers(0, 120), st.sampled_from(Because), st.booleans()),
            max_size=20,
        )
    )
    def test_one_lives_at_a_time(self, steps: list[tuple[UUID, int, Because, bool]]) -> None:
        """Whoever is asked and whatever is revoked, a survey has one living link at most."""
        state, day = links.DECIDER.initial, DAY
        for contact_id, days, because, is_revoked in steps:
            day += timedelta(days=days)
            command: links.Command = IssueLink(
                survey_id=UUID(int=9), contact_id=contact_id, because=because, on=day
            )
            if is_revoked and state.issued:
                command = RevokeLink(link_id=state.issued[-1].link_id, on=day)
            for event in links.DECIDER.decide(command, state):
                state = links.DECIDER.evolve(state, event)
            living = [each for each in state.issued if each.lives(day)]
            assert len(living) <= 1
            assert len({each.link_id for each in state.issued}) == len(state.issued)
            if isinstance(command, IssueLink):
                assert [each.contact_id for each in living] == [contact_id]
