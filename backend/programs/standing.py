"""How somebody stands in a course, from who was there alone. Pure: no clock, no database."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Held:
    """A session of one's own course. A cancelled one counts for nobody."""

    number: int
    ends_at: datetime
    is_cancelled: bool = False


@dataclass(frozen=True)
class Requirement:
    """What a course asks for: at most so many sessions missed, at least so many percent attended; None: not asked."""

    absences: int | None = None
    percent: int | None = None

    @property
    def is_stated(self) -> bool:
        return self.absences is not None or self.percent is not None

    def allowed(self, sessions: int) -> int | None:
        """How many of so many sessions may be missed; None: nothing is stated."""
        limits = []
        if self.absences is not None:
            limits.append(min(self.absences, sessions))
        if self.percent is not None:
            limits.append(sessions * max(0, 100 - self.percent) // 100)
        return min(limits, default=None)


@dataclass(frozen=True)
class Standing:
    """Numbers of sessions attended, one made up ahead too, and of those over that were missed.

    `percent`: attended of those over, None before the first is. `can_finish`: without making up any more.
    """

    sessions: int
    attended: tuple[int, ...]
    missed: tuple[int, ...]
    allowed: int | None
    percent: int | None
    can_finish: bool
    is_finished: bool


def standing(
    sessions: Iterable[Held], attended: Collection[int], requirement: Requirement, now: datetime
) -> Standing:
    """`attended`: the numbers that somebody has a mark for, in whichever class they were.

    Finished is who was there at least once and missed no more than allowed, once every session is over.
    """
    counting = sorted((s for s in sessions if not s.is_cancelled), key=lambda s: s.number)
    over = [s.number for s in counting if s.ends_at <= now]
    came = tuple(s.number for s in counting if s.number in attended)
    missed = tuple(number for number in over if number not in attended)
    allowed = requirement.allowed(len(counting))
    within = allowed is None or len(missed) <= allowed
    return Standing(
        sessions=len(counting),
        attended=came,
        missed=missed,
        allowed=allowed,
        percent=(len(over) - len(missed)) * 100 // len(over) if over else None,
        can_finish=within,
        is_finished=requirement.is_stated and within and bool(came) and len(over) == len(counting),
    )
