"""The staff pages for between calls, by their forms."""

import re
from typing import Any

import time_machine

from backend.accounts.models import User
from backend.events.models import Event, Occurrence
from tests.events.factories import at, post

QUARTER, TODAY = "/admin/events/event/quarter/", "/admin/events/event/today/"


def filled_in(page: str) -> dict[str, list[str]]:
    """What the form sends if nothing is touched."""
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and ("checkbox" not in tag or "checked" in tag):
            fields.setdefault(name[1], []).append(value[1])
    area = re.search(r'<select name="area".*?<option value="([^"]*)"', page, re.DOTALL)
    return {**fields, "area": [area[1] if area else ""]}


def test_a_quarter_needs_only_its_places(captain: User, sign_in: Any) -> None:
    staff = sign_in(captain)
    form = filled_in(staff.get(QUARTER).content.decode())
    assert (form["area"], form["first_on"]) == (["slmpd-district-4"], ["2027-01-01"])
    before = Event.objects.count()
    refused = staff.post(QUARTER, {**form, "post": ""})
    assert b"Choose at least one place" in refused.content
    known = re.findall(r'name="places" value="([^"]*)"', staff.get(QUARTER).content.decode())
    answer = staff.post(QUARTER, {**form, "places": known[:1], "other_place": "Library", "post": ""})
    assert answer.status_code == 302
    assert Event.objects.count() == before + 12
    new = Event.objects.filter(first_on__gte="2027-01-01").values_list("place_name", flat=True)
    assert set(new) == {known[0].split(",")[0], "Library"}
    assert b"12 series posted, 78 dates in all" in staff.get("/admin/events/event/").content


def test_only_ones_own_areas_are_offered_and_taken(captain: User, sign_in: Any) -> None:
    staff, before = sign_in(captain), Event.objects.count()
    page = staff.get(QUARTER).content.decode()
    assert "slmpd-district-2" not in page
    form = {**filled_in(page), "area": ["slmpd-district-2"], "other_place": "Library", "post": ""}
    assert staff.post(QUARTER, form).status_code == 200
    assert Event.objects.count() == before


def test_today_is_off_with_one_tap_and_on_again_another_day(
    officer: User, sign_in: Any, now: time_machine.Traveller
) -> None:
    event = post(officer, organiser=officer.staff_member)
    now.move_to(at("2026-11-27 06:50"))
    staff, date = sign_in(officer), event.occurrences.earliest("starts_at")
    assert f'value="{date.pk}"' in staff.get(TODAY).content.decode()
    assert staff.post(TODAY, {"cancel": str(date.pk), "reason": "Called away."}).status_code == 302
    date.refresh_from_db()
    assert (date.status, date.override and date.override.reason) == ("cancelled", "Called away.")
    page = staff.get(TODAY).content.decode()
    proposed = re.findall(r'name="starts_at" value="([^"]*)"', page)
    assert proposed[0] == "2026-11-30T07:30:00-06:00"
    staff.post(TODAY, {"make_up": str(date.pk), "starts_at": proposed[0]})
    assert Occurrence.objects.filter(event__title=event.title, starts_at=at("2026-11-30 07:30")).exists()


def test_what_is_no_date_is_refused(officer: User, sign_in: Any) -> None:
    staff = sign_in(officer)
    date = post(officer).occurrences.earliest("starts_at")
    for sent in ({"cancel": "x"}, {}, {"make_up": str(date.pk), "starts_at": "soon"}):
        assert staff.post(TODAY, sent).status_code == 302
    assert not Occurrence.objects.filter(event=date.event, status="cancelled").exists()


def test_another_districts_date_stays(captain: User, outsider: User, sign_in: Any) -> None:
    date = post(captain).occurrences.earliest("starts_at")
    sign_in(outsider).post(TODAY, {"cancel": str(date.pk), "reason": "x"})
    date.refresh_from_db()
    assert date.status == "scheduled"
