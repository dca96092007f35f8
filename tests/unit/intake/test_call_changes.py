"""Calls change openly, and never against who was in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.intake.api.call_history import tell
from services.intake.api.call_schemas import TorontoTime
from services.intake.domain import application
from services.intake.domain.application_commands import SubmitApplication
from services.intake.domain.application_events import ApplicationSubmitted
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.call import DECIDER, Call
from services.intake.domain.call_changes import (
    CallClosesBeforeItOpens,
    CallHasClosed,
    CallHasOpened,
    CallIsContinuous,
    ClosingInThePast,
    InOneLanguageOnly,
    NotEarlier,
    NotLater,
    OpeningInThePast,
)
from services.intake.domain.call_facts import (
    AmendCall,
    Announcement,
    CallAmended,
    CallClosedEarly,
    CallExtended,
    CloseCall,
    Event,
    ExtendCall,
)
from services.intake.domain.submission import ApplicationNotAcceptable
from shared.kernel.refusals import NotFound, Refusal
from tests.unit.intake.examples import CALL, TODAY, definition, scenario
from tests.unit.intake.test_application import draft
from tests.unit.intake.test_call import CLOSES, OPENS, published

NOW = datetime(2023, 4, 3, 13, tzinfo=UTC)
LATER, EARLIER = CLOSES + timedelta(days=14), CLOSES - timedelta(days=7)
A_MICROSECOND = timedelta(microseconds=1)
WHY = Bilingual(en="Holiday", fr="Jour férié")
TITLE = Bilingual(en="Better title", fr="Meilleur titre")

amend = AmendCall(
    title=TITLE,
    opens_at=OPENS,
    closes_at=CLOSES,
    instructions=None,
    reason=WHY,
    now=NOW,
    on=TODAY,
    by="m1",
)
announced = Announcement(title=published.title, opens_at=OPENS, closes_at=CLOSES, instructions=None)
amended = CallAmended(
    effective_on=TODAY,
    call_id=CALL,
    before=announced,
    after=replace(announced, title=TITLE),
    reason=WHY,
    by="m1",
)
extend = ExtendCall(closes_at=LATER, reason=WHY, now=NOW, on=TODAY, by="m1")
extended = CallExtended(
    effective_on=TODAY, call_id=CALL, before=CLOSES, closes_at=LATER, reason=WHY, by="m1"
)
close = CloseCall(closes_at=EARLIER, reason=WHY, now=NOW, on=TODAY, by="m1")
closed = CallClosedEarly(
    effective_on=TODAY, call_id=CALL, before=CLOSES, closes_at=EARLIER, reason=WHY, by="m1"
)
continuous = replace(published, closes_at=None)


def call_after(*history: Event) -> Call:
    state = DECIDER.fold(history)
    assert isinstance(state, Call)
    return state


class TestAmending:
    def test_what_it_announces(self) -> None:
        """An amendment keeps what was announced before, what is now, and why."""
        scenario(DECIDER, given=[published], when=amend, then=[amended])
        assert call_after(published, amended).title == TITLE

    def test_the_version_of_the_programme_stays(self) -> None:
        """Rules do not change between opening and closing."""
        assert call_after(published, amended).programme_version == published.programme_version

    def test_the_same_again(self) -> None:
        """The same announcement again changes nothing."""
        scenario(DECIDER, given=[published, amended], when=amend, then=[])

    def test_its_period_before_it_opens(self) -> None:
        """Before it opens, a call may open and close at other instants."""
        before = replace(
            amend, title=published.title, now=OPENS - timedelta(days=3), closes_at=LATER,
            opens_at=OPENS + timedelta(days=1),
        )  # fmt: skip
        [event] = DECIDER.decide(before, call_after(published))
        moved = call_after(published, event)
        assert (moved.opens_at, moved.closes_at) == (OPENS + timedelta(days=1), LATER)

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"opens_at": OPENS + timedelta(days=9)}, CallHasOpened),
            ({"closes_at": LATER}, CallHasOpened),
            ({"now": CLOSES}, CallHasClosed),
            (
                {"now": OPENS - timedelta(days=3), "opens_at": OPENS - timedelta(days=4)},
                OpeningInThePast,
            ),
            ({"now": OPENS - timedelta(days=3), "closes_at": OPENS}, CallClosesBeforeItOpens),
            ({"reason": Bilingual(en="Why", fr=" ")}, InOneLanguageOnly),
            ({"instructions": Bilingual(en="", fr="Ainsi")}, InOneLanguageOnly),
        ],
    )
    def test_refused(self, changes: dict[str, object], refusal: type[Refusal]) -> None:
        """Once open, opening and closing are not amended; once closed, nothing is."""
        scenario(DECIDER, given=[published], when=replace(amend, **changes), then=refusal)  # type: ignore[arg-type]

    def test_a_call_that_is_not_there(self) -> None:
        """Only a published call is amended."""
        scenario(DECIDER, given=[], when=amend, then=NotFound)


class TestExtending:
    def test_later(self) -> None:
        """An extension keeps the closing before it."""
        scenario(DECIDER, given=[published], when=extend, then=[extended])

    def test_until_the_last_microsecond(self) -> None:
        """A call is extended before it closes; at the closing instant it is too late."""
        just = replace(extend, now=CLOSES - A_MICROSECOND)
        scenario(DECIDER, given=[published], when=just, then=[extended])
        scenario(DECIDER, given=[published], when=replace(just, now=CLOSES), then=CallHasClosed)

    def test_not_later(self) -> None:
        """The closing announced is not an extension of itself."""
        scenario(DECIDER, given=[published], when=replace(extend, closes_at=CLOSES), then=NotLater)

    def test_a_continuous_one(self) -> None:
        """What does not close is not extended."""
        scenario(DECIDER, given=[continuous], when=extend, then=CallIsContinuous)


class TestClosingEarly:
    def test_earlier(self) -> None:
        """Closing early keeps the closing before it."""
        scenario(DECIDER, given=[published], when=close, then=[closed])

    def test_at_once(self) -> None:
        """Without an instant it closes at the one at which that was asked."""
        at_once = replace(close, closes_at=None)
        scenario(DECIDER, given=[published], when=at_once, then=[replace(closed, closes_at=NOW)])

    def test_a_continuous_one(self) -> None:
        """A continuous call may be closed."""
        scenario(DECIDER, given=[continuous], when=close, then=[replace(closed, before=None)])

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"closes_at": NOW - A_MICROSECOND}, ClosingInThePast),
            ({"closes_at": CLOSES}, NotEarlier),
            ({"now": OPENS - timedelta(days=2), "closes_at": OPENS}, CallClosesBeforeItOpens),
            ({"now": CLOSES}, CallHasClosed),
        ],
    )
    def test_refused(self, changes: dict[str, object], refusal: type[Refusal]) -> None:
        """A call closes early before it would have closed, and never in hindsight."""
        scenario(DECIDER, given=[published], when=replace(close, **changes), then=refusal)  # type: ignore[arg-type]


def submitting(call: Call, at: datetime) -> bool:
    """Whether a complete application, received at an instant, is taken under this call."""
    command = SubmitApplication(
        certified=True, call=call, definition=definition, now=at, on=TODAY, by="p1"
    )
    draft_state = application.DECIDER.fold(draft)
    try:
        [event] = application.DECIDER.decide(command, draft_state)
    except ApplicationNotAcceptable as refusal:
        codes = [reason.code for reason in refusal.reasons]
    else:
        assert isinstance(event, ApplicationSubmitted)
        assert event.submitted_at == at
        return True
    assert codes == ["call-closed"]
    return False


TORONTO = ZoneInfo("America/Toronto")


NIGHTS = [
    CLOSES,
    # Clocks go from 01:59:59 to 03:00:00 on 12 March, and show 01:30 twice on 5 November 2023.
    datetime(2023, 3, 12, 3, 0, tzinfo=TORONTO),
    datetime(2023, 11, 5, 1, 30, fold=0, tzinfo=TORONTO),
    datetime(2023, 11, 5, 1, 30, fold=1, tzinfo=TORONTO),
]


class TestTheClosingInstant:
    @pytest.mark.parametrize("closes_at", NIGHTS, ids=datetime.isoformat)
    def test_to_the_microsecond(self, closes_at: datetime) -> None:
        """What is received a microsecond before the closing counts; at the closing it does not."""
        opens_at = datetime(2023, 1, 1, tzinfo=UTC)
        call = replace(
            call_after(continuous), opens_at=opens_at, closes_at=closes_at.astimezone(UTC)
        )
        assert submitting(call, closes_at.astimezone(UTC) - A_MICROSECOND)
        assert not submitting(call, closes_at.astimezone(UTC))

    def test_the_hour_that_comes_twice(self) -> None:
        """In autumn, half past one before and after the change are two instants."""
        first, second = (
            datetime(2023, 11, 5, 1, 30, fold=fold, tzinfo=TORONTO).astimezone(UTC)
            for fold in (0, 1)
        )
        assert submitting(replace(call_after(continuous), closes_at=second), first)
        told = [TorontoTime.of(instant) for instant in (first, second)]
        assert told[0].at == told[1].at
        assert [each.utc_offset for each in told] == ["-04:00", "-05:00"]


class TestWhileItChanges:
    def test_extended_meanwhile(self) -> None:
        """What was received in time counts whether it is decided before an extension or after."""
        at = CLOSES - A_MICROSECOND
        assert submitting(call_after(published), at)
        assert submitting(call_after(published, extended), at)
        assert submitting(call_after(published, extended), CLOSES)

    def test_closed_early_meanwhile(self) -> None:
        """What was received before a call was closed at once counts, though decided after."""
        at_once = replace(closed, closes_at=NOW)
        assert submitting(call_after(published, at_once), NOW - A_MICROSECOND)
        assert not submitting(call_after(published, at_once), NOW)


class TestHistory:
    def test_in_both_languages(self) -> None:
        """Every change has a sentence in English and in French."""
        for event in (published, continuous, amended, extended, closed):
            sentence = tell(event)
            assert sentence.en != sentence.fr
