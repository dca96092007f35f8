"""
An application: from a draft to what a committee decides.

    draft → submitted → eligible → assessed → forwarded → awarded → (lapsed)
      any before the decision → withdrawn     submitted → ineligible     forwarded → declined

What a form got wrong is answered with every reason at once.
"""

from collections.abc import Sequence
from typing import assert_never

from services.intake.domain import attaching, drafting, outcome, reviewing
from services.intake.domain.application_commands import (
    AssessApplication,
    AttachDocument,
    Command,
    DecideEligibility,
    DetachDocument,
    ForwardApplication,
    RecordAward,
    RecordDecline,
    RecordLapse,
    SetBudget,
    SetConsortium,
    StartApplication,
    SubmitApplication,
    WithdrawApplication,
)
from services.intake.domain.application_events import (
    Event,
)
from services.intake.domain.application_state import (
    NotStarted,
    State,
    evolve,
)
from shared.kernel.decider import Decider
from shared.kernel.refusals import NotFound


def decide(command: Command, state: State) -> Sequence[Event]:  # noqa: C901, PLR0911, PLR0912  # one case per command
    """What follows from a command; see ``drafting``, ``reviewing``, ``outcome``."""
    if isinstance(command, StartApplication):
        return drafting.start(command, state)
    if isinstance(state, NotStarted):
        raise NotFound(kind="application")
    match command:
        case SetConsortium():
            return drafting.set_consortium(command, drafting.as_draft(state))
        case SetBudget():
            return drafting.set_budget(command, drafting.as_draft(state))
        case SubmitApplication():
            return drafting.submit(command, drafting.as_draft(state))
        case WithdrawApplication():
            return drafting.withdraw(command, state)
        case DecideEligibility():
            return reviewing.decide_eligibility(command, state)
        case AssessApplication():
            return reviewing.assess(command, state)
        case ForwardApplication():
            return reviewing.forward(command, state)
        case RecordAward():
            return outcome.record_award(command, state)
        case RecordDecline():
            return outcome.record_decline(command, state)
        case RecordLapse():
            return outcome.record_lapse(command, state)
        case AttachDocument():
            return attaching.attach(command, state)
        case DetachDocument():
            return attaching.detach(command, state)
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, State, Event] = Decider(
    initial=NotStarted(), decide=decide, evolve=evolve
)
