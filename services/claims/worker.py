"""The background process of claims."""

from services.claims.projections import (
    agreements,
    claim_periods,
    claims_queue,
    costs,
    forecasts,
    payables,
    payment_runs,
)
from services.claims.use_cases.event_types import EVENT_TYPES
from services.claims.use_cases.policies import HANDLERS, LISTENS_TO
from services.claims.use_cases.publishing import to_contract
from services.claims.use_cases.timers import TIMER_HANDLERS, timers_of
from shared.process import worker_process
from shared.settings import ServiceSettings
from shared.worker import Worker

PROJECTIONS = (
    agreements.PROJECTION,
    claims_queue.PROJECTION,
    costs.PROJECTION,
    payables.PROJECTION,
    payment_runs.PROJECTION,
    claim_periods.PROJECTION,
    forecasts.PROJECTION,
)


def build(settings: ServiceSettings) -> Worker:
    """The relay, the consumer, the projections and the timers."""
    return worker_process(
        settings,
        EVENT_TYPES,
        to_contract=to_contract,
        listens_to=LISTENS_TO,
        handlers=HANDLERS,
        projections=PROJECTIONS,
        timers_of=timers_of,
        timer_handlers=TIMER_HANDLERS,
    )
