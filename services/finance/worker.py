"""The background process of finance."""

from services.finance.projections import ledger, trail
from services.finance.projections.postings import entry_of
from services.finance.use_cases.event_types import EVENT_TYPES
from services.finance.use_cases.policies import LISTENS_TO, handlers
from services.finance.use_cases.publishing import to_contract
from shared.process import worker_process
from shared.settings import ServiceSettings
from shared.worker import Worker

PROJECTIONS = (ledger.PROJECTION, trail.PROJECTION)
HANDLERS = handlers(post=entry_of)


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
