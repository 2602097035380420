"""A calendar kept in Outlook or Google comes in once, and again when it has changed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from backend.accounts.models import User
from backend.events import feeds, services
from backend.events.models import Event, ImportedSeries
from backend.notifications.models import Notice
from tests.events.exported import calendar, changed_date, vevent
from tests.events.factories import AREA, at, post

JSON = {"content_type": "application/json"}


@pytest.mark.parametrize(
    "text", ["", "hello", "BEGIN:VCALENDAR\n", "BEGIN:VCALENDAR\nEND:VCALENDAR\n", "\x00", "{}"]
)
def test_what_is_no_calendar_is_refused(text: str, chief: User, sign_in: Any) -> None:
    answer = sign_in(chief).post("/api/v1/events/import", {"calendar": text}, **JSON)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/calendar"


def test_half_a_character_harms_nothing(chief: User) -> None:
    text = calendar(vevent(UID="\ud800"), vevent(UID="b", SUMMARY="Watch \ud800", DESCRIPTION="\ud800"))
    items = bring(chief, text)
    assert [(item.outcome, item.title) for item in items] == [
        ("refused", "Neighborhood watch"),
        ("new", "Watch"),
    ]


@pytest.fixture
def chief(city: None) -> User:
    return User.objects.create_user(kind=User.Kind.STAFF, email="chief@example.gov", is_administrator=True)


def imported() -> Event:
    return Event.objects.get(imported__isnull=False)


def bring(by: User, text: str, **words: Any) -> list[services.Imported]:
    from backend.roster.models import Area

    areas = [Area.objects.select_related("agency").get(slug=AREA)]
    return services.import_calendar(by=by, calendar=text, **{"areas": areas, **words})


def one(by: User, text: str, **words: Any) -> services.Imported:
    (item,) = bring(by, text, **words)
    return item


def starts(event: Event) -> list[str]:
    rows = event.occurrences.exclude(status="cancelled").order_by("starts_at")
    return [f"{row.starts_at.astimezone(event.tz):%m-%d %H:%M}" for row in rows]


def test_a_preview_says_what_an_import_does_and_keeps_nothing(
    officer: User, sign_in: Any, client: Any
) -> None:
    post(officer, first_on=at("2026-12-08 00:00").date(), start_time=at("2026-12-08 19:30").time(), rrule="")
    text = calendar(
        vevent(**{"EXDATE;TZID=Central Standard Time": "20270112T191500"}), vevent(UID="b", CLASS="PRIVATE")
    )
    me, sent = (
        sign_in(officer),
        {"calendar": text, "areas": [AREA], "kind": "neighborhood_watch", "preview": True},
    )
    before, number = client.get("/feeds/all.ics")["ETag"], Event.objects.count()
    told = Notice.objects.count()
    tried = me.post("/api/v1/events/import", sent, **JSON).json()["items"]
    assert [item["outcome"] for item in tried] == ["new", "refused"]
    assert tried[0]["event"] is None
    assert tried[0]["days"][:2] == ["2026-12-08", "2027-02-09"]
    assert [warning["kind"] for warning in tried[0]["warnings"]] == ["place", "beat"]
    assert not ImportedSeries.objects.exists()
    assert Event.objects.count() == number
    assert client.get("/feeds/all.ics")["ETag"] == before
    done = me.post("/api/v1/events/import", {**sent, "preview": False}, **JSON).json()["items"]
    event = Event.objects.get(pk=done[0]["event"])
    assert {**done[0], "event": None, "warnings": []} == {**tried[0], "warnings": []}
    assert (event.status, event.kind, event.lat is None) == ("published", "neighborhood_watch", False)
    assert starts(event) == ["12-08 19:15", "02-09 19:15", "03-09 19:15", "04-13 19:15"]
    assert Notice.objects.count() == told  # nobody is told of a change of what was never announced


def test_again_nothing_changes_and_then_only_what_has_changed(officer: User) -> None:
    text = calendar(vevent())
    event = one(officer, text).event
    assert event is not None
    state = Event.objects.values().get(pk=event.pk)
    again = one(officer, text)
    assert (again.outcome, again.changed) == ("unchanged", ())
    assert Event.objects.values().get(pk=event.pk) == state
    services.revise_event(
        event=event, by=officer, access_notes="Ramp at the side", title="Watch of the block"
    )
    changed = one(officer, calendar(vevent(DESCRIPTION="Bring two chairs.")))
    assert (changed.outcome, changed.changed) == ("changed", ("description",))
    now = imported()
    assert (now.description, now.title, now.access_notes) == (
        "Bring two chairs.",
        "Watch of the block",
        "Ramp at the side",
    )
    assert now.uid == event.uid
    assert now.sequence > state["sequence"]


def test_changed_dates_move_are_cancelled_and_come_back(officer: User) -> None:
    event, told = (
        one(officer, calendar(vevent())).event,
        Notice.objects.filter(kind="occurrence_cancelled").count(),
    )
    assert event is not None
    moved = calendar(vevent(), changed_date("20270112T191500", "20270113T180000", LOCATION="Library"))
    assert one(officer, moved).changed == ("dates",)
    assert starts(event) == ["12-08 19:15", "01-13 18:00", "02-09 19:15", "03-09 19:15", "04-13 19:15"]
    assert event.occurrences.get(status="moved").override.place_name == "Library"  # type: ignore[union-attr]
    cancelled = calendar(
        vevent(**{"EXDATE;TZID=Central Standard Time": "20270209T191500"}),
        changed_date("20270112T191500", "20270112T191500", STATUS="CANCELLED"),
    )
    one(officer, cancelled)
    assert starts(event) == ["12-08 19:15", "03-09 19:15", "04-13 19:15"]
    one(officer, calendar(vevent()))
    assert starts(event) == ["12-08 19:15", "01-12 19:15", "02-09 19:15", "03-09 19:15", "04-13 19:15"]
    assert Notice.objects.filter(kind="occurrence_cancelled").count() == told + 2


LATER = {
    "DTSTART;TZID=Central Standard Time": "20261208T180000",
    "DTEND;TZID=Central Standard Time": "20261208T190000",
}


def test_a_date_at_another_place_follows_the_series_and_comes_back_to_its_place(officer: User) -> None:
    elsewhere = changed_date("20270112T191500", "20270112T191500", LOCATION="Library")
    event = one(officer, calendar(vevent(), elsewhere)).event
    assert event is not None
    moved = calendar(vevent(**LATER), changed_date("20270112T180000", "20270112T180000", LOCATION="Library"))
    assert one(officer, moved).outcome == "changed"
    date = event.occurrences.get(recurrence_id=at("2027-01-12 18:00"))
    assert date.override
    assert (date.starts_at, date.override.place_name) == (at("2027-01-12 18:00"), "Library")
    one(officer, calendar(vevent(**LATER), changed_date("20270112T180000", "20270112T183000")))
    date = event.occurrences.get(recurrence_id=at("2027-01-12 18:00"))
    assert date.override
    assert (date.starts_at, date.override.place_name) == (at("2027-01-12 18:30"), "")


def test_a_date_moved_to_a_day_that_is_over_takes_place_on_neither(officer: User) -> None:
    with time_machine.travel(at("2026-12-07 12:00"), tick=False):
        item = one(officer, calendar(vevent(), changed_date("20261208T191500", "20261204T180000")))
    assert (item.outcome, item.notes) == ("new", ())
    assert item.event
    assert starts(item.event)[0] == "01-12 19:15"


def test_an_hour_that_changes_on_the_day_leaves_today_as_announced(officer: User) -> None:
    event = one(officer, calendar(vevent(**{"EXDATE;TZID=Central Standard Time": "20270209T191500"}))).event
    assert event is not None
    with time_machine.travel(at("2027-01-12 18:30"), tick=False):
        off = {"EXDATE;TZID=Central Standard Time": "20270209T180000"}
        item = one(officer, calendar(vevent(**LATER, **off)))
        assert (item.outcome, item.reason, item.notes) == ("changed", "", ())
        assert item.event
        assert starts(event) == ["12-08 19:15", "01-12 19:15"]
        assert starts(item.event) == ["03-09 18:00", "04-13 18:00"]


def test_a_date_that_was_moved_to_later_can_still_be_cancelled(officer: User) -> None:
    event = one(officer, calendar(vevent(), changed_date("20261208T191500", "20261215T180000"))).event
    assert event is not None
    with time_machine.travel(at("2026-12-10 12:00"), tick=False):
        item = one(
            officer,
            calendar(vevent(), changed_date("20261208T191500", "20261208T191500", STATUS="CANCELLED")),
        )
    assert (item.changed, item.notes) == (("dates",), ())
    assert starts(event)[0] == "01-12 19:15"


def test_what_could_not_be_done_about_a_date_is_said_and_tried_again(officer: User) -> None:
    event = one(officer, calendar(vevent(), changed_date("20261208T191500", "20261204T180000"))).event
    assert event is not None
    gone = calendar(vevent(), changed_date("20261208T191500", "20261204T190000"))
    with time_machine.travel(at("2026-12-05 12:00"), tick=False):
        for _ in range(2):
            item = one(officer, gone)
            assert item.outcome == "changed"
            assert "2026-12-08 stays as it is" in item.notes[0]
    late = calendar(vevent(UID="l", **PAST), changed_date("20261110T191500", "20261204T180000", UID="l"))
    assert "2026-11-10 and is still to come" in one(officer, late).notes[0]


PAST = {
    "DTSTART;TZID=Central Standard Time": "20261013T191500",
    "DTEND;TZID=Central Standard Time": "20261013T201500",
}


def test_a_boards_first_date_is_announced_a_day_before_also_where_it_was_moved(officer: User) -> None:
    text = calendar(
        vevent(), changed_date("20261208T191500", "20261123T080000")
    )  # tomorrow morning, a Monday
    item = one(officer, text, kind="board_meeting")
    assert (item.outcome, "24 hours" in item.reason) == ("refused", True)
    assert not ImportedSeries.objects.exists()


def test_too_many_odd_dates_are_refused(officer: User) -> None:
    rule = "FREQ=WEEKLY;COUNT=80;BYDAY=TU"
    days = [at("2026-12-08 19:15") + timedelta(days=7 * n) for n in range(61)]
    off = {"EXDATE;TZID=Central Standard Time": ",".join(f"{day:%Y%m%dT191500}" for day in days)}
    assert "More than 60" in one(officer, calendar(vevent(RRULE=rule, **off))).reason


def test_a_series_that_is_over_there_and_not_here_is_said(officer: User) -> None:
    one(officer, calendar(vevent(RRULE=None)))
    with time_machine.travel(at("2026-12-05 12:00"), tick=False):
        moved = {name: value.replace("20261208", "20261201") for name, value in LATER.items()}
        item = one(officer, calendar(vevent(RRULE=None, **moved)))
        assert (item.outcome, "over there" in item.reason) == ("refused", True)


def test_only_who_may_change_it_learns_what_a_file_would_change(officer: User, sign_in: Any) -> None:
    from tests.factories import make_staff

    one(officer, calendar(vevent()))
    outsider = make_staff("far@example.gov", "slcpd-precinct-1", "liaison", is_sworn=False)
    item = one(outsider, calendar(vevent(STATUS="CANCELLED", SUMMARY="Mine")))
    assert item.outcome == "refused"
    assert imported().imported.facts["title"] == "Neighborhood watch"  # type: ignore[attr-defined]


def test_ride_alongs_are_not_imported(officer: User) -> None:
    assert "Post ride-alongs here" in one(officer, calendar(vevent(CATEGORIES="Ride along"))).reason


def test_what_was_cancelled_here_stays_so_while_the_file_says_nothing_new_of_it(officer: User) -> None:
    event = one(officer, calendar(vevent())).event
    assert event is not None
    services.cancel_occurrence(event=event, recurrence_id=at("2027-01-12 19:15"), by=officer, reason="Snow")
    one(officer, calendar(vevent(SUMMARY="Watch")))
    assert event.occurrences.filter(status="cancelled").count() == 1


def test_a_series_that_runs_comes_in_from_its_next_date_on(officer: User) -> None:
    times = PAST
    item = one(officer, calendar(vevent(**times)))
    event = item.event
    assert event is not None
    assert starts(event) == ["12-08 19:15", "01-12 19:15", "02-09 19:15"]
    assert one(officer, calendar(vevent(**times))).outcome == "unchanged"
    over = one(officer, calendar(vevent(UID="o", **times, RRULE="FREQ=MONTHLY;COUNT=2;BYDAY=2TU")))
    assert (over.outcome, over.reason) == ("left_out", "All its dates are over.")
    off = one(officer, calendar(vevent(UID="c", STATUS="CANCELLED")))
    assert off.outcome == "left_out"


def test_once_it_runs_a_new_end_is_taken_over_and_a_new_hour_goes_on_as_another_series(officer: User) -> None:
    event = one(officer, calendar(vevent())).event
    assert event is not None
    with time_machine.travel(at("2026-12-20 12:00"), tick=False):
        longer = {"RRULE": "FREQ=MONTHLY;COUNT=6;INTERVAL=1;BYDAY=2TU"}
        assert one(officer, calendar(vevent(**longer))).changed == ("rrule",)
        assert starts(event)[-1] == "05-11 19:15"
        later = {
            "DTSTART;TZID=Central Standard Time": "20261208T180000",
            "DTEND;TZID=Central Standard Time": "20261208T190000",
        }
        item = one(officer, calendar(vevent(**longer, **later)))
        assert (item.outcome, item.reason) == ("changed", "")
        goes_on = item.event
        assert goes_on is not None
        assert goes_on.follows_id == event.pk
        assert starts(event) == ["12-08 19:15"]
        assert starts(goes_on)[0] == "01-12 18:00"
        assert starts(goes_on)[-1] == "05-11 18:00"
        assert one(officer, calendar(vevent(**longer, **later))).outcome == "unchanged"
        assert one(officer, calendar(vevent(**longer, **later, SUMMARY="Watch"))).event == goes_on


def test_a_series_cancelled_there_is_cancelled_here_and_does_not_come_back(officer: User) -> None:
    event = one(officer, calendar(vevent())).event
    assert event is not None
    assert one(officer, calendar(vevent(STATUS="CANCELLED"))).outcome == "changed"
    event.refresh_from_db()
    assert event.status == "cancelled"
    assert one(officer, calendar(vevent(STATUS="CANCELLED"))).outcome == "unchanged"
    assert one(officer, calendar(vevent())).outcome == "refused"


def test_what_was_split_here_or_comes_from_here_is_refused(officer: User, client: Any) -> None:
    event = one(officer, calendar(vevent())).event
    assert event is not None
    services.split_event(event=event, recurrence_id=at("2027-01-12 19:15"), by=officer, place_name="Library")
    assert "split here" in one(officer, calendar(vevent(SUMMARY="Watch"))).reason
    own = client.get(f"/feeds/events/{event.pk}.ics").content.decode()
    assert "this calendar itself" in one(officer, own).reason
    assert imported() == event


def test_an_open_series_needs_a_day_of_review(officer: User) -> None:
    text = calendar(vevent(RRULE="FREQ=MONTHLY;BYDAY=2TU"))
    assert "review_on" in one(officer, text).reason
    item = one(officer, text, review_on=at("2027-06-30 00:00").date())
    assert item.event
    assert item.event.review_on == at("2027-06-30 00:00").date()


def test_a_category_names_the_kind_and_the_location_the_area(officer: User, chief: User) -> None:
    placed = {"LOCATION": r"Station\, 1915 Olive St\, St. Louis", "CATEGORIES": "Town hall"}
    item = one(chief, calendar(vevent(**placed)), areas=())
    assert item.event, item.reason
    assert item.event.kind == "town_hall"
    assert item.event.lat is not None
    assert item.event.area_slugs
    nowhere = one(chief, calendar(vevent(UID="b", LOCATION="At Ann's")), areas=())
    assert "name the areas" in nowhere.reason


def test_each_entry_stands_for_itself_and_nobody_posts_beyond_their_reach(
    officer: User, chief: User, sign_in: Any
) -> None:
    text = calendar(vevent(), vevent(UID="b", RRULE="FREQ=DAILY"), vevent(UID="c", SUMMARY="Third"))
    assert [item.outcome for item in bring(officer, text)] == ["new", "refused", "new"]
    far = {"calendar": calendar(vevent(UID="d")), "areas": ["slcpd-precinct-1"]}
    items = sign_in(officer).post("/api/v1/events/import", far, **JSON).json()["items"]
    assert items[0]["outcome"] == "refused"
    assert "slcpd-precinct-1" in items[0]["reason"]
    item = one(chief, calendar(vevent(UID="e", SUMMARY="Theirs")))
    assert item.event
    unknown = {"calendar": text, "areas": ["nowhere"]}
    assert sign_in(officer).post("/api/v1/events/import", unknown, **JSON).status_code == 400


def test_the_command_reads_a_file(officer: User, chief: User, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "export.ics"
    path.write_bytes(("\ufeff" + calendar(vevent()).replace("\n", "\r\n")).encode())
    call_command("import_events", str(path), area=[AREA], kind="neighborhood_watch", dry_run=True)
    assert "1 new (dry run)" in capsys.readouterr().out
    assert not ImportedSeries.objects.exists()
    call_command("import_events", str(path), area=[AREA], kind="neighborhood_watch", by=officer.email)
    assert "new: Neighborhood watch. 2026-12-08" in capsys.readouterr().out
    call_command("import_events", str(path))
    assert "1 unchanged" in capsys.readouterr().out
    assert imported().changes.first().by == officer  # type: ignore[union-attr]
    for wrong in ({"area": ["nowhere"]}, {"by": "nobody@example.org"}):
        with pytest.raises(CommandError):
            call_command("import_events", str(path), **wrong)
    with pytest.raises(CommandError):
        call_command("import_events", str(tmp_path / "missing.ics"))


def test_what_comes_in_goes_out_as_the_same_dates(officer: User) -> None:
    """The feed of an imported series expands to the dates of the file."""
    import icalendar
    import recurring_ical_events

    text = calendar(
        vevent(**{"EXDATE;TZID=Central Standard Time": "20270112T191500"}),
        changed_date("20270309T191500", "20270316T180000"),
    )
    event = one(officer, text).event
    assert event is not None

    def expand(body: bytes | str) -> set[Any]:
        whole = icalendar.Calendar.from_ical(body)
        dates = recurring_ical_events.of(whole).between(at("2026-11-01 00:00"), at("2027-12-01 00:00"))
        return {e["DTSTART"].dt for e in dates if e.get("STATUS") != "CANCELLED"}

    assert expand(feeds.of_event(event.pk).body) == expand(text)
    assert event.occurrences.count() == 5
