"""
What starts what: facts of other services and timers in, decisions of this one out.

The sentences are pure; the handlers load what they need and append all or nothing, inside the
transaction in which the message or timer is marked as handled.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from services.selection.domain import (
    application,
    award,
    committee,
    increase,
    mandate,
    pocket,
    programme,
    promises,
)
from services.selection.domain.years import YearAmount, negative, years_by_pocket
from services.selection.use_cases import streams
from services.selection.use_cases.awards import removing
from services.selection.use_cases.consequences import changes_of
from services.selection.use_cases.loading import pockets
from shared.contracts.base import Contract
from shared.contracts.claims import (
    AgreementAmended,
    AgreementExecuted,
    ClaimApproved,
    CommitmentReleased,
    ForecastRevised,
    HoldbackForfeited,
    IncreaseProposed,
    IncreaseWithdrawn,
    RecoveryReceived,
    SetOff,
)
from shared.contracts.finance import PocketChanged
from shared.contracts.intake import (
    ApplicationForwarded,
    ApplicationWithdrawn,
    ProgrammePublished,
)
from shared.eventstore.effects import Effects
from shared.eventstore.store import Event, Stream
from shared.eventstore.together import Changes, Loaded
from shared.kernel.money import ZERO, Money
from shared.kernel.schedule import FundingCell, total_by_pocket

WITHDRAWN = "withdrawn"
"""Why an award fell: its application was taken back."""


def whenever_an_application_is_forwarded_receive_it(
    fact: ApplicationForwarded,
) -> application.ReceiveApplication:
    """It is before the committee from here on."""
    return application.ReceiveApplication(
        application_id=fact.project_id,
        proposal=application.Proposal(
            programme_code=fact.programme_code,
            programme_version=fact.programme_version,
            title=fact.title,
            lead_organisation_id=fact.lead_organisation_id,
            participants=tuple(
                application.Participant(
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
            scores=tuple(
                application.Score(criterion=s.criterion, score=s.score, out_of=s.out_of)
                for s in fact.scores
            ),
            summary=fact.summary,
            risks=fact.risks,
            submitted_on=fact.submitted_on,
        ),
        on=fact.effective_on,
    )


def whenever_an_application_is_withdrawn_take_it_back(
    fact: ApplicationWithdrawn,
) -> application.WithdrawApplication:
    """It waits for no decision any more."""
    return application.WithdrawApplication(application_id=fact.project_id, on=fact.effective_on)


def whenever_a_pocket_changes_take_note_of_its_authority(
    fact: PocketChanged,
) -> pocket.SetAuthority:
    """The funder says what it grants."""
    return pocket.SetAuthority(
        pocket=fact.pocket,
        funder=fact.funder,
        funder_agreement=fact.funder_agreement,
        authority=fact.authority,
        yearly=tuple(
            YearAmount(fiscal_year=each.fiscal_year, amount=each.ceiling) for each in fact.yearly
        ),
        on=fact.effective_on,
    )


def whenever_an_agreement_is_amended_adjust_its_commitments(
    fact: AgreementAmended, *, change_id: UUID
) -> list[pocket.AdjustCommitment]:
    """Per pocket and fiscal year, the difference; what was kept for the amendment goes first."""
    return [
        replace(each, amendment_id=fact.amendment_id)
        for each in _adjustments(fact, fact.funding, change_id=change_id, sign=1)
    ]


def whenever_a_commitment_is_released_return_it_to_its_pockets(
    fact: CommitmentReleased, *, change_id: UUID
) -> list[pocket.AdjustCommitment]:
    """Per pocket and fiscal year, what comes back."""
    return _adjustments(fact, fact.funding, change_id=change_id, sign=-1)


def whenever_money_is_recovered_return_it_to_its_pockets(
    fact: RecoveryReceived | ClaimApproved, *, change_id: UUID
) -> list[pocket.AdjustCommitment]:
    """
    Per pocket, what came back: received, or kept from a claim against what was owed back.

    Every pocket's money may be used again; a funder agreement that takes it back instead lowers
    the pocket's authority.
    """
    parts = fact.received if isinstance(fact, RecoveryReceived) else fact.recovery_set_off
    return _adjustments(fact, parts, change_id=change_id, sign=-1)


def whenever_a_holdback_is_forfeited_return_it_to_its_pockets(
    fact: HoldbackForfeited, *, change_id: UUID
) -> list[pocket.AdjustCommitment]:
    """Per pocket, what comes back, in the year of the claim that it was kept from."""
    cells = [
        FundingCell(
            participant_id=fact.participant_id,
            pocket=share.pocket,
            quarter=fact.quarter,
            amount=share.amount,
        )
        for share in fact.forfeited
    ]
    return _adjustments(fact, cells, change_id=change_id, sign=-1)


def _adjustments(
    fact: AgreementAmended
    | CommitmentReleased
    | RecoveryReceived
    | ClaimApproved
    | HoldbackForfeited,
    cells: Sequence[FundingCell | SetOff],
    *,
    change_id: UUID,
    sign: int,
) -> list[pocket.AdjustCommitment]:
    planned = years_by_pocket(cells)
    return [
        pocket.AdjustCommitment(
            pocket=code,
            project_id=fact.project_id,
            change_id=change_id,
            difference=difference if sign > 0 else -difference,
            by_year=planned[code] if sign > 0 else negative(planned[code]),
            on=fact.effective_on,
        )
        for code, difference in _by_pocket(cells).items()
    ]


def whenever_an_increase_is_proposed_ask_its_pockets(
    fact: IncreaseProposed,
) -> increase.AskForIncrease:
    """The pockets keep it before anybody approves it."""
    return increase.AskForIncrease(
        amendment_id=fact.amendment_id,
        project_id=fact.project_id,
        agreement_id=fact.agreement_id,
        programme_code=fact.programme_code,
        funding=fact.funding,
        short=(),
        on=fact.effective_on,
    )


def whenever_an_increase_is_withdrawn_give_it_back(
    fact: IncreaseWithdrawn,
) -> increase.EndIncrease:
    """What is kept for it is available again."""
    return increase.EndIncrease(
        amendment_id=fact.amendment_id, committed=False, on=fact.effective_on
    )


def _by_pocket(cells: Sequence[FundingCell | SetOff]) -> dict[str, Money]:
    totals: dict[str, Money] = {}
    for cell in cells:
        totals[cell.pocket] = totals.get(cell.pocket, ZERO) + cell.amount
    return totals


def whenever_a_forecast_is_revised_move_its_commitments_between_years(
    fact: ForecastRevised, *, change_id: UUID
) -> list[pocket.ReprofileCommitment]:
    """Per pocket, where money leaves one fiscal year for another; within a year nothing moves."""
    return [
        pocket.ReprofileCommitment(
            pocket=code,
            project_id=fact.project_id,
            change_id=change_id,
            by_year=moved,
            on=fact.effective_on,
        )
        for code, moved in years_by_pocket(fact.funding).items()
        if moved
    ]


def put_before_the_committee(fact: ApplicationForwarded, effects: Effects) -> None:
    """Onto the next open agenda of the committee that decides for its programme, or its docket."""
    receive = whenever_an_application_is_forwarded_receive_it(fact)
    stream = streams.application(receive.application_id)

    def decide(loaded: Loaded) -> Iterator[tuple[Stream, Sequence[Event]]]:
        known = loaded.state(application.DECIDER, stream)
        yield stream, application.decide(receive, known)
        if isinstance(known, application.NotReceived):  # else it waits somewhere already
            yield from _place(loaded, receive, effects)

    effects.carry_out_together(decide, about=stream)


def _place(
    loaded: Loaded, receive: application.ReceiveApplication, effects: Effects
) -> Iterator[tuple[Stream, Sequence[Event]]]:
    code = receive.proposal.programme_code
    held = loaded.state(mandate.DECIDER, streams.mandate(code))
    if isinstance(held, mandate.Given):
        stream = streams.committee(held.committee_id)
        place = committee.PlaceApplication(application_id=receive.application_id, on=effects.today)
        yield stream, committee.decide(place, loaded.state(committee.DECIDER, stream))
    else:
        hold = mandate.HoldApplication(
            programme_code=code, application_id=receive.application_id, on=effects.today
        )
        yield streams.mandate(code), mandate.decide(hold, held)


def take_back(fact: ApplicationWithdrawn, effects: Effects) -> None:
    """Off whatever it waits on; an award that was made and not yet executed falls."""
    withdraw = whenever_an_application_is_withdrawn_take_it_back(fact)
    stream = streams.application(withdraw.application_id)

    def decide(loaded: Loaded) -> Iterator[tuple[Stream, Sequence[Event]]]:
        known = loaded.state(application.DECIDER, stream)
        yield stream, application.decide(withdraw, known)
        match known:
            case application.Waiting():
                yield from removing(loaded, withdraw.application_id, known, on=effects.today)
                if known.standing_award is not None:
                    yield from lapsing(known.standing_award, reason=WITHDRAWN, on=withdraw.on)(
                        loaded
                    )
            case application.Funded():
                yield from lapsing(known.award_id, reason=WITHDRAWN, on=withdraw.on)(loaded)
            case _:
                pass  # never forwarded, declined, or taken back before: it waits nowhere

    effects.carry_out_together(decide, about=stream)


def whenever_a_programme_is_published_note_how_it_draws_on_pockets(
    fact: ProgrammePublished,
) -> programme.NoteTerms:
    """Of every version: an application is decided under the one that it was submitted under."""
    return programme.NoteTerms(
        programme_code=fact.code,
        version=fact.version,
        pockets=tuple(
            programme.PocketTerms(code=each.code, provinces=each.provinces, share_bp=each.share_bp)
            for each in fact.pocket_terms
        ),
        on=fact.effective_on,
    )


def note_terms(fact: ProgrammePublished, effects: Effects) -> None:
    """
    Kept until an application of that version is decided.

    Nothing is kept of a version whose terms were not published: no pocket stands in for another.
    """
    if not fact.pocket_terms:
        return
    command = whenever_a_programme_is_published_note_how_it_draws_on_pockets(fact)
    effects.carry_out(programme.DECIDER, streams.programme(fact.code), command)


def note_authority(fact: PocketChanged, effects: Effects) -> None:
    """What the funder grants is what the pocket holds."""
    command = whenever_a_pocket_changes_take_note_of_its_authority(fact)
    effects.carry_out(pocket.DECIDER, streams.pocket(fact.pocket), command)


def commit_the_reservation(fact: AgreementExecuted, effects: Effects) -> None:
    """
    The reservation of the award becomes the commitment of the project.

    Raises ``NotEnoughInPocket`` when the agreement commits more than was reserved and available:
    the message is parked until there is.
    """

    def decide(loaded: Loaded) -> Changes:
        promised = loaded.state(award.DECIDER, streams.award(fact.award_id))
        touched = promises.pockets_to_commit(promised, fact.funding)
        consequences = promises.commit(
            promised,
            pockets(loaded, touched),
            award_id=fact.award_id,
            project_id=fact.project_id,
            agreement_id=fact.agreement_id,
            executed=fact.funding,
            on=fact.effective_on,
        )
        return changes_of(consequences, award_id=fact.award_id)

    effects.carry_out_together(decide, about=streams.award(fact.award_id))


def adjust_commitments(fact: AgreementAmended, effects: Effects) -> None:
    """
    An increase comes from what was kept for it; what it does not cover, from what is available.

    Where there is less the message is parked. What is given back is available again.
    """
    commands = whenever_an_agreement_is_amended_adjust_its_commitments(
        fact, change_id=effects.context.causation_id
    )
    _adjust(commands, effects)
    ended = increase.EndIncrease(
        amendment_id=fact.amendment_id, committed=True, on=fact.effective_on
    )
    effects.carry_out(increase.DECIDER, streams.increase(fact.amendment_id), ended)


def give_up_holdback(fact: HoldbackForfeited, effects: Effects) -> None:
    """What was held back and is not paid any more is available again."""
    commands = whenever_a_holdback_is_forfeited_return_it_to_its_pockets(
        fact, change_id=effects.context.causation_id
    )
    _adjust(commands, effects)


def keep_increase(fact: IncreaseProposed, effects: Effects) -> None:
    """Reserve in all its pockets at once, or say which are short."""
    asked = whenever_an_increase_is_proposed_ask_its_pockets(fact)
    stream = streams.increase(fact.amendment_id)

    def decide(loaded: Loaded) -> Changes:
        known = loaded.state(increase.DECIDER, stream)
        held = pockets(loaded, total_by_pocket(asked.funding))
        consequences = promises.reserve_increase(asked, known, held)
        return changes_of(consequences, amendment_id=fact.amendment_id)

    effects.carry_out_together(decide, about=stream)


def give_increase_back(fact: IncreaseWithdrawn, effects: Effects) -> None:
    """Return what all its pockets keep for it; nothing where they refused it."""
    ended = whenever_an_increase_is_withdrawn_give_it_back(fact)
    stream = streams.increase(fact.amendment_id)

    def decide(loaded: Loaded) -> Changes:
        known = loaded.state(increase.DECIDER, stream)
        held = pockets(loaded, promises.pockets_of(known))
        consequences = promises.return_increase(ended, known, held)
        return changes_of(consequences, amendment_id=fact.amendment_id)

    effects.carry_out_together(decide, about=stream)


def return_commitments(fact: CommitmentReleased, effects: Effects) -> None:
    """What will not be used is available again."""
    commands = whenever_a_commitment_is_released_return_it_to_its_pockets(
        fact, change_id=effects.context.causation_id
    )
    _adjust(commands, effects)


def return_what_was_recovered(fact: RecoveryReceived | ClaimApproved, effects: Effects) -> None:
    """What came back is available again; most claims keep nothing back, and change nothing."""
    commands = whenever_money_is_recovered_return_it_to_its_pockets(
        fact, change_id=effects.context.causation_id
    )
    _adjust(commands, effects)


def move_between_years(fact: ForecastRevised, effects: Effects) -> None:
    """What a forecast moves out of a fiscal year is left there for others."""
    commands = whenever_a_forecast_is_revised_move_its_commitments_between_years(
        fact, change_id=effects.context.causation_id
    )
    _adjust(commands, effects)


def _adjust(
    commands: Sequence[pocket.AdjustCommitment | pocket.ReprofileCommitment], effects: Effects
) -> None:
    for command in commands:
        effects.carry_out(pocket.DECIDER, streams.pocket(command.pocket), command)


def lapsing(award_id: UUID, *, reason: str, on: date) -> Callable[[Loaded], Changes]:
    """Let an award fall, if it still stands: its reservations return to their pockets."""

    def decide(loaded: Loaded) -> Changes:
        promised = loaded.state(award.DECIDER, streams.award(award_id))
        codes = (
            total_by_pocket(promised.terms.funding) if isinstance(promised, award.Approved) else ()
        )
        consequences = promises.lapse(promised, pockets(loaded, codes), reason=reason, on=on)
        return changes_of(consequences, award_id=award_id)

    return decide


LISTENS_TO = ("intake", "claims", "finance")
"""The services whose contracts these are."""

HANDLERS: Mapping[type[Contract], Callable[[Any, Effects], None]] = {
    ApplicationForwarded: put_before_the_committee,
    ApplicationWithdrawn: take_back,
    ProgrammePublished: note_terms,
    PocketChanged: note_authority,
    AgreementExecuted: commit_the_reservation,
    AgreementAmended: adjust_commitments,
    CommitmentReleased: return_commitments,
    ForecastRevised: move_between_years,
    RecoveryReceived: return_what_was_recovered,
    ClaimApproved: return_what_was_recovered,
    HoldbackForfeited: give_up_holdback,
    IncreaseProposed: keep_increase,
    IncreaseWithdrawn: give_increase_back,
}
