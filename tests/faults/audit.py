"""What came of a storm: stores, topic, rows, view and timers are counted and compared."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from shared.messaging.message import Message
from shared.messaging.transports.base import Partition
from shared.messaging.transports.kafka import KafkaTransport
from shared.postgres.database import Database
from shared.projecting import registry
from shared.timers.timer import fires_at
from tests.faults.village import PROJECTION, HurryingClock
from tests.integration.messaging.town import NumberCounted, rows

GAPS = """
SELECT position FROM (
    SELECT position, recorded_at, row_number() OVER (ORDER BY position) AS expected,
           lag(recorded_at) OVER (ORDER BY position) AS before
    FROM eventstore.event
) AS event
WHERE position <> expected OR recorded_at < before
"""
COUNTED = """
SELECT data ->> 'key' AS name, (data ->> 'number')::int AS number
FROM eventstore.event WHERE type = 'sender.counted' ORDER BY position
"""
HEARD = """
SELECT data ->> 'key' AS name, (data ->> 'number')::int AS number
FROM eventstore.event ORDER BY position
"""
KEPT = "SELECT name, number FROM heard.effect ORDER BY nth"
LINES = """
SELECT position, data ->> 'key' AS key, (data ->> 'number')::int AS number
FROM eventstore.event ORDER BY position
"""
BELLS = """
SELECT stream_id, type, (data ->> 'fires_on')::date AS fires_on, recorded_at
FROM eventstore.event WHERE stream_type = 'bell' ORDER BY position
"""
IN_GOOD_TIME = timedelta(days=2)
"""Excused so long before, a bell does not ring: somebody has looked at the events since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was counted afterwards."""

    committed: int
    lost: int
    duplicated: int
    twice: int
    out_of_order: int
    rang: int
    wrong: tuple[str, ...]
    """Anything else that is not as it should be."""

    @property
    def found(self) -> list[str]:
        """Every promise that was broken, with how often where it is counted."""
        counted = {
            "lost": self.lost,
            "effects twice": self.twice,
            "order broken": self.out_of_order,
        }
        return [f"{what} {number}" for what, number in counted.items() if number] + [*self.wrong]

    def __str__(self) -> str:
        return (
            f"committed {self.committed}, lost {self.lost},"
            f" duplicated on the topic {self.duplicated}, effects twice {self.twice},"
            f" order broken {self.out_of_order}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Where everything is that has to agree."""

    sending: Database
    receiving: Database
    bootstrap: str
    topic: str
    answers: Sequence[Path]
    clock: HurryingClock

    def audit(self, rung_by: datetime) -> Outcome:
        """Compare everything; timers that were due at ``rung_by`` must have fired."""
        counted = _by_key(rows(self.sending, COUNTED))
        effects = _by_key(rows(self.receiving, KEPT))
        heard = _by_key(rows(self.receiving, HEARD))
        sent = self._on_topic()
        committed = sum(map(len, counted.values()))
        lost = sum(len(set(numbers) - set(effects[key])) for key, numbers in counted.items())
        lost += self._commands_lost()
        wrong = []
        if heard != effects:
            wrong.append("rows and events of the same transactions differ")
        if any(numbers != list(range(1, len(numbers) + 1)) for numbers in counted.values()):
            wrong.append("a command was carried out twice, or between two others")
        if {key: list(dict.fromkeys(numbers)) for key, numbers in sent.items()} != counted:
            wrong.append("first deliveries on the topic are not the events in their order")
        wrong += [
            "positions are not dense, or time goes back"
            for database in (self.sending, self.receiving)
            if rows(database, GAPS)
        ]
        wrong += self._view({key: sum(numbers) for key, numbers in heard.items()})
        parked = rows(self.receiving, "SELECT problem FROM messaging.parked_message")
        wrong += [f"parked: {row.problem}" for row in parked]
        rang, timers = self._timers(rung_by)
        return Outcome(
            committed=committed,
            lost=lost,
            duplicated=sum(map(len, sent.values())) - committed,
            twice=sum(len(numbers) - len(set(numbers)) for numbers in effects.values()),
            out_of_order=sum(numbers != sorted(numbers) for numbers in effects.values()),
            rang=rang,
            wrong=(*wrong, *timers),
        )

    def _commands_lost(self) -> int:
        """How many acknowledged commands have no event, or more than one."""
        found = Counter(
            str(row.command_id)
            for row in rows(self.sending, "SELECT meta ->> 'command_id' AS command_id"
                            " FROM eventstore.event")
        )  # fmt: skip
        answered = [line for each in self.answers for line in each.read_text().splitlines()]
        return sum(found[command_id] != 1 for command_id in answered)

    def _view(self, sums: dict[str, int]) -> list[str]:
        with self.receiving.engine.connect() as connection:
            known = registry.generations(connection, PROJECTION.name)
        wrong = [f"generation {each.generation} failed" for each in known if each.error]
        [serving] = [each for each in known if each.serving]
        schema = f"{PROJECTION.name}_{serving.generation}"
        found = rows(self.receiving, f"SELECT key, total FROM {schema}.total")  # noqa: S608  # ours
        lines = rows(self.receiving, f"SELECT * FROM {schema}.line ORDER BY position")  # noqa: S608
        if {row.key: row.total for row in found} != sums or lines != rows(self.receiving, LINES):
            wrong.append("the view is not the fold of the events")
        return wrong

    def _timers(self, rung_by: datetime) -> tuple[int, list[str]]:
        """How many bells rang, and what is wrong with them."""
        due: dict[object, datetime] = {}
        excused: dict[object, datetime] = {}
        rings: dict[object, list[datetime]] = defaultdict(list)
        for row in rows(self.sending, BELLS):
            at = self.clock.at(row.recorded_at)
            match row.type:
                case "sender.promised":
                    due[row.stream_id] = fires_at(row.fires_on)
                case "sender.excused":
                    excused[row.stream_id] = at
                case _:
                    rings[row.stream_id].append(at)
        found = {
            "fired twice": [each for each, at in rings.items() if len(at) > 1],
            "fired early": [each for each, at in rings.items() if min(at) < due[each]],
            "never fired": [
                each
                for each, at in due.items()
                if at <= rung_by and each not in rings and each not in excused
            ],
            "fired although excused": [
                each
                for each in rings
                if each in excused and excused[each] < due[each] - IN_GOOD_TIME
            ],
        }
        refused = rows(self.sending, "SELECT reason FROM timers.timer WHERE state = 'refused'")
        wrong = [f"timers {what} {len(each)}" for what, each in found.items() if each]
        return len(rings), wrong + [f"timer refused: {row.reason}" for row in refused]

    def _on_topic(self) -> dict[str, list[int]]:
        """What the topic holds of each key, duplicates included."""
        transport = KafkaTransport(self.bootstrap)
        ends = transport.ends([self.topic])
        numbers: dict[str, list[int]] = defaultdict(list)
        reader = transport.reader(dict.fromkeys(ends, 0))
        left = {Partition(*partition) for partition, end in ends.items() if end > 0}
        while left:
            for incoming in reader.poll(limit=500, timeout=1):
                contract = NumberCounted.model_validate_json(Message.of(incoming).data)
                numbers[incoming.key].append(contract.number)
                if incoming.offset + 1 == ends[incoming.partition]:
                    left.discard(incoming.partition)
        reader.close()
        transport.close()
        return dict(numbers)


def _by_key(found: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for name, number in found:
        numbers[name].append(number)
    return defaultdict(list, numbers)
