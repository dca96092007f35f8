"""
Apache Kafka by kafka-python.

Order per key rests on four things: the relay is alone, it sends in the order of positions, a
window's share of a partition travels as one batch, and the next window is sent only when every
record of this one is acknowledged. So a batch that expires cannot be overtaken by a later one.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.partitioner.default import murmur2

from shared.messaging.transports.base import Incoming, Outgoing, Partition, TransportFailed
from shared.observability.errors import told

BATCH_BYTES: Final = 512 * 1024
REQUEST_BYTES: Final = 1024 * 1024
"""The broker's own default for the largest request (message.max.bytes) is a little more."""
DELIVERY_SECONDS: Final = 30.0
"""How long a record is tried before the window is called failed."""
METADATA_SECONDS: Final = 10.0
"""How long the cluster is asked about a topic before it is called missing."""
STUCK_SECONDS: Final = 60.0
"""How long a partition may have records that are not given to us before we say so."""
_LOOK_SECONDS: Final = 5.0
_MANY_KEYS: Final = 100_000

log = logging.getLogger(__name__)


class KafkaTransport:
    """Topics of a Kafka cluster. Connects when first used; safe to share between threads."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap.split(",")
        self._lock = threading.Lock()
        self._client: KafkaConsumer | None = None

    def publisher(self) -> "KafkaPublisher":
        """A producer for one relay."""
        return KafkaPublisher(self._bootstrap)

    def reader(self, offsets: Mapping[Partition, int]) -> "KafkaReader":
        """A consumer of its own, of exactly these partitions; no consumer group is used."""
        return KafkaReader(self._bootstrap, offsets)

    def ends(self, topics: Sequence[str]) -> dict[Partition, int]:
        """The partitions of these topics and their end offsets."""
        try:
            with self._lock:  # the client is not thread-safe
                if self._client is None:
                    self._client = _consumer(self._bootstrap)
                wanted = [
                    TopicPartition(topic, number)
                    for topic in topics
                    for number in _partitions(self._client, topic)
                ]
                ends = self._client.end_offsets(wanted, timeout_ms=10_000)
        except KafkaError as error:
            raise TransportFailed(f"end offsets of {', '.join(topics)}: {told(error)}") from error
        return {Partition(at.topic, at.partition): offset for at, offset in ends.items()}

    def close(self) -> None:
        """Let go of the connection that ``ends`` uses."""
        with self._lock:
            if self._client is not None:
                self._client.close(autocommit=False)
                self._client = None


class KafkaPublisher:
    """An idempotent producer that takes a window whole, per partition, or fails."""

    # A tenth is left for what a batch adds to its records.
    window_bytes = BATCH_BYTES * 9 // 10

    def __init__(self, bootstrap: Sequence[str]) -> None:
        self._bootstrap = bootstrap
        self._producer: KafkaProducer | None = None
        self._partition_of: dict[tuple[str, str], int] = {}

    def publish(self, topic: str, window: Sequence[Outgoing]) -> None:
        """Send, flush, and look at every answer: a flush also returns when records failed."""
        try:
            producer = self._connected()
            sent = [
                producer.send(
                    topic,
                    key=outgoing.key.encode(),
                    value=outgoing.value,
                    headers=list(outgoing.headers),
                    partition=self._partition(producer, topic, outgoing.key),
                )
                for outgoing in window
            ]
            producer.flush(timeout=DELIVERY_SECONDS + 5)
            for future in sent:
                future.get(timeout=0)
        except KafkaError as error:
            raise TransportFailed(f"publishing to {topic}: {told(error)}") from error

    def close(self) -> None:
        """Drop what is not sent: who publishes next starts again from the checkpoint."""
        if self._producer is not None:
            try:
                self._producer.close(timeout=0)
            except KafkaTimeoutError:
                # Raised for the records that are being dropped; the sender is a daemon thread.
                log.warning("producer closed with unsent records")
            self._producer = None

    def _connected(self) -> KafkaProducer:
        if self._producer is None:
            self._producer = KafkaProducer(
                bootstrap_servers=self._bootstrap,
                acks="all",
                # Said explicitly: otherwise a conflicting setting would turn it off silently.
                enable_idempotence=True,
                batch_size=BATCH_BYTES,
                max_request_size=REQUEST_BYTES,
                # Never reached, because every window is flushed at once. It keeps the sender from
                # taking the first records of a window before the last are there: one batch each.
                linger_ms=5_000,
                request_timeout_ms=10_000,
                delivery_timeout_ms=int(DELIVERY_SECONDS * 1000),
                max_block_ms=int(METADATA_SECONDS * 1000),
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        return self._producer

    def _partition(self, producer: KafkaProducer, topic: str, key: str) -> int:
        # As Java's default partitioner does; looked up because hashing in Python is the largest
        # part of sending, and projects keep coming back.
        partition = self._partition_of.get((topic, key))
        if partition is None:
            if len(self._partition_of) >= _MANY_KEYS:
                self._partition_of.clear()
            count = len(producer.partitions_for(topic))
            partition = partition_of(key, count)
            self._partition_of[topic, key] = partition
        return partition


def partition_of(key: str, count: int) -> int:
    """The partition of ``key`` among ``count``, the same that any Kafka client would choose."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % count)


class KafkaReader:
    """A consumer that is told where to read; where it stands is kept by who uses it."""

    def __init__(self, bootstrap: Sequence[str], offsets: Mapping[Partition, int]) -> None:
        try:
            self._consumer = _consumer(bootstrap)
            self._consumer.assign([TopicPartition(*partition) for partition in offsets])
            for partition, offset in offsets.items():
                self._consumer.seek(TopicPartition(*partition), offset)
        except KafkaError as error:
            raise TransportFailed(f"reading: {told(error)}") from error
        self._looked = time.monotonic()
        self._moved = {
            TopicPartition(*partition): (offset, time.monotonic())
            for partition, offset in offsets.items()
        }

    def poll(self, *, limit: int, timeout: float) -> list[Incoming]:
        """The next records. Offsets that are no longer kept are an error, not a reason to skip."""
        try:
            polled = self._consumer.poll(timeout_ms=int(timeout * 1000), max_records=limit)
            self._look_for_stuck_partitions()
        except KafkaError as error:
            raise TransportFailed(f"reading: {told(error)}") from error
        return [
            Incoming(
                partition=Partition(record.topic, record.partition),
                offset=record.offset,
                key="" if record.key is None else record.key.decode(errors="replace"),
                headers=list(record.headers),
                value=b"" if record.value is None else record.value,
            )
            for records in polled.values()
            for record in records
        ]

    def close(self) -> None:
        """Leave; no offsets are committed to Kafka, they are kept with the effects."""
        self._consumer.close(autocommit=False)

    def _look_for_stuck_partitions(self) -> None:
        # A client defect once left partitions silent for good; a restart cures it.
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        for at, (offset, since) in self._moved.items():
            position = self._consumer.position(at)
            highwater = self._consumer.highwater(at)
            # Even an empty partition has a highwater once it was asked for.
            behind = highwater is None or highwater > position
            if position != offset or not behind:
                self._moved[at] = (position, now)
            elif now - since > STUCK_SECONDS:
                raise TransportFailed(f"{at.topic}/{at.partition} stands still at {position}")


def _consumer(bootstrap: Sequence[str]) -> KafkaConsumer:
    return KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )


def _partitions(client: KafkaConsumer, topic: str) -> list[int]:
    numbers = client.partitions_for_topic(topic)
    if not numbers:
        raise TransportFailed(f"there is no topic {topic}; it is created by deploy.topics")
    return sorted(numbers)
