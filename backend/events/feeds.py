"""Feeds in memory: joined from stored bytes when the calendar changed, otherwise ready to hand out."""

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.http import http_date

from backend.accounts.models import User
from backend.errors import NotFound
from backend.events import ical
from backend.events.models import Event, EventQuerySet
from backend.events.services.personal import entries, feed_of
from backend.notifications.sensitive import unless_sensitive
from backend.roster import editions
from backend.roster.models import Area, BoundarySet, areas_above, areas_within

CANCELLED_STAYS = timedelta(days=30)
ROOM = 64_000_000  # bytes of feeds kept in memory by one process

Key = tuple[int, int, date]
# What the rooms above add to a person's own calendar: (when it last changed, VEVENT) of each place, what is off only
# where it would have ended since then.
PERSONAL_ENTRIES: list[Callable[[User, datetime], list[tuple[datetime, bytes]]]] = []


@dataclass
class Feed:
    """One feed as it stands. `body` is text/calendar in UTF-8; `changed_at` is for Last-Modified."""

    body: bytes
    changed_at: datetime
    key: Key
    etag: str = field(init=False)
    _gzipped: bytes | None = None
    _last_modified: str = ""

    def __post_init__(self) -> None:
        # Of the content, so that a feed keeps its tag when another one changes.
        self.etag = hashlib.blake2b(self.body, digest_size=16).hexdigest()

    def last_modified(self, now: float) -> str:
        """As HTTP has it, a second before `now` (seconds since 1970) at the latest.

        A change later in the same second must not look the same (RFC 9110, 8.8.2.2).
        """
        if self._last_modified:
            return self._last_modified
        changed_at, last = self.changed_at.timestamp(), now - 1
        if changed_at <= last:
            self._last_modified = http_date(changed_at)
        return self._last_modified or http_date(last)

    @property
    def gzipped(self) -> bytes:
        """The body compressed, on first use: not every client wants it."""
        if self._gzipped is None:
            self._gzipped = gzip.compress(self.body, compresslevel=5, mtime=0)
        return self._gzipped

    @property
    def size(self) -> int:
        return len(self.body) + len(self._gzipped or b"")


_feeds: OrderedDict[str, Feed] = OrderedDict()
_scopes: dict[str, frozenset[int]] = {}
_scopes_of: tuple[int, date] | None = None
_lock = threading.Lock()
_building = threading.Lock()


def forget() -> None:
    """Drops everything kept in memory (another database, in tests)."""
    global _scopes_of
    with _lock:
        _feeds.clear()
        _scopes_of = None


# --- which feeds there are ----------------------------------------------------------------------------


def everything() -> Feed:
    """All published events."""
    return _current("/feeds/all.ics", "Roll Call: all events", Event.objects.published)


def of_kind(kind: str) -> Feed:
    """Events of one kind. Raises NotFound for a kind that does not exist."""
    if kind not in Event.Kind.values:
        raise NotFound()
    name = f"Roll Call: {Event.Kind(kind).label}"
    return _current(f"/feeds/kinds/{kind}.ics", name, lambda: Event.objects.published().filter(kind=kind))


def of_area(slug: str) -> Feed:
    """An area's events, those of areas inside it and of areas above it today. Raises NotFound."""
    return _current(
        f"/feeds/areas/{slug}.ics",
        lambda: _name(Area.objects.select_related("agency").filter(slug=slug).first()),
        lambda: Event.objects.published().in_areas(area_scope(slug)),
    )


def of_program(slug: str, name: str) -> Feed:
    """The public sessions of a program that its room knows by this slug and name."""
    found = Event.objects.published().filter(program=slug)
    return _current(f"/feeds/programs/{slug}.ics", f"Roll Call: {name}", lambda: found)


def of_working_group(slug: str, name: str) -> Feed:
    """Meetings and calls of a working group that its room knows by this slug and name."""
    found = Event.objects.published().filter(working_group=slug)
    return _current(f"/feeds/working-groups/{slug}.ics", f"Roll Call: {name}", lambda: found)


def of_event(event_id: UUID) -> Feed:
    """One series. Raises NotFound; a draft is not there."""
    found = Event.objects.published().filter(pk=event_id)
    return _current(f"/feeds/events/{event_id}.ics", lambda: _name(found.first()), lambda: found)


