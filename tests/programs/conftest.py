from collections.abc import Iterator

import pytest
import time_machine

from backend.events import feeds
from backend.roster import editions
from tests.conftest import MORNING


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    """A standing clock that a test moves; what is kept in memory is asked about every time."""
    monkeypatch.setattr(editions, "FRESH_SECONDS", -1)
    feeds.forget()
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock
