"""Which call plan does a hall have before anybody made one? What the settings file says."""

from __future__ import annotations

from typing import Final

from hotline.announcements.plan import Key, KeyAct, Menu, Plan
from hotline.settings import HallTable, MenuTable

PERSON_KEYS: Final = "0*#9"
"""Tried in this order: a key that the settings' menu uses for something else is not taken."""


def plan_of(table: HallTable) -> Plan:
    """The plan of a hall's settings. A plan that is stored comes before it."""
    used = {} if table.menu is None else table.menu.keys
    person = next((key for key in PERSON_KEYS if used.get(key, table.default_queue) == table.default_queue), "")
    menu = None if table.menu is None else _menu(table.menu, table, person)
    return Plan(
        greeting=table.greeting,
        menu=menu,
        reach_person_key=person,
        parting=dict(table.parting),
        rating=table.ratings.by_key,
    )


def _menu(menu: MenuTable, table: HallTable, person: str) -> Menu:
    keys = tuple(
        Key(key=key, act=KeyAct.PERSON, label=table.queues[queue].label)
        if key == person
        else Key(key=key, queue=queue, label=table.queues[queue].label)
        for key, queue in menu.keys.items()
    )
    return Menu(prompt=menu.prompt, keys=keys, seconds=menu.seconds, tries=menu.tries)
