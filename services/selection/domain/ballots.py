"""
Secret ballots: who voted and how many said what is kept; who said what is not.

A tie is broken by a casting vote that the chair states, since nobody can see how the chair voted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.kernel.refusals import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretCount:
    """What came out of the ballot box."""

    voted: tuple[str, ...]
    """Who put a ballot in."""
    votes_for: int
    votes_against: int
    abstained: int = 0
    casting_for: bool | None = None
    """On a tie, how the chair broke it: true is for funding."""

    @property
    def is_tied(self) -> bool:
        """As many for as against."""
        return self.votes_for == self.votes_against

    @property
    def is_carried(self) -> bool:
        """More for than against; on a tie, the chair's casting vote. A tie without it fails."""
        return self.casting_for is True if self.is_tied else self.votes_for > self.votes_against

    @property
    def anybody_decided(self) -> bool:
        """At least one vote for or against."""
        return self.votes_for + self.votes_against > 0


def against_the_count(count: SecretCount, chair: str) -> Iterable[Reason]:
    """What is wrong with the count of a secret ballot."""
    numbers = (count.votes_for, count.votes_against, count.abstained)
    if min(numbers) < 0 or sum(numbers) != len(count.voted):
        yield Reason(
            code="count-does-not-add-up",
            en="There are as many votes as members who voted.",
            fr="Il y a autant de votes que de membres qui ont voté.",
            field="secret",
            accepted={"in_all": len(count.voted)},
        )
    if count.casting_for is None:
        return
    if not count.is_tied:
        yield Reason(
            code="no-tie-to-break",
            en="The chair has a casting vote on a tie only.",
            fr="La présidence n’a de voix prépondérante qu’en cas d’égalité.",
            field="secret.casting_for",
        )
    if chair not in count.voted:
        yield Reason(
            code="chair-did-not-vote",
            en="Only a chair who took part in the vote breaks a tie.",
            fr="Seule une présidence qui a pris part au vote tranche une égalité.",
            field="secret.casting_for",
        )
