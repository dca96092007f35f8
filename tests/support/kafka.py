"""Apache Kafka for the test session."""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.kafka import KAFKA_VERSION, KafkaOnJava, KafkaUnavailable
from tests.support.postgres import docker_runs


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """
    Where a broker listens, one for the whole session.

    Skips with the reason when there is none; fails where ``JALON_REQUIRE_KAFKA`` is 1.
    """
    try:
        with running_kafka() as bootstrap:
            yield bootstrap
    except KafkaUnavailable as unavailable:
        if os.environ.get("JALON_REQUIRE_KAFKA") == "1":
            pytest.fail(f"Kafka is required: {unavailable}")
        pytest.skip(f"no Kafka: {unavailable}")


@contextmanager
def running_kafka() -> Iterator[str]:
    """
    A broker for as long as it is needed.

    ``JALON_TEST_KAFKA`` where it is set, else Docker where an engine runs, else the machine's Java.
    """
    given = os.environ.get("JALON_TEST_KAFKA")
    if given:
        yield given
    elif docker_runs():
        with _in_docker() as bootstrap:
            yield bootstrap
    else:
        folder = Path(tempfile.mkdtemp(prefix="jalon-kafka-"))
        kafka = KafkaOnJava(folder)
        try:
            kafka.start()
            yield kafka.bootstrap
        finally:
            kafka.stop()
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _in_docker() -> Iterator[str]:
    from testcontainers.core.container import DockerContainer

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    container = (
        DockerContainer(f"apache/kafka:{KAFKA_VERSION}")
        # The broker tells clients where it is: the port is chosen before it starts.
        .with_bind_ports(port, port)
        .with_envs(
            KAFKA_NODE_ID="1",
            KAFKA_PROCESS_ROLES="broker,controller",
            KAFKA_LISTENERS=f"PLAINTEXT://:{port},CONTROLLER://:9093",
            KAFKA_ADVERTISED_LISTENERS=f"PLAINTEXT://127.0.0.1:{port}",
            KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
            KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            KAFKA_CONTROLLER_QUORUM_VOTERS="1@localhost:9093",
            KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
            KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR="1",
            KAFKA_TRANSACTION_STATE_LOG_MIN_ISR="1",
            KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
            KAFKA_HEAP_OPTS="-Xmx512m",
        )
    )
    with container:
        bootstrap = f"127.0.0.1:{port}"
        _wait_for(bootstrap)
        yield bootstrap


def _wait_for(bootstrap: str) -> None:
    # Imported here: most test sessions need no Kafka.
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

    deadline = time.monotonic() + 60
    while True:
        try:
            KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=2_000).close()
        except (KafkaError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return
