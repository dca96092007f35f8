"""Code that is wrong in ways that have been wrong elsewhere: the simulation must notice each."""

from collections.abc import Sequence
from functools import partial

from shared.eventstore.store import Append, CommandRecord, Context, Recorded, VersionConflict
from shared.messaging.message import Message
from shared.messaging.publishing import Publishing
from shared.projecting.projection import Projection
from shared.projecting.registry import Generation
from tests.simulation.database import Generations, Receipt, Store, Transaction, transaction
from tests.simulation.scheduler import point
from tests.simulation.world import Build


class AcknowledgeBeforePublish(Publishing):
    """The checkpoint moves before the log has answered."""

    def step(self) -> bool:
        """The wrong way round."""
        window, reached, more = self._window()
        if reached == self.position:
            return False
        self._checkpoint.move(self.epoch, reached)
        self.position = reached
        if window:
            self._publisher.publish(f"jalon.{self._service}.v1", window)
        return more


class NoAppendLock(Transaction):
    """Positions come from a sequence, and commits in any order."""

    def append(self, append: Append, context: Context) -> None:
        """Nobody waits for anybody."""
        database = self.database
        point("appending")
        actual = database.versions(self.seen(), append.stream)
        if actual != append.expected_version:
            raise VersionConflict(f"{append.stream} is at {actual}")
        after = database.sequence
        database.sequence += len(append.events)
        self.write(append, context, after=after)

    def commit(self) -> None:
        """The unique key of streams is still there."""
        for each in self.appended:
            if self.database.versions(self.database.log, each.stream) >= each.version:
                raise VersionConflict(str(each.stream))
        super().commit()


class CheckpointApart(Generations):
    """Rows in one transaction, the checkpoint in the next."""

    def take(
        self, takers: Sequence[tuple[Projection, Generation]], batch: Sequence[Recorded]
    ) -> None:
        """A crash in between counts twice."""
        for projection, generation in takers:
            with transaction(self.database, Transaction) as ours:
                ours.at_commit.append(partial(self.add, generation, self.sums(projection, batch)))
            with transaction(self.database, Transaction) as ours:
                self.advance(ours, generation, batch[-1].position)


class DedupeByPosition(Receipt):
    """What is not above the highest position seen of its source is taken for old."""

    def answer(self, message: Message) -> None:
        """Leave out what seems old."""
        highest = vars(self.reactions).setdefault("highest", {})
        if message.position <= highest.get(message.source, 0):
            return
        super().answer(message)
        self.ours.at_commit.append(lambda: highest.update({message.source: message.position}))


class InboxAfterEffect(Receipt):
    """The effect is committed by itself, then the inbox and the offset."""

    def answer(self, message: Message) -> None:
        """A crash afterwards lets it take effect again."""
        with transaction(self.ours.database, type(self.ours)) as own:
            self.reactions.answer(message, own)  # type: ignore[arg-type]


class SwallowConflict(Store):
    """Who comes second is told that all is well."""

    def append(
        self, appends: Sequence[Append], context: Context, *, command: CommandRecord | None = None
    ) -> int:
        """As ``ON CONFLICT DO NOTHING`` does."""
        try:
            return super().append(appends, context, command=command)
        except VersionConflict:
            return self.head()


MUTANTS = {
    "acknowledge before publish": Build(publishing=AcknowledgeBeforePublish),
    "no append lock": Build(transaction=NoAppendLock),
    "checkpoint in its own transaction": Build(generations=CheckpointApart),
    "dedupe by highest position": Build(receipt=DedupeByPosition),
    "inbox after effect": Build(receipt=InboxAfterEffect),
    "swallow conflict": Build(store=SwallowConflict),
}
