"""The background process of impact."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.impact.domain.messages import Waiting
from services.impact.gateways.link_tokens import LinkTokens
from services.impact.gateways.mail import MailServer
from services.impact.projections import correspondence, ip_register, outcome_facts, surveys
from services.impact.use_cases.courier import Courier, Post
from services.impact.use_cases.event_types import EVENT_TYPES
from services.impact.use_cases.policies import HANDLERS, LISTENS_TO
from services.impact.use_cases.publishing import to_contract
from services.impact.use_cases.timers import TIMERS, timers_of
from shared.process import Parts, worker_process
from shared.projecting.reading import ReadModels, ViewIsBehind
from shared.settings import ServiceSettings
from shared.worker import Worker

PROJECTIONS = (
    surveys.PROJECTION,
    correspondence.PROJECTION,
    ip_register.PROJECTION,
    outcome_facts.PROJECTION,
)


def build(settings: ServiceSettings) -> Worker:
    """The relay, the consumer, the projections, the timers and the courier."""
    return worker_process(
        settings,
        EVENT_TYPES,
        to_contract=to_contract,
        listens_to=LISTENS_TO,
        handlers=HANDLERS,
        projections=PROJECTIONS,
        timers_of=timers_of,
        timer_handlers=TIMERS,
        own_loops=lambda parts: [courier(parts, settings)],
    )


def courier(parts: Parts, settings: ServiceSettings) -> Courier:
    """The loop that sends what waits, by the mail server of the settings."""
    read_models = ReadModels(parts.database.engine)

    def waiting_at(position: int, organisations: Iterable[UUID]) -> Sequence[Waiting] | None:
        try:
            with read_models.reading(correspondence.PROJECTION, min_position=position) as view:
                return correspondence.waiting(view, organisations)
        except ViewIsBehind:
            return None

    return Courier(
        parts.database, parts.store, parts.clock, waiting_at=waiting_at, post=_post(settings)
    )


def _post(settings: ServiceSettings) -> Post | None:
    server = MailServer.of(settings)
    if server is None or settings.link_key is None:
        return None
    key = settings.link_key.get_secret_value()
    return Post(server=server, tokens=LinkTokens(key, page_url=settings.survey_page_url))
