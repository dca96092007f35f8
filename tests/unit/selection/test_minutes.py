"""Minutes: drafted from the facts, corrected, approved, sealed; the same facts, the same bytes."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.selection.api.documents import as_html, as_pdf
from services.selection.domain import meeting, minutes
from services.selection.domain.meeting import MeetingSealed, Outcome, SealMeeting
from services.selection.domain.minutes import (
    ApproveMinutes,
    Content,
    ProposeCorrection,
    SettleCorrection,
    approval_of,
    canonical,
    content_of,
    hash_of,
)
from services.selection.domain.proceedings import (
    CorrectionProposed,
    CorrectionSettled,
    MinutesApproved,
    PackedItem,
    PackFrozen,
)
from services.selection.use_cases.minutes_text import SENTENCES, text_of
from shared.kernel.identifiers import derived_id
from shared.kernel.refusals import NotFound, Refusal
from tests.unit.selection.examples import (
    APRIL_3,
    CALLED,
    CLINIC,
    MARCH_15,
    MEETING,
    OPENED,
    ROBOTS,
)
from tests.unit.selection.test_meeting import fund_robots, robots_funded

CORRECTION = derived_id("correction", "one")
PACK = PackFrozen(
    meeting_id=MEETING,
    items=(
        PackedItem(application_id=ROBOTS, version=1, title="Robots that sort", asks=()),
        PackedItem(application_id=CLINIC, version=1, title="Clinique à l’écoute <œil>", asks=()),
    ),
    pockets=(),
    effective_on=MARCH_15,
)
HELD = (CALLED, PACK, OPENED, robots_funded)
propose = ProposeCorrection(
    correction_id=CORRECTION,
    person_id="dean",
    application_id=ROBOTS,
    text="The reason was the schedule.",
    on=APRIL_3,
)
proposed = CorrectionProposed(
    meeting_id=MEETING,
    correction_id=CORRECTION,
    person_id="dean",
    application_id=ROBOTS,
    text="The reason was the schedule.",
    effective_on=APRIL_3,
)
settle = SettleCorrection(correction_id=CORRECTION, accepted=True, reason="", on=APRIL_3)
settled = CorrectionSettled(
    meeting_id=MEETING, correction_id=CORRECTION, accepted=True, reason="", effective_on=APRIL_3
)
approve = ApproveMinutes(by="professor", by_roles=("committee-member",), on=APRIL_3)
approved = MinutesApproved(meeting_id=MEETING, person_id="professor", effective_on=APRIL_3)


def decided(command: minutes.Command, *history: object) -> list[object]:
    return list(minutes.decide(command, meeting.DECIDER.fold(history)))


def refused(command: minutes.Command, *history: object) -> Refusal:
    with pytest.raises(Refusal) as found:
        decided(command, *history)
    return found.value


def opened(*history: object) -> meeting.Opened:
    state = meeting.DECIDER.fold(history)
    assert isinstance(state, meeting.Opened)
    return state


class TestCorrections:
    def test_are_proposed_by_members(self) -> None:
        """A member of the meeting proposes a correction, about an item or in general."""
        assert decided(propose, *HELD) == [proposed]
        general = replace(propose, application_id=None)
        assert decided(general, *HELD) == [replace(proposed, application_id=None)]
        stranger = replace(propose, person_id="stranger")
        assert isinstance(refused(stranger, *HELD), meeting.NotMembers)

    def test_not_about_what_one_does_not_see(self) -> None:
        """Whoever has a conflict on an item has nothing to correct about it."""
        investor = replace(propose, person_id="investor")
        assert isinstance(refused(investor, *HELD), meeting.NotOnTheAgenda)

    def test_are_settled_once(self) -> None:
        """A correction is taken in or not, once; the same again is no news."""
        assert decided(settle, *HELD, proposed) == [settled]
        assert decided(settle, *HELD, proposed, settled) == []
        other = replace(settle, accepted=False)
        assert isinstance(
            refused(other, *HELD, proposed, settled), minutes.CorrectionAlreadySettled
        )
        assert isinstance(refused(settle, *HELD), NotFound)

    def test_accepted_ones_are_in_the_minutes(self) -> None:
        """Only what was accepted is part of the content."""
        refused_one = replace(settled, accepted=False)
        for last, texts in (
            (settled, ["The reason was the schedule."]),
            (refused_one, []),
        ):
            content = content_of(opened(*HELD, proposed, last), "Projects", None)
            assert [each.text for each in content.corrections] == texts


class TestApproving:
    def test_by_chair_or_secretary(self) -> None:
        """The chair of the meeting or the secretary approves; no other member does."""
        assert decided(approve, *HELD) == [approved]
        secretary = ApproveMinutes(by="secretary", by_roles=("committee-secretary",), on=APRIL_3)
        assert decided(secretary, *HELD) == [replace(approved, person_id="secretary")]
        dean = replace(approve, by="dean")
        assert isinstance(refused(dean, *HELD), minutes.NotTheirMinutes)

    def test_not_while_a_correction_is_open(self) -> None:
        """Every correction is settled before minutes are approved or sealed."""
        assert isinstance(refused(approve, *HELD, proposed), meeting.CorrectionsUnsettled)
        with pytest.raises(meeting.CorrectionsUnsettled):
            meeting.decide(SealMeeting(on=APRIL_3), meeting.DECIDER.fold([*HELD, proposed]))
        assert decided(approve, *HELD, proposed, settled) == [approved]

    def test_nothing_changes_afterwards(self) -> None:
        """Approved minutes can be sealed, and nothing else happens in the meeting."""
        state = meeting.DECIDER.fold([*HELD, approved])
        for command in (propose, settle, approve):
            assert isinstance(refused(command, *HELD, approved), meeting.MinutesAreApproved)
        for command in (
            replace(fund_robots, application_id=CLINIC),
            meeting.DeclareConflict(application_id=CLINIC, person_id="dean", on=APRIL_3),
        ):
            with pytest.raises(meeting.MinutesAreApproved):
                meeting.decide(command, state)
        [sealed] = meeting.decide(SealMeeting(by="secretary", on=APRIL_3), state)
        assert isinstance(sealed, MeetingSealed)
        assert sealed.approved_by == "professor"

    def test_sealing_approves(self) -> None:
        """Minutes that nobody approved are approved by whoever seals them."""
        state = meeting.DECIDER.fold(HELD)
        [sealed] = meeting.decide(SealMeeting(by="secretary", on=APRIL_3), state)
        assert isinstance(sealed, MeetingSealed)
        assert sealed.approved_by == "secretary"

    def test_after_sealing(self) -> None:
        """After sealing nothing in the meeting changes."""
        sealed = MeetingSealed(meeting_id=MEETING, undecided=(CLINIC,), effective_on=APRIL_3)
        for command in (propose, settle, approve):
            assert isinstance(refused(command, *HELD, sealed), meeting.MeetingIsSealed)


def sealed_content(*history: object) -> Content:
    state = opened(*history)
    approval = approval_of(state, sealed_by="secretary", sealed_on=date(2023, 4, 5))
    return content_of(state, "Projects", approval)


class TestContent:
    def test_says_what_happened(self) -> None:
        """Who was there, and every item with its conflicts, votes and decision."""
        content = sealed_content(*HELD)
        assert [each.title for each in content.items] == [
            "Robots that sort",
            "Clinique à l’écoute <œil>",
        ]
        assert content.items[0].decision == robots_funded
        assert content.items[0].conflicted == ("investor",)
        assert content.items[1].decision is None
        assert all(each.present for each in content.attendance)

    def test_before_packs_were_kept(self) -> None:
        """An undecided item of a meeting without a pack is named by its id."""
        content = sealed_content(CALLED, OPENED, robots_funded)
        assert [each.title for each in content.items] == ["Robots that sort", str(CLINIC)]

    def test_the_hash_is_of_the_facts(self) -> None:
        """The same facts have the same hash; any other fact has another."""
        assert hash_of(sealed_content(*HELD)) == hash_of(sealed_content(*HELD))
        changed = [
            sealed_content(*HELD, approved),
            sealed_content(*HELD, proposed, settled),
            sealed_content(CALLED, PACK, OPENED),
            sealed_content(CALLED, PACK, OPENED, replace(robots_funded, reasons=("good",))),
            replace(sealed_content(*HELD), committee="Others"),
        ]
        hashes = {hash_of(each) for each in [sealed_content(*HELD), *changed]}
        assert len(hashes) == len(changed) + 1

    def test_the_canonical_form_is_kept(self) -> None:
        """
        The hash of these facts never changes, whatever fields facts are given later.

        Minutes that were sealed are checked against it for ever.
        """
        assert hash_of(sealed_content(*HELD)) == (
            "ad1111d6ffeff8b80525a545053a64293afe1b513f338f14b08b8aec875e76c0"
        )


class TestText:
    def test_every_outcome_has_its_sentence(self) -> None:
        """Every kind of decision, meeting and vote can be said in both languages."""
        names = {
            *(each.value for each in Outcome),
            *(each.value for each in meeting.Vote),
            *(each.value for each in meeting.MeetingKind),
        }
        assert names <= SENTENCES.keys()
        assert all({*each} == {"en", "fr"} and all(each.values()) for each in SENTENCES.values())

    def test_in_both_languages(self) -> None:
        """Minutes are written in French and in English, with amounts and dates as each does."""
        content = sealed_content(*HELD)
        english = text_of(content, "abc", extract=False, language="en")
        french = text_of(content, "abc", extract=True, language="fr")
        assert english.title == "Minutes of the meeting of April 3, 2023"
        assert french.title == "Procès-verbal de la réunion du 3 avril 2023"
        assert "Decided to fund: $60,000.00 of $60,000.00 asked." in english.sections[1].lines
        assert "For: insider, professor." in english.sections[1].lines
        assert "Pour : insider, professor." in french.sections[1].lines
        assert any("Extrait" in line for line in french.preamble)
        assert "Scellé le 5 avril 2023." in french.sections[-1].lines

    def test_a_draft_says_so(self) -> None:
        """Before sealing, the minutes are a draft."""
        draft = text_of(
            content_of(opened(*HELD), "Projects", None), None, extract=False, language="en"
        )
        assert "Draft, not approved." in draft.preamble
        assert all(section.heading != "Approval" for section in draft.sections)


class TestDocuments:
    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_the_same_bytes(self, language: str) -> None:
        """The same facts give the same page and the same PDF, dated on the day of sealing."""
        sealed_on = date(2023, 4, 5)
        one, other = (
            text_of(sealed_content(*HELD), "abc", extract=False, language=language)  # type: ignore[arg-type]
            for _ in range(2)
        )
        assert as_html(one) == as_html(other)
        pdf = as_pdf(one, dated=sealed_on)
        assert pdf == as_pdf(other, dated=sealed_on)
        assert pdf.startswith(b"%PDF-")
        assert b"D:20230405000000Z" in pdf
        assert f"({language}-CA)".encode() in pdf

    def test_a_page_runs_nothing(self) -> None:
        """What people wrote is text in the page, never markup."""
        text = text_of(sealed_content(*HELD), "abc", extract=False, language="fr")
        page = as_html(text)
        assert "Clinique à l’écoute &lt;œil&gt;" in page
        assert "<œil>" not in page
        assert '<html lang="fr-CA">' in page


@given(st.text(max_size=200), st.permutations(["insider", "professor", "dean"]))
def test_any_text_can_be_sealed_and_printed(words: str, present: list[str]) -> None:
    """Any text that people can write has one canonical form, and makes a document."""
    spoken = replace(proposed, text=words)
    facts = (CALLED, PACK, replace(OPENED, present=tuple(present)), spoken, settled)
    content = sealed_content(*facts)
    assert canonical(content) == canonical(sealed_content(*facts))
    assert hash_of(content) == hash_of(
        sealed_content(CALLED, PACK, replace(OPENED, present=("dean", "insider", "professor")),
                       spoken, settled)
    )  # fmt: skip
    text = text_of(content, hash_of(content), extract=False, language="fr")
    assert as_pdf(text, dated=APRIL_3).startswith(b"%PDF-")
