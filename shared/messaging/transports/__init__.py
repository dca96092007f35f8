"""Which transport carries the messages is a setting; both keep the same promises."""

from shared.messaging.transports.base import Transport
from shared.messaging.transports.postgres import PostgresTransport
from shared.settings import ServiceSettings


def transport_for(settings: ServiceSettings) -> Transport:
    """The transport that a service is set to; connects when first used."""
    if settings.transport == "kafka" and settings.kafka_bootstrap is not None:
        # The client is imported only where it is used: the embedded mode starts without it.
        from shared.messaging.transports.kafka import KafkaTransport

        return KafkaTransport(settings.kafka_bootstrap)
    if settings.transport == "postgres" and settings.log_database_url is not None:
        return PostgresTransport(settings.log_database_url)
    raise ValueError(f"{settings.service} has no address for its {settings.transport} transport")
