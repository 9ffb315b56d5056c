"""Choosing items for cells so that every cell is filled, no item serves twice and no two enemies meet."""

from collections import deque
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

MOST_STEPS = 20_000


@dataclass(frozen=True)
class Shortage:
    """Cells that together need more items than fit them: the proof (Hall) that they cannot all be filled."""

    cells: tuple[str, ...]
    needed: int
    available: int


class NoChoice(Exception):
    """No choice exists; `shortage` is the proof, or None when only enemies stand in the way."""

    def __init__(self, shortage: Shortage | None) -> None:
        super().__init__(shortage)
        self.shortage = shortage


class SearchTooLong(Exception):
    """The limit of steps was reached: nothing is known."""


def choose(
    needs: Mapping[str, int],
    fitting: Mapping[str, Sequence[str]],
    enemies: Mapping[str, Set[str]],
    most_steps: int = MOST_STEPS,
) -> dict[str, list[str]]:
    """For each cell the items chosen, preferring those that stand first in its list.

    `needs` says how many items a cell needs, `fitting` which items fit it in the order of preference, `enemies` who must
    not meet. Without enemies the answer is found without a step back, because each step keeps a matching of the rest
    possible; with enemies the search steps back and is complete. Raises NoChoice, SearchTooLong.
    """
    shortage = shortage_of(needs, fitting)
    if shortage is not None:
        raise NoChoice(shortage)
    search = _Search(dict(needs), fitting, enemies, most_steps)
    if not search.fill():
        raise NoChoice(None)
    return search.chosen


def shortage_of(needs: Mapping[str, int], fitting: Mapping[str, Sequence[str]]) -> Shortage | None:
    """The cells that cannot all be filled when nobody is anybody's enemy, or None. Maximum matching by augmenting paths."""
    holder: dict[str, str] = {}
    for cell, count in needs.items():
        for _ in range(count):
            seen = _augment(cell, fitting, holder)
            if seen is not None:
                cells = {cell, *(holder[item] for item in seen)}
                in_order = tuple(one for one in needs if one in cells)
                return Shortage(in_order, sum(needs[one] for one in in_order), len(seen))
    return None


def _augment(start: str, fitting: Mapping[str, Sequence[str]], holder: dict[str, str]) -> set[str] | None:
    """Give `start` one more item, moving others if need be; the items reached when that is impossible."""
    wanted_by: dict[str, str] = {}
    gives_up: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        cell = waiting.popleft()
        for item in fitting[cell]:
            if item in wanted_by:
                continue
            wanted_by[item] = cell
            owner = holder.get(item)
            if owner is None:
                _hand_over(item, start, wanted_by, gives_up, holder)
                return None
            if owner != start and owner not in gives_up:
                gives_up[owner] = item
                waiting.append(owner)
    return set(wanted_by)


def _hand_over(
    free: str, start: str, wanted_by: Mapping[str, str], gives_up: Mapping[str, str], holder: dict[str, str]
) -> None:
    """Walk the path back from a free item: each cell on it takes one item and gives one up, until `start` is reached."""
    item = free
    while True:
        cell = wanted_by[item]
        holder[item] = cell
        if cell == start:
            return
        item = gives_up[cell]


class _Search:
    """A search with steps back, pruned by matching; within a cell items are taken in the order of its list."""

    def __init__(
        self,
        needs: dict[str, int],
        fitting: Mapping[str, Sequence[str]],
        enemies: Mapping[str, Set[str]],
        most_steps: int,
    ) -> None:
        self.needs, self.fitting, self.enemies = needs, fitting, enemies
        self.steps_left = most_steps
        self.chosen: dict[str, list[str]] = {cell: [] for cell in needs}
        self.next_place = dict.fromkeys(needs, 0)
        self.taken: set[str] = set()
        self.barred: dict[str, int] = {}

    def fill(self) -> bool:
        """Fill every cell; False when no choice exists."""
        open_cells = [cell for cell, count in self.needs.items() if count > 0]
        if not open_cells:
            return True
        left = {cell: self._left(cell) for cell in open_cells}
        cell = min(open_cells, key=lambda one: (len(left[one]) - self.needs[one], open_cells.index(one)))
        places = {item: place for place, item in enumerate(self.fitting[cell])}
        before = self.next_place[cell]
        for item in left[cell]:
            if self.steps_left == 0:
                raise SearchTooLong
            self.steps_left -= 1
            self._take(cell, item, places[item] + 1)
            if self._rest_can_be_matched() and self.fill():
                return True
            self._give_back(cell, item, before)
        return False

    def _left(self, cell: str) -> list[str]:
        return [
            one
            for one in self.fitting[cell][self.next_place[cell] :]
            if one not in self.taken and not self.barred.get(one)
        ]

    def _rest_can_be_matched(self) -> bool:
        rest = {cell: count for cell, count in self.needs.items() if count > 0}
        return shortage_of(rest, {cell: self._left(cell) for cell in rest}) is None

    def _take(self, cell: str, item: str, place: int) -> None:
        self.chosen[cell].append(item)
        self.taken.add(item)
        self.needs[cell] -= 1
        self.next_place[cell] = place
        for enemy in self.enemies.get(item, ()):
            self.barred[enemy] = self.barred.get(enemy, 0) + 1

    def _give_back(self, cell: str, item: str, place: int) -> None:
        self.chosen[cell].pop()
        self.taken.discard(item)
        self.needs[cell] += 1
        self.next_place[cell] = place
        for enemy in self.enemies.get(item, ()):
            self.barred[enemy] -= 1
