"""What each room holds about a resident: shown to them, ended with their account, hidden when they ask for it.

Rooms register from their AppConfig.ready; this one imports none of those above it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from backend.accounts.models import User


class Ending(NamedTuple):
    """What became of one kind of thing when an account was deleted. `why`: what law or need keeps what is kept."""

    what: str
    fate: Literal["deleted", "anonymised", "kept"]
    why: str


@dataclass(frozen=True)
class Holding:
    """One room's part. `export` gives values that JSON can hold, `erase` runs in the account's last transaction.

    `hide_address` erases what tells where the person lives (Safe at Home, RSMo 589.660 to 589.683).
    """

    export: Callable[[User], Any]
    erase: Callable[[User], list[Ending]]
    hide_address: Callable[[User], object] = lambda user: None


HOLDINGS: dict[str, Holding] = {}


def register_holding(name: str, holding: Holding) -> None:
    if name in HOLDINGS:
        raise ValueError(f"{name} is registered twice")
    HOLDINGS[name] = holding
