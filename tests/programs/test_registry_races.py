"""The registry's numbers, codes and limit when several people are there at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from backend.errors import DomainError
from backend.programs.models import ItemChange, RegisteredItem
from backend.programs.services import registry
from tests.programs.factories import make_resident
from tests.programs.test_registry import BIKE


def race(actions: list[Any]) -> list[str]:
    together = Barrier(len(actions))

    def act(action: Any) -> str:
        try:
            together.wait(10)
            return str(action().status)
        except DomainError as refusal:
            return refusal.type or type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return sorted(pool.map(act, actions))


@pytest.mark.parametrize("number", ["decal", "serial"])
def test_two_people_with_one_number_at_once(real_city: None, number: str) -> None:
    people = [make_resident(f"rider{n}@example.org") for n in range(4)]
    facts = [{**BIKE, "decal": n + 1, "serial": f"serial {n}", number: BIKE[number]} for n in range(4)]
    made = race([lambda n=n: registry.register_item(**facts[n], by=people[n]) for n in range(4)])
    assert made == sorted(["registered"] + [f"{number}-taken"] * 3)
    assert (RegisteredItem.objects.count(), ItemChange.objects.count()) == (1, 1)


def test_one_code_at_once_has_one_taker_and_the_last_free_line_one_item(real_city: None) -> None:
    owner, *people = [make_resident(f"rider{n}@example.org") for n in range(5)]
    item = registry.register_item(**BIKE, by=owner)
    _, code = registry.offer_item(item=item, by=owner)
    taken = race([lambda by=by: registry.claim_item(code=code, by=by) for by in people])
    assert taken == ["NotFound"] * 3 + ["registered"]
    for n in range(1, 20):
        registry.register_item(**{**BIKE, "decal": n, "serial": f"serial {n}"}, by=owner)
    facts = [{**BIKE, "decal": 100 + n, "serial": f"last {n}"} for n in range(3)]
    made = race([lambda f=f: registry.register_item(**f, by=owner) for f in facts])
    assert made == ["registered", "too-many-items", "too-many-items"]
