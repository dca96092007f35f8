from dataclasses import replace
from uuid import UUID

import pytest

from services.intake.domain import application_commands as commands
from services.intake.domain import application_events as events
from services.intake.domain import attaching
from services.intake.domain.application import DECIDER
from services.intake.domain.application_state import NotStarted, Started
from services.intake.domain.document import KINDS, MOST_DOCUMENTS
from services.intake.domain.stages import ApplicationNotAtThisStage
from services.intake.use_cases.documents import attached_as, was_submitted
from shared.kernel.refusals import NotFound, Refusal
from tests.unit.intake.examples import APPLICATION, TODAY, lead, participant, provider, scenario
from tests.unit.intake.test_application import draft, submitted

LETTER = UUID(int=70)

attach = commands.AttachDocument(
    document_id=LETTER,
    organisation_id=lead.organisation_id,
    sha256="ab" * 32,
    kind="letter-of-intent",
    title=" Letter ",
    size=3,
    media_type="application/pdf",
    scan="clean",
    on=TODAY,
    by="p1",
)
attached = events.DocumentAttached(
    effective_on=TODAY,
    application_id=APPLICATION,
    document_id=LETTER,
    organisation_id=lead.organisation_id,
    sha256="ab" * 32,
    kind="letter-of-intent",
    title="Letter",
    size=3,
    media_type="application/pdf",
    scan="clean",
    by="p1",
)
detach = commands.DetachDocument(
    document_id=LETTER, organisation_id=lead.organisation_id, on=TODAY, by="p1"
)
detached = events.DocumentDetached(
    effective_on=TODAY, application_id=APPLICATION, document_id=LETTER, by="p1"
)
theirs = replace(attached, document_id=UUID(int=71), organisation_id=provider.organisation_id)


def state_after(*history: events.Event) -> Started:
    state = DECIDER.fold(history)
    assert not isinstance(state, NotStarted)
    return state


class TestAttaching:
    def test_a_document(self) -> None:
        """A draft takes a document of one of its organisations, with its title trimmed."""
        scenario(DECIDER, given=draft, when=attach, then=[attached])

    @pytest.mark.parametrize(
        ("change", "then"),
        [
            ({"kind": "selfie"}, attaching.DocumentKindUnknown),
            ({"title": "  "}, attaching.DocumentTitleMissing),
            ({"organisation_id": participant("other", "200000008").organisation_id}, NotFound),
        ],
    )
    def test_that_makes_no_sense(self, change: dict[str, object], then: type[Refusal]) -> None:
        """A document has a known kind, a title, and comes from who takes part."""
        scenario(DECIDER, given=draft, when=replace(attach, **change), then=then)  # type: ignore[arg-type]

    def test_twice(self) -> None:
        """An organisation attaches a content once; another one may attach the same."""
        scenario(
            DECIDER,
            given=[*draft, attached],
            when=replace(attach, document_id=UUID(int=72)),
            then=attaching.DocumentAlreadyAttached,
        )
        elsewhere = replace(
            attach, document_id=theirs.document_id, organisation_id=provider.organisation_id
        )
        scenario(DECIDER, given=[*draft, attached], when=elsewhere, then=[theirs])

    def test_too_many(self) -> None:
        """An application has at most forty documents."""
        many = [
            replace(attached, document_id=UUID(int=100 + n), sha256=f"{n:064x}")
            for n in range(MOST_DOCUMENTS)
        ]
        scenario(DECIDER, given=[*draft, *many], when=attach, then=attaching.TooManyDocuments)
        scenario(DECIDER, given=[*draft, *many[1:]], when=attach, then=[attached])

    def test_once_submitted(self) -> None:
        """What is submitted takes no more documents, and loses none."""
        for command in (attach, detach):
            scenario(
                DECIDER,
                given=[*draft, replace(attached, sha256="cd" * 32), submitted],
                when=command,
                then=ApplicationNotAtThisStage,
            )

    def test_every_kind_has_both_names(self) -> None:
        """A kind is named in English by its code and in French."""
        assert all(code and name for code, name in KINDS.items())


class TestDetaching:
    def test_a_document(self) -> None:
        """Its own organisation, or the lead, takes it off; it may be attached again."""
        scenario(DECIDER, given=[*draft, attached], when=detach, then=[detached])
        scenario(DECIDER, given=[*draft, attached, detached], when=attach, then=[attached])
        of_the_provider = replace(detach, document_id=theirs.document_id)
        scenario(
            DECIDER,
            given=[*draft, theirs],
            when=of_the_provider,
            then=[replace(detached, document_id=theirs.document_id)],
        )

    def test_one_of_others(self) -> None:
        """For another participant the document does not exist."""
        by_another = replace(detach, organisation_id=provider.organisation_id)
        scenario(DECIDER, given=[*draft, attached], when=by_another, then=attaching.DocumentUnknown)

    def test_one_that_is_not_there(self) -> None:
        """What was never attached, or is detached already, does not exist."""
        scenario(DECIDER, given=draft, when=detach, then=attaching.DocumentUnknown)
        scenario(
            DECIDER,
            given=[*draft, attached, detached],
            when=detach,
            then=attaching.DocumentUnknown,
        )


class TestWhoSees:
    def test_a_document(self) -> None:
        """Staff and the lead see all documents; a participant those that it brought."""
        state = state_after(*draft, attached, theirs)
        ids = {
            who: [each.document_id for each in attaching.documents_seen_by(who, state)]
            for who in (None, lead.organisation_id, provider.organisation_id)
        }
        assert ids == {
            None: [LETTER, theirs.document_id],
            lead.organisation_id: [LETTER, theirs.document_id],
            provider.organisation_id: [theirs.document_id],
        }


class TestTheHistory:
    def test_knows_a_document_that_is_gone(self) -> None:
        """How a document was attached is known after it is detached."""
        assert attached_as([*draft, attached, detached], LETTER) == attached

    @pytest.mark.parametrize(
        ("history", "expected"),
        [
            ([attached], False),
            ([attached, detached, submitted], False),
            ([attached, submitted], True),
            ([attached, submitted, detached], True),
            ([theirs, submitted, attached], False),
        ],
    )
    def test_knows_what_was_submitted(self, history: list[events.Event], expected: bool) -> None:
        """A document was submitted when it was attached at the instant of a submission."""
        found = was_submitted(history, organisation_id=lead.organisation_id, sha256="ab" * 32)
        assert found is expected
