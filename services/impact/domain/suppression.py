"""
Small groups are not shown outside: what few gave is not to be had, not even by subtraction.

A group is hidden where fewer than ``FEWEST`` participants stand behind its figure. Where one is
hidden, so is the smallest that would have been shown, because a single hidden group is the total
less those shown. The total itself is hidden where fewer than ``FEWEST`` stand behind it. What a
subtraction leaves is then always the sum of several groups and of at least ``FEWEST``.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

FEWEST = 5
"""Participants behind a figure that is shown outside."""

Group = TypeVar("Group", bound=Hashable)


def too_few(participants: int) -> bool:
    """Some stand behind the figure, but not enough; where nobody does there is nothing to hide."""
    return 0 < participants < FEWEST


def hidden(participants: Mapping[Group, int]) -> frozenset[Group]:
    """The groups whose figure is not shown, given how many stand behind each."""
    few = {group for group, count in participants.items() if too_few(count)}
    enough = [group for group, count in participants.items() if count >= FEWEST]
    if few and enough:
        few.add(min(enough, key=lambda group: (participants[group], repr(group))))
    return frozenset(few)
