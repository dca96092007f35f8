"""What starts what: facts of other services in, commands of this one out."""

from collections.abc import Mapping
from datetime import date

from services.claims.domain import agreement, programme
from services.claims.domain.commands import (
    DraftAgreement,
    LapseAgreement,
    NoteIncreaseRefused,
    NoteIncreaseReserved,
    RecordProgrammeTerms,
)
from services.claims.domain.values import (
    ApprovalLevel,
    CategoryTerms,
    ClaimFrequency,
    ClosingRequirement,
    Documents,
    Party,
    ProgrammeTerms,
    SalesTax,
)
from services.claims.use_cases import streams
from shared.contracts.base import Contract
from shared.contracts.intake import ProgrammePublished
from shared.contracts.selection import (
    AwardApproved,
    AwardLapsed,
    IncreaseRefused,
    IncreaseReserved,
)
from shared.eventstore.effects import Effects
from shared.kernel.refusals import NotFound
from shared.messaging.reactions import Handler

LISTENS_TO = ("intake", "selection")


class ProgrammeTermsUnknown(NotFound):
    """An agreement cannot be drafted before the version of its programme is known here."""

    en = "Version {version} of programme {code} is not known yet."
    fr = "La version {version} du programme {code} n’est pas encore connue."


def whenever_a_programme_is_published_keep_its_terms(
    fact: ProgrammePublished,
) -> RecordProgrammeTerms:
    """Every version is kept: agreements are drafted under the one their award was made under."""
    return RecordProgrammeTerms(
        programme_code=fact.code,
        terms=_terms(fact),
        effective_on=fact.effective_on,
    )


def _terms(fact: ProgrammePublished) -> ProgrammeTerms:
    said = fact.claims
    return ProgrammeTerms(
        version=fact.version,
        reimbursement_rate_bp=fact.reimbursement_rate_bp,
        holdback_bp=fact.holdback_bp,
        claim_frequency=ClaimFrequency(fact.claim_frequency),
        cost_categories=fact.cost_categories,
        categories=tuple(
            CategoryTerms(
                category=each.category, overhead_bp=each.overhead_bp, share_bp=each.share_bp
            )
            for each in said.categories
        ),
        participant_share_bp=said.participant_share_bp,
        stacking_limit_bp=said.stacking_limit_bp,
        in_kind_share_bp=said.in_kind_share_bp,
        sales_tax=SalesTax(said.sales_tax),
        documents=Documents(said.documents),
        reallocation_tolerance_bp=said.reallocation_tolerance_bp,
        advances_allowed=said.advances_allowed,
        reports_hold_payments=said.reports_hold_payments,
        claim_due_days=said.claim_due_days,
        closing_requirements=tuple(ClosingRequirement(each) for each in said.closing_requirements),
        approval_levels=tuple(
            ApprovalLevel(role=each.role, up_to=each.up_to) for each in said.approval_levels
        ),
        overdue_interest_bp=said.overdue_interest_bp,
    )


def whenever_an_award_is_approved_draft_an_agreement(
    fact: AwardApproved, known: programme.Programme, *, on: date
) -> DraftAgreement:
    """
    The award's schedule, under the terms of the programme version it was made under.

    Raises ``ProgrammeTermsUnknown`` where that version has not been heard of: services publish
    independently of each other, and this message waits for that one.
    """
    terms = known.versions.get(fact.programme_version)
    if terms is None:
        raise ProgrammeTermsUnknown(code=fact.programme_code, version=fact.programme_version)
    return DraftAgreement(
        project_id=fact.project_id,
        programme_code=fact.programme_code,
        award_id=fact.award_id,
        title=fact.title,
        participants=tuple(
            Party(
                participant_id=party.participant_id,
                organisation_id=party.organisation_id,
                role=party.role,
                name=party.name,
                province=party.province,
                sme=party.sme,
                naics=party.naics,
            )
            for party in fact.participants
        ),
        starts_on=fact.starts_on,
        ends_on=fact.ends_on,
        funding=fact.funding,
        match=fact.match,
        terms=terms,
        lapses_on=fact.lapses_on,
        on=on,
    )


def whenever_an_award_lapses_give_up_its_draft(fact: AwardLapsed) -> LapseAgreement:
    """The money has returned to its pockets: what was drafted can no longer be executed."""
    return LapseAgreement(reason=fact.reason, on=fact.effective_on)


def whenever_an_increase_is_reserved_note_it(fact: IncreaseReserved) -> NoteIncreaseReserved:
    """Its amendment can be approved from now on."""
    return NoteIncreaseReserved(amendment_id=fact.amendment_id, on=fact.effective_on)


def whenever_an_increase_is_refused_note_it(fact: IncreaseRefused) -> NoteIncreaseRefused:
    """Its amendment cannot be approved: it is taken back or rejected, and may be proposed anew."""
    return NoteIncreaseRefused(
        amendment_id=fact.amendment_id, pockets=fact.pockets, on=fact.effective_on
    )


def _programme_published(fact: ProgrammePublished, effects: Effects) -> None:
    command = whenever_a_programme_is_published_keep_its_terms(fact)
    effects.carry_out(programme.DECIDER, streams.programme(fact.code), command)


def _award_approved(fact: AwardApproved, effects: Effects) -> None:
    known = programme.DECIDER.fold(effects.store.events(streams.programme(fact.programme_code)))
    command = whenever_an_award_is_approved_draft_an_agreement(fact, known, on=effects.today)
    effects.carry_out(agreement.DECIDER, streams.agreement_of_award(fact.award_id), command)


def _award_lapsed(fact: AwardLapsed, effects: Effects) -> None:
    command = whenever_an_award_lapses_give_up_its_draft(fact)
    effects.carry_out(agreement.DECIDER, streams.agreement_of_award(fact.award_id), command)


def _increase_reserved(fact: IncreaseReserved, effects: Effects) -> None:
    command = whenever_an_increase_is_reserved_note_it(fact)
    effects.carry_out(agreement.DECIDER, streams.agreement(fact.agreement_id), command)


def _increase_refused(fact: IncreaseRefused, effects: Effects) -> None:
    command = whenever_an_increase_is_refused_note_it(fact)
    effects.carry_out(agreement.DECIDER, streams.agreement(fact.agreement_id), command)


HANDLERS: Mapping[type[Contract], Handler] = {
    ProgrammePublished: _programme_published,
    AwardApproved: _award_approved,
    AwardLapsed: _award_lapsed,
    IncreaseReserved: _increase_reserved,
    IncreaseRefused: _increase_refused,
}
