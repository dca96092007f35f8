"""The agreement of a worked ledger: its terms, its schedule, and what happened to it."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from services.claims.domain.agreement import DECIDER
from services.claims.domain.commands import (
    AgreementCommand,
)
from services.claims.domain.events import AgreementEvent, ClaimApproved
from services.claims.domain.state import Agreement
from services.claims.domain.values import (
    CategoryTerms,
    ClaimFrequency,
    ProgrammeTerms,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell
from tests.ledgers.reading import Row, dollars
from tests.unit.claims.scenario import (
    EXECUTION,
    assert_identity,
    drafting,
    party,
    signing,
)


@dataclass
class Ledger:
    """One agreement, and what the page has said of it so far."""

    terms: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    """Of the participants, in the order of the schedule."""
    events: list[AgreementEvent] = field(default_factory=list)
    of_participant: dict[tuple[str, UUID], UUID] = field(default_factory=dict)
    """The last advance and the last recovery of each participant."""

    def carry_out(self, *commands: AgreementCommand) -> list[AgreementEvent]:
        """Decide commands on what happened before; the identity holds after each."""
        fresh: list[AgreementEvent] = []
        for command in commands:
            decided = DECIDER.decide(command, DECIDER.fold([*self.events, *fresh]))
            assert decided, f"nothing follows from {type(command).__name__}"
            fresh += decided
            state = DECIDER.fold([*self.events, *fresh])
            assert isinstance(state, Agreement)
            assert_identity(state)
        self.events += fresh
        return fresh

    @property
    def agreement(self) -> Agreement:
        """As it stands."""
        state = DECIDER.fold(self.events)
        assert isinstance(state, Agreement), "the page has no schedule yet"
        return state

    def last_claim(self) -> ClaimApproved:
        """The claim that was approved last."""
        return next(each for each in reversed(self.events) if isinstance(each, ClaimApproved))

    def name(self, participant_id: UUID) -> str:
        """Of a participant."""
        return next(each for each in self.names if participant(each) == participant_id)


def participant(name: str) -> UUID:
    """The participant of that name."""
    return derived_id("participant", name)


def organisation(name: str) -> UUID:
    return derived_id("organisation", name)


def _per_cent(text: str) -> int:
    """``12.5 %`` in basis points."""
    return dollars(text.removesuffix("%").strip()).cents


def _share(terms: dict[str, str], term: str) -> int | None:
    return _per_cent(terms[term]) if term in terms else None


def _programme_terms(terms: dict[str, str]) -> ProgrammeTerms:
    """The programme's rules; what a page does not say is nil."""
    known = {"rate", "holdback", "claims", "advances", "participant cap", "stacking limit"}
    by_category: dict[str, dict[str, int]] = {}
    for term, value in terms.items():
        what, _, category = term.rpartition(" of ")
        if what in {"cap", "overhead"}:
            key = {"cap": "share_bp", "overhead": "overhead_bp"}[what]
            by_category.setdefault(category, {})[key] = _per_cent(value)
        else:
            assert term in known, f"no such term: {term}"
    return ProgrammeTerms(
        version=1,
        reimbursement_rate_bp=_per_cent(terms["rate"]),
        holdback_bp=_per_cent(terms.get("holdback", "0 %")),
        claim_frequency=ClaimFrequency(terms.get("claims", "quarterly")),
        cost_categories=(),
        categories=tuple(CategoryTerms(category=each, **by_category[each]) for each in by_category),
        advances_allowed=terms.get("advances") == "yes",
        participant_share_bp=_share(terms, "participant cap"),
        stacking_limit_bp=_share(terms, "stacking limit"),
    )


def conclude(ledger: Ledger, rows: tuple[Row, ...]) -> None:
    """Draft the agreement with its schedule, have everybody sign it, and execute it."""
    ledger.names = list(dict.fromkeys(row["participant"] for row in rows))
    draft = drafting(funding=funding(rows), match=match(rows), terms=_programme_terms(ledger.terms))
    parties = tuple(
        party(participant(name), organisation(name), "other" if index else "lead")
        for index, name in enumerate(ledger.names)
    )
    signatures = [signing(participant(name), organisation(name)) for name in ledger.names]
    ledger.carry_out(replace(draft, participants=parties), *signatures, EXECUTION)


def funding(rows: tuple[Row, ...]) -> tuple[FundingCell, ...]:
    """Public money of a schedule."""
    return tuple(
        FundingCell(
            participant_id=participant(row["participant"]),
            pocket=row["pocket"],
            quarter=Quarter.parse(row["quarter"]),
            amount=dollars(row["public"]),
        )
        for row in rows
        if row["public"]
    )


def match(rows: tuple[Row, ...]) -> tuple[MatchCell, ...]:
    """The participants' own money of a schedule."""
    return tuple(
        MatchCell(
            participant_id=participant(row["participant"]),
            quarter=Quarter.parse(row["quarter"]),
            cash=dollars(row["match"]),
        )
        for row in rows
        if row["match"]
    )
