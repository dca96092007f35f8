"""The log in memory: topics of two partitions, a broker that may fail halfway."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random

from shared.messaging.transports.base import Incoming, Outgoing, Partition, TransportFailed
from shared.messaging.transports.kafka import partition_of
from tests.simulation.scheduler import point

PARTITIONS = 2


class Topics:
    """What was published, for good."""

    window_bytes = 100_000

    def __init__(self, chance: Random) -> None:
        self.records: dict[Partition, list[Incoming]] = defaultdict(list)
        self.fails_next = False
        """The next window gets only as far as one partition."""
        self._chance = chance

    def publish(self, topic: str, window: Sequence[Outgoing]) -> None:
        """A window's share of a partition travels as one batch."""
        shares: dict[Partition, list[Outgoing]] = defaultdict(list)
        for each in window:
            shares[Partition(topic, partition_of(each.key, PARTITIONS))].append(each)
        for partition, share in sorted(shares.items()):
            point("before send")
            log = self.records[partition]
            for each in share:
                log.append(
                    Incoming(
                        partition=partition,
                        offset=len(log),
                        key=each.key,
                        headers=each.headers,
                        value=each.value,
                    )
                )
            if self.fails_next:
                self.fails_next = False
                raise TransportFailed("the broker went away")
        point("after send")

    def close(self) -> None:
        """Nothing to let go of."""

    def poll(self, offsets: Mapping[Partition, int]) -> list[Incoming]:
        """Some of the next records: each partition in order, partitions in any."""
        point("polling")
        heads = dict(offsets)
        batch: list[Incoming] = []
        for _ in range(self._chance.randint(1, 6)):
            waiting = [each for each in sorted(heads) if heads[each] < len(self.records[each])]
            if not waiting:
                break
            partition = self._chance.choice(waiting)
            batch.append(self.records[partition][heads[partition]])
            heads[partition] += 1
        return batch
