"""The stored names of finance's events: its own, and the contracts it keeps as received."""

from services.finance.domain import events
from services.finance.use_cases.policies import RECEIVED
from shared.eventstore.codec import EventType, EventTypes

EVENT_TYPES = EventTypes(
    EventType("funder-agreement.opened", events.FunderAgreementOpened),
    EventType("pocket.opened", events.PocketOpened),
    EventType("pocket.authority-changed", events.AuthorityChanged),
    EventType("drawdown.submitted", events.DrawdownSubmitted),
    EventType("drawdown.received", events.DrawdownReceived),
    EventType("plan.lines-set", events.PlanLinesSet),
    EventType("plan.approved", events.PlanApproved),
    EventType("actual.recorded", events.ActualRecorded),
    EventType("reservation.ended", events.ReservationEnded),
    EventType("increase-reservation.ended", events.IncreaseReservationEnded),
    EventType("plan.reforecast", events.PlanReforecasted),
    EventType("period.closed", events.PeriodClosed),
    EventType("period.reopening-asked", events.PeriodReopeningAsked),
    EventType("period.reopened", events.PeriodReopened),
    EventType("scorecard.targets-set", events.ScorecardTargetsSet),
    EventType("scorecard.objective-recorded", events.ObjectiveRecorded),
    EventType("funder-agreement.terms-set", events.FunderTermsSet),
    EventType("funder-agreement.drawdown-counted", events.DrawdownCounted),
    EventType("funder-agreement.year-ended", events.FunderYearEnded),
    EventType("pocket.authority-lapsed", events.AuthorityLapsed),
    *(EventType(contract.contract_type, contract) for contract in RECEIVED),
)
