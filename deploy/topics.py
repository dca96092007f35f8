"""
The topics of the services; run as ``python -m deploy.topics`` before the services start.

Running it again does nothing. The number of partitions is fixed for good: changing it would send
the same key to another partition, and order per key would be lost.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from kafka import KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError

from shared.messaging.message import topic_of

SERVICES: Final = ("intake", "selection", "claims", "impact", "finance")
PARTITIONS: Final = 12
RETENTION_DAYS: Final = 90
"""The event stores are what lasts; a topic holds what a reader may still have to catch up with."""


class TopicDiffers(Exception):
    """A topic exists with another number of partitions: messages would lose their order."""


def create_topics(
    bootstrap: str, topics: Sequence[str], *, replication_factor: int = 1
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Create the services' topics; prints those that were missing."""
    parser = argparse.ArgumentParser(prog="deploy.topics", description="Create the topics.")
    parser.add_argument("--bootstrap", default=os.environ.get("JALON_KAFKA_BOOTSTRAP"))
    parser.add_argument("--replication-factor", type=int, default=1)
    given = parser.parse_args(arguments)
    if given.bootstrap is None:
        parser.error("say --bootstrap host:port, or set JALON_KAFKA_BOOTSTRAP")
    for topic in create_topics(
        given.bootstrap,
        [topic_of(service) for service in SERVICES],
        replication_factor=given.replication_factor,
    ):
        sys.stdout.write(f"created {topic}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
