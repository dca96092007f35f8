"""The worker of finance: it keeps what others publish, and the ledger follows."""

from services.finance.projections.ledger import PROJECTION
from services.finance.projections.postings import entry_of
from services.finance.use_cases.event_types import EVENT_TYPES
from services.finance.use_cases.policies import LISTENS_TO, handlers
from services.finance.use_cases.publishing import to_contract
from shared.process import worker_process
from shared.settings import ServiceSettings
from shared.worker import Worker


def build(settings: ServiceSettings) -> Worker:
    """The loops of finance."""
    return worker_process(
        settings,
        EVENT_TYPES,
        to_contract=to_contract,
        listens_to=LISTENS_TO,
        handlers=handlers(post=entry_of),
        projections=[PROJECTION],
    )
