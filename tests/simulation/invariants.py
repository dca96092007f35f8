"""What must be so after every step, whatever was killed in between; and once all is quiet."""

from collections import Counter, defaultdict
from uuid import UUID

from shared.messaging.message import Message, topic_of
from shared.timers.timer import fires_at
from tests.simulation.database import Database
from tests.simulation.topics import Topics
from tests.simulation.world import Counted, Heard, Promised, Rang, Service, World, told


class Broken(AssertionError):
    """An invariant does not hold; the first argument names it."""


def check(world: World) -> None:
    """After every step."""
    for service in world.services.values():
        _events(service.database)
        _commands(service)
        _topic(service, world.topics)
        _effects(service.database)
        _views(service.database)
        _timers(service.database)


def check_at_rest(world: World) -> None:
    """Once nothing is left to do: nothing was lost on the way."""
    check(world)
    ask, answer = (world.services[name].database for name in ("ask", "answer"))
    counted = _by_key(ask, Counted)
    for name, heard in (("answer", _by_key(answer, Heard)), ("ask", _by_key(ask, Heard))):
        _require(heard == counted, "every event has one effect per consumer", f"{name} {heard}")
    for database in (ask, answer):
        for timer_id, (arm, _, state) in database.timers.items():
            due = fires_at(arm.fires_on) <= world.clock.now()
            _require(state == "fired" or not due, "each timer fires", str(timer_id))


def _require(holds: bool, name: str, found: str) -> None:
    if not holds:
        raise Broken(f"{name}: {found}")


def _events(database: Database) -> None:
    log = database.log
    positions = [each.position for each in log]
    _require(positions == list(range(1, len(log) + 1)), "positions are dense", str(positions[-9:]))
    times = [each.recorded_at for each in log]
    _require(times == sorted(times), "recorded_at never decreases", str(times[-3:]))
    versions: dict[object, int] = defaultdict(int)
    for each in log:
        versions[each.stream] += 1
        _require(
            each.version == versions[each.stream], "versions are 1 to n", f"{each.stream} {each}"
        )


def _commands(service: Service) -> None:
    caused = Counter(each.context.command_id for each in service.database.log)
    for command_id in service.acknowledged:
        _require(
            caused[command_id] == 1,
            "an acknowledged command has its event, once",
            f"{command_id}: {caused[command_id]}",
        )


def _topic(service: Service, topics: Topics) -> None:
    database = service.database
    published = [each for each in database.log if told(each) is not None]
    first: dict[str, list[int]] = defaultdict(list)
    seen: set[UUID] = set()
    for partition, records in topics.records.items():
        if partition.topic != topic_of(service.name):
            continue
        for record in records:
            message = Message.of(record)
            if message.id not in seen:
                seen.add(message.id)
                first[record.key].append(message.position)
    for each in published:
        _require(
            each.position > database.relayed or each.event_id in seen,
            "what is relayed is on the topic",
            f"{each.position} of {database.relayed}",
        )
    for key, positions in first.items():
        of_key = [each.position for each in published if each.event.key == key]
        _require(
            positions == of_key[: len(positions)],
            "first deliveries of a key are in order",
            f"{key} {positions}",
        )


def _effects(database: Database) -> None:
    causes = Counter(
        each.context.causation_id for each in database.log if isinstance(each.event, Heard)
    )
    twice = [cause for cause, count in causes.items() if count > 1]
    _require(not twice, "one effect per event and consumer", str(twice))
    for key, numbers in _by_key(database, Heard).items():
        _require(
            numbers == list(range(1, len(numbers) + 1)),
            "effects of a key are in order",
            f"{key} {numbers}",
        )


def _views(database: Database) -> None:
    for generation in database.generations:
        expected: Counter[str] = Counter()
        for each in database.log[: generation.position]:
            expected[f"{each.type}/{getattr(each.event, 'key', '')}"] += 1
        rows = database.rows[generation.generation]
        _require(
            rows == dict(expected),
            "a view is the fold of the events up to its position",
            f"generation {generation.generation} at {generation.position}: {rows}",
        )
    serving = [each for each in database.generations if each.serving]
    _require(len(serving) <= 1, "one generation serves", str(serving))


def _timers(database: Database) -> None:
    rings = Counter(each.event.bell for each in database.log if isinstance(each.event, Rang))
    days = {
        each.event.bell: each.event.fires_on
        for each in database.log
        if isinstance(each.event, Promised)
    }
    for each in database.log:
        if isinstance(each.event, Rang):
            bell = each.event.bell
            _require(rings[bell] == 1, "a timer fires once", str(bell))
            early = each.event.at < fires_at(days[bell])
            _require(not early, "a timer never fires early", str(bell))


def _by_key(database: Database, kind: type) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for each in database.log:
        if isinstance(each.event, kind):
            numbers[each.event.key].append(each.event.number)
    return dict(numbers)
