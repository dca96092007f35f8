from datetime import date
from string import Formatter

import pytest

from services.intake.domain import application_events as application
from services.intake.domain.sentences import ACTORS, SENTENCES, SILENT, in_words, reasons_of
from services.intake.use_cases.event_types import EVENT_TYPES
from tests.contracts.corpus import event_types
from tests.unit.intake.test_application import declined, refused, submitted, withdrawn

TOLD = [each for each in event_types("intake") if each.name.startswith(("application.", "call."))]


class TestEveryEvent:
    @pytest.mark.parametrize("event_type", TOLD, ids=lambda each: each.name)
    def test_is_told_or_silent(self, event_type: object) -> None:
        """What happens to an application or its call has a sentence, or is silent on purpose."""
        kind = event_type.cls  # type: ignore[attr-defined]
        assert (kind in SENTENCES) != (kind in SILENT), f"add {kind.__name__} to SENTENCES"

    @pytest.mark.parametrize("kind", SENTENCES, ids=lambda each: each.__name__)
    def test_is_told_in_words_it_knows(self, kind: type) -> None:
        """A sentence names fields of its event, in both languages the same, and ends."""
        sentence = SENTENCES[kind]
        fields = set(kind.__dataclass_fields__)  # type: ignore[attr-defined]
        named = [
            {field for _, field, _, _ in Formatter().parse(text) if field is not None}
            for text in (sentence.en, sentence.fr)
        ]
        assert named[0] == named[1] <= fields - {"by"}
        assert sentence.reasons is None or sentence.reasons in fields
        assert sentence.en.endswith(".")
        assert sentence.fr.endswith(".")
        assert "'" not in sentence.fr
        assert sentence.by in ACTORS

    @pytest.mark.parametrize("kind", SENTENCES, ids=lambda each: each.__name__)
    def test_of_a_notice_is_for_applicants(self, kind: type) -> None:
        """Nothing within the review becomes a notice; a notice is about something."""
        sentence = SENTENCES[kind]
        if sentence.notice:
            fields = set(kind.__dataclass_fields__)  # type: ignore[attr-defined]
            assert not sentence.internal
            assert fields & {"application_id", "call_id"}


class TestWords:
    def test_are_filled_in(self) -> None:
        """The event's own values are in its sentence."""
        assert in_words(submitted).en == "The application was submitted (version 1)."
        assert in_words(submitted).fr == "La demande a été déposée (version 1)."

    def test_with_reasons(self) -> None:
        """One reason or several are given in the words of whoever gave them."""
        assert reasons_of(withdrawn) == (withdrawn.reason,)
        assert reasons_of(declined) == declined.reasons
        assert reasons_of(refused) == refused.reasons
        assert reasons_of(submitted) == ()

    def test_name_nobody(self) -> None:
        """A document's title is its organisation's own, and is not told."""
        attached = application.DocumentAttached(
            effective_on=date(2023, 4, 3),
            application_id=submitted.application_id,
            document_id=submitted.application_id,
            organisation_id=submitted.application_id,
            sha256="ab" * 32,
            kind="other",
            title="Secret",
            size=1,
            media_type="text/plain",
            scan="clean",
            by="p1",
        )
        assert EVENT_TYPES.encode(attached)[0] == "application.document-attached"
        assert "Secret" not in in_words(attached).en
