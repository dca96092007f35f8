"""The background process of claims."""

from services.claims.projections import agreements, claims_queue, costs, payables, payment_runs
from services.claims.use_cases.event_types import EVENT_TYPES
from services.claims.use_cases.policies import HANDLERS, LISTENS_TO
from services.claims.use_cases.publishing import to_contract
from shared.process import worker_process
from shared.settings import ServiceSettings
from shared.worker import Worker

PROJECTIONS = (
    agreements.PROJECTION,
    claims_queue.PROJECTION,
    costs.PROJECTION,
    payables.PROJECTION,
    payment_runs.PROJECTION,
)


def build(settings: ServiceSettings) -> Worker:
    """The relay, the consumer, the projections."""
    return worker_process(
        settings,
        EVENT_TYPES,
        to_contract=to_contract,
        listens_to=LISTENS_TO,
        handlers=HANDLERS,
        projections=PROJECTIONS,
    )