def personal(token: str) -> Feed:
    """A person's own places, built for each request: nobody else asks. Raises NotFound for no or an ended address."""
    feed = feed_of(token)
    if feed is None:
        raise NotFound()
    key = _key()
    off_since = _midnight(key[2]) - CANCELLED_STAYS
    shown = [(row.revised_at, entry) for row, entry in entries(feed.user, off_since)]
    for more in PERSONAL_ENTRIES:
        shown += more(feed.user, off_since)
    body = ical.calendar(
        name="Roll Call: my places",
        source=f"{settings.PUBLIC_URL}/feeds/personal/{token}.ics",
        events=[entry for _, entry in shown],
    )
    changed_at = max(_changed_at(key[2]), feed.made_at, *(revised_at for revised_at, _ in shown))
    return Feed(body=body, changed_at=changed_at.replace(microsecond=0), key=key)


def area_scope(slug: str) -> frozenset[int]:
    """Ids of the areas whose events an area's list and feed show today. Raises NotFound."""
    global _scopes, _scopes_of
    now = (editions.version(editions.MAPS), timezone.localdate())
    if now != _scopes_of:
        _scopes, _scopes_of = {}, now
    scopes = _scopes
    if slug not in scopes:
        area = Area.objects.filter(slug=slug).values_list("id", flat=True).first()
        if area is None:
            raise NotFound(f"There is no area {slug[:100]!r}.")
        scopes[slug] = frozenset(areas_within([area], now[1]) | areas_above([area], now[1]))
    return scopes[slug]


# --- building and keeping -----------------------------------------------------------------------------


_day: tuple[float, float, date] = (
    0,
    0,
    date.min,
)  # from, until (seconds since 1970), the local day between them


def _today() -> date:
    """The local day, worked out once a day: every request asks."""
    global _day
    now = time.time()
    if not _day[0] <= now < _day[1]:
        today = timezone.localdate()
        _day = now, _midnight(today + timedelta(days=1)).timestamp(), today
    return _day[2]


def _key() -> Key:
    return editions.version(editions.CALENDAR), editions.version(editions.MAPS), _today()


def _current(path: str, name: str | Callable[[], str], events: Callable[[], EventQuerySet]) -> Feed:
    # The key is read before the data: a change in between makes the feed look old, never new.
    key = _key()
    feed = _feeds.get(path)
    if feed and feed.key == key:
        return feed
    with _building:  # one thread rebuilds, the others wait for what it made
        feed = _feeds.get(path)
        if feed is None or feed.key != key:
            feed = _build(key, path, name if isinstance(name, str) else name(), events())
            _keep(path, feed)
    return feed


def _name(subject: Event | Area | None) -> str:
    if subject is None:
        raise NotFound()
    return f"Roll Call: {unless_sensitive(str(subject), 'one series')}"


def _build(key: Key, path: str, name: str, events: EventQuerySet) -> Feed:
    gone = Q(status=Event.Status.CANCELLED, last_ends_at__lt=_midnight(key[2]) - CANCELLED_STAYS)
    rows = events.exclude(gone).order_by("id").values_list("ics", flat=True)
    body = ical.calendar(
        name=name, source=f"{settings.PUBLIC_URL}{path}", events=(bytes(row) for row in rows.iterator())
    )
    return Feed(body=body, changed_at=_changed_at(key[2]), key=key)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _changed_at(today: date) -> datetime:
    """A time since which no feed has changed.

    Of the whole calendar, not of the feed's own events: one that leaves a feed (another area, a
    redrawn map, 30 days after a cancellation) leaves no date behind in it, and a client that asks by
    date alone would never hear of it. What changes with the calendar day changes at midnight.
    """
    revised = Event.objects.aggregate(at=Max("revised_at"))["at"]
    mapped = BoundarySet.objects.aggregate(at=Max("imported_at"))["at"]
    return max(filter(None, (revised, mapped, _midnight(today)))).replace(microsecond=0)


def _keep(path: str, feed: Feed) -> None:
    with _lock:
        _feeds.pop(path, None)
        _feeds[path] = feed
        room = ROOM - sum(kept.size for kept in _feeds.values())
        while room < 0 and len(_feeds) > 1:
            room += _feeds.popitem(last=False)[1].size
