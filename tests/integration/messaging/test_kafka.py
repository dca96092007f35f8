"""What is particular to Kafka: topics, partitions and offsets that are gone."""

import time
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient, TopicPartition

from deploy.topics import PARTITIONS, TOPICS, TopicDiffers, create_topics
from shared.messaging.transports import kafka
from shared.messaging.transports.base import Outgoing, Partition, TransportFailed
from shared.messaging.transports.kafka import KafkaTransport, partition_of

pytestmark = pytest.mark.kafka


@pytest.fixture
def topic() -> str:
    return f"jalon.test-{uuid4().hex[:12]}.v1"


class TestTopics:
    def test_are_created_once(self, kafka_bootstrap: str, topic: str) -> None:
        """Creating what is there does nothing, and the number of partitions is always the same."""
        assert create_topics(kafka_bootstrap, [topic]) == [topic]
        assert create_topics(kafka_bootstrap, [topic]) == []
        transport = KafkaTransport(kafka_bootstrap)
        assert transport.ends([topic]) == {Partition(topic, n): 0 for n in range(PARTITIONS)}
        transport.close()

    def test_with_other_partitions_are_refused(self, kafka_bootstrap: str, topic: str) -> None:
        """A topic with another number of partitions would send keys elsewhere."""
        admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
        admin.create_topics({topic: {"num_partitions": 3, "replication_factor": 1}})
        admin.close()
        with pytest.raises(TopicDiffers, match="has 3, not 12"):
            create_topics(kafka_bootstrap, [topic])

    def test_that_are_missing_are_not_made_up(
        self, kafka_bootstrap: str, topic: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither reading nor writing creates a topic."""
        monkeypatch.setattr(kafka, "METADATA_SECONDS", 0.5)
        transport = KafkaTransport(kafka_bootstrap)
        with pytest.raises(TransportFailed, match=f"no topic {topic}"):
            transport.ends([topic])
        publisher = transport.publisher()
        with pytest.raises(TransportFailed):
            publisher.publish(topic, [Outgoing(key="a", headers=[], value=b"a")])
        publisher.close()
        transport.close()

    def test_of_the_services(self, kafka_bootstrap: str) -> None:
        """Without being told which, every service gets its topic."""
        create_topics(kafka_bootstrap)
        assert create_topics(kafka_bootstrap) == []
        transport = KafkaTransport(kafka_bootstrap)
        assert len(transport.ends(TOPICS)) == PARTITIONS * len(TOPICS)
        transport.close()


def test_a_key_has_the_partition_that_any_client_would_give_it(
    kafka_bootstrap: str, topic: str
) -> None:
    """A message is where Java's default partitioner would have put it."""
    create_topics(kafka_bootstrap, [topic])
    transport = KafkaTransport(kafka_bootstrap)
    publisher = transport.publisher()
    keys = [str(number) for number in range(40)]
    publisher.publish(topic, [Outgoing(key=key, headers=[], value=b"") for key in keys])
    publisher.close()
    reader = transport.reader(dict.fromkeys(transport.ends([topic]), 0))
    found = []
    while len(found) < len(keys):
        found.extend(reader.poll(limit=10, timeout=5))
    reader.close()
    transport.close()
    assert {each.key: each.partition.number for each in found} == {
        key: partition_of(key, PARTITIONS) for key in keys
    }


def test_records_that_are_gone_are_missed(kafka_bootstrap: str, topic: str) -> None:
    """Where retention has deleted what was not read yet, reading fails instead of skipping."""
    create_topics(kafka_bootstrap, [topic])
    transport = KafkaTransport(kafka_bootstrap)
    publisher = transport.publisher()
    publisher.publish(topic, [Outgoing(key="a", headers=[], value=b"") for _ in range(3)])
    publisher.close()
    partition = Partition(topic, partition_of("a", PARTITIONS))
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    admin.delete_records({TopicPartition(*partition): 2})
    admin.close()
    reader = transport.reader({partition: 0})
    with pytest.raises(TransportFailed, match="OffsetOutOfRange"):
        reader.poll(limit=10, timeout=10)
    reader.close()
    transport.close()


class TestAPartitionThatStandsStill:
    def test_with_records_to_give(
        self, kafka_bootstrap: str, topic: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A partition that has records and gives none for long ends the reader."""
        monkeypatch.setattr(kafka, "STUCK_SECONDS", 0.5)
        monkeypatch.setattr(kafka, "_LOOK_SECONDS", 0.0)
        create_topics(kafka_bootstrap, [topic])
        transport = KafkaTransport(kafka_bootstrap)
        partition = Partition(topic, partition_of("a", PARTITIONS))
        reader = transport.reader({partition: 0})
        assert reader.poll(limit=10, timeout=1) == []
        reader._consumer.pause(TopicPartition(*partition))
        reader._consumer._subscription.assignment[TopicPartition(*partition)].highwater = 1
        assert reader.poll(limit=10, timeout=0.1) == []
        time.sleep(kafka.STUCK_SECONDS)
        with pytest.raises(TransportFailed, match="stands still at 0"):
            reader.poll(limit=10, timeout=0.1)
        reader.close()
        transport.close()

    def test_with_none_to_give(
        self, kafka_bootstrap: str, topic: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Having nothing to read is no reason to end."""
        monkeypatch.setattr(kafka, "STUCK_SECONDS", 2.0)
        monkeypatch.setattr(kafka, "_LOOK_SECONDS", 0.0)
        create_topics(kafka_bootstrap, [topic])
        transport = KafkaTransport(kafka_bootstrap)
        reader = transport.reader(dict.fromkeys(transport.ends([topic]), 0))
        for _ in range(25):
            assert reader.poll(limit=10, timeout=0.2) == []
        reader.close()
        transport.close()
