from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine

from backend.events import feeds
from backend.programs.services.importing import import_catalogue
from backend.roster import editions
from tests.conftest import MORNING
from tests.programs.walking import Walk


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    """A standing clock that a test moves; what is kept in memory is asked about every time."""
    monkeypatch.setattr(editions, "FRESH_SECONDS", -1)
    feeds.forget()
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def walk(city: None, now: time_machine.Traveller, client: Any, sign_in: Any) -> Callable[[str], Walk]:
    """walk(slug): through a program of the real catalogue, of which nothing is confirmed yet."""
    import_catalogue()
    return lambda slug: Walk(slug, client, sign_in)
