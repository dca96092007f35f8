"""
The topics of the services, made before the services start.

Running it again does nothing. The number of partitions is fixed for good: changing it would send
the same key to another partition, and order per key would be lost.
"""

from collections.abc import Sequence
from typing import Final

from kafka import KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError

from deploy.services import PORTS
from shared.messaging.message import topic_of

PARTITIONS: Final = 12
RETENTION_DAYS: Final = 90
"""The event stores are what lasts; a topic holds what a reader may still have to catch up with."""


TOPICS: Final = tuple(topic_of(service) for service in PORTS)
"""What the services publish to."""


class TopicDiffers(Exception):
    """A topic exists with another number of partitions: messages would lose their order."""


def create_topics(
    bootstrap: str, topics: Sequence[str] = TOPICS, *, replication_factor: int = 1
) -> list[str]:
    """
    Create what is missing of ``topics``; which were created.

    With three or more replicas, a message counts as stored when two have it.
    Raises ``TopicDiffers``.
    """
    admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","))
    try:
        created = [topic for topic in topics if _create(admin, topic, replication_factor)]
        admin.wait_for_topics(list(topics))
        for described in admin.describe_topics(list(topics)):
            partitions = len(described["partitions"])
            if partitions != PARTITIONS:
                raise TopicDiffers(f"{described['name']} has {partitions}, not {PARTITIONS}")
    finally:
        admin.close()
    return created


def _create(admin: KafkaAdminClient, topic: str, replication_factor: int) -> bool:
    options = {
        "num_partitions": PARTITIONS,
        "replication_factor": replication_factor,
        "configs": {
            "cleanup.policy": "delete",
            "retention.ms": str(RETENTION_DAYS * 24 * 3600 * 1000),
            "min.insync.replicas": str(min(2, max(1, replication_factor - 1))),
        },
    }
    try:
        # Asked for rather than looked up first: two deployments may start at once.
        admin.create_topics({topic: options})
    except TopicAlreadyExistsError:
        return False
    return True
