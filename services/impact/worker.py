"""The background process of impact."""

from services.impact.projections import ip_register, outcome_facts, surveys
from services.impact.use_cases.calendar import TIMERS, timers_of
from services.impact.use_cases.event_types import EVENT_TYPES
from services.impact.use_cases.policies import HANDLERS, LISTENS_TO
from services.impact.use_cases.publishing import to_contract
from shared.process import worker_process
from shared.settings import ServiceSettings
from shared.worker import Worker

PROJECTIONS = (surveys.PROJECTION, ip_register.PROJECTION, outcome_facts.PROJECTION)


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
        timer_handlers=TIMERS,
    )
