"""Calls: published once, for a time or continuously."""

from dataclasses import replace
from datetime import UTC, datetime

from services.intake.domain.bilingual import Bilingual
from services.intake.domain.call import (
    DECIDER,
    CallAlreadyPublished,
    CallClosesBeforeItOpens,
    CallPublished,
    CallTitleMissing,
    PublishCall,
)
from tests.unit.intake.examples import CALL, TODAY, scenario

OPENS = datetime(2023, 3, 27, 4, tzinfo=UTC)
CLOSES = datetime(2023, 5, 16, 3, 59, tzinfo=UTC)

publish = PublishCall(
    call_id=CALL,
    programme_code="HEALTH",
    programme_version=2,
    title=Bilingual(en="AI for health", fr="L’IA en santé"),
    opens_at=OPENS,
    closes_at=CLOSES,
    on=TODAY,
    by="p1",
)
published = CallPublished(
    effective_on=TODAY,
    call_id=CALL,
    programme_code="HEALTH",
    programme_version=2,
    title=Bilingual(en="AI for health", fr="L’IA en santé"),
    opens_at=OPENS,
    closes_at=CLOSES,
    by="p1",
)


class TestPublishing:
    def test_for_a_time(self) -> None:
        """A call says which version of its programme applies, from when until when."""
        scenario(DECIDER, given=[], when=publish, then=[published])

    def test_continuously(self) -> None:
        """A call need not close."""
        scenario(
            DECIDER,
            given=[],
            when=replace(publish, closes_at=None),
            then=[replace(published, closes_at=None)],
        )

    def test_closing_before_opening(self) -> None:
        """A call closes after it opens."""
        scenario(
            DECIDER, given=[], when=replace(publish, closes_at=OPENS), then=CallClosesBeforeItOpens
        )

    def test_in_one_language(self) -> None:
        """A call is announced in both languages."""
        scenario(
            DECIDER,
            given=[],
            when=replace(publish, title=Bilingual(en="Only", fr="")),
            then=CallTitleMissing,
        )

    def test_twice(self) -> None:
        """A call is published once."""
        scenario(DECIDER, given=[published], when=publish, then=CallAlreadyPublished)
