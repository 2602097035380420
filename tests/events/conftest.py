from collections.abc import Iterator

import pytest
import time_machine

from backend.events import feeds
from backend.roster import editions

NOW = "2026-11-22T10:00:00-06:00"  # a Sunday


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    """A standing clock; what is kept in memory is asked about every time, as after half a second."""
    monkeypatch.setattr(editions, "FRESH_SECONDS", -1)
    feeds.forget()
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock
