"""Drawing a form: blueprint, bank, seed and day decide it; a form is found when one exists, or refused with the reason."""

from collections.abc import Mapping
from datetime import date

from curricula.banks import Bank
from curricula.items import KINDS, Item
from curricula.laws import Register
from curricula.ordering import shuffled
from curricula.papers.blueprint import Blueprint, Cell
from curricula.papers.form import Form, Slot
from curricula.papers.matching import MOST_STEPS, NoChoice, SearchTooLong, Shortage, choose
from curricula.refusals import BlueprintDoesNotFitBank, CellsShortOfItems, EnemiesInTheWay, FormSearchTooLong


def draw(
    blueprint: Blueprint,
    bank: Bank,
    seed: int | str,
    day: date,
    register: Register | None = None,
    most_steps: int = MOST_STEPS,
) -> Form:
    """One form of the blueprint.

    An item may be drawn when it is for the blueprint's level, no second reader differed, and, where a register is given,
    every article it cites was in force on the day. Enemies never meet. The same arguments give the same form on every
    machine. Raises BlueprintDoesNotFitBank; CellsShortOfItems with the cells that together want too much (a proof);
    EnemiesInTheWay (a proof by search); FormSearchTooLong (nothing proved).
    """
    if blueprint.bank != bank.id:
        raise BlueprintDoesNotFitBank(wanted=blueprint.bank, given=bank.id)
    written_seed = str(seed)
    usable = {item.id: item for item in bank.items if _usable(item, blueprint.level)}
    in_force = {name for name, item in usable.items() if register is None or _in_force(item, register, day)}
    preference = shuffled(in_force, f"{written_seed}/draw/{blueprint.blueprint}/{blueprint.version}")
    fitting = {cell.id: [one for one in preference if cell.takes(usable[one])] for cell in blueprint.cells}
    needs = {cell.id: cell.count for cell in blueprint.cells}
    try:
        chosen = choose(needs, fitting, bank.enemies(), most_steps)
    except NoChoice as none:
        if none.shortage is not None:
            outdated = [usable[one] for one in usable if one not in in_force]
            raise _short(blueprint, none.shortage, outdated, day) from None
        raise EnemiesInTheWay(cells=_entangled(fitting, bank)) from None
    except SearchTooLong:
        raise FormSearchTooLong(steps=most_steps, cells=_entangled(fitting, bank)) from None
    return Form(
        (*blueprint.name, blueprint.digest()),
        (bank.id, bank.version, bank.digest()),
        blueprint.syllabus,
        written_seed,
        day.isoformat(),
        blueprint.minutes,
        blueprint.pass_mark,
        blueprint.shuffle_questions,
        _slots(blueprint, chosen, usable, written_seed),
    )


def _usable(item: Item, level: str) -> bool:
    return level in item.levels and (item.second_reader is None or item.second_reader.result == "agrees")


def _in_force(item: Item, register: Register, day: date) -> bool:
    return all(register.in_force(one, day) for one in item.citations)


def _short(blueprint: Blueprint, shortage: Shortage, outdated: list[Item], day: date) -> CellsShortOfItems:
    cells = [cell for cell in blueprint.cells if cell.id in shortage.cells]
    return CellsShortOfItems(
        cells=[cell.id for cell in cells],
        needed=shortage.needed,
        available=shortage.available,
        outdated=sum(1 for item in outdated if any(cell.takes(item) for cell in cells)),
        day=day.isoformat(),
    )


def _entangled(fitting: Mapping[str, list[str]], bank: Bank) -> list[str]:
    """The cells into which at least one item with enemies in the bank fits."""
    enemies = bank.enemies()
    return [cell for cell, items in fitting.items() if any(enemies[one] for one in items)]


def _slots(
    blueprint: Blueprint, chosen: Mapping[str, list[str]], items: Mapping[str, Item], seed: str
) -> tuple[Slot, ...]:
    """Numbered by kind, inside a kind in an order that the seed decides."""
    drawn: dict[str, Cell] = {name: cell for cell in blueprint.cells for name in chosen[cell.id]}
    order = shuffled(drawn, f"{seed}/slots")
    order.sort(key=lambda name: KINDS.index(items[name].kind))
    return tuple(
        Slot(str(number), drawn[name].id, drawn[name].points, items[name]) for number, name in enumerate(order, start=1)
    )
