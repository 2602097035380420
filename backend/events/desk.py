"""Two staff pages for between calls: a quarter's roll calls in a few taps, and today's dates off in one."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import DomainError, Invalid, NotFound
from backend.events import services
from backend.events.ical import Place
from backend.events.models import Event, Occurrence, reach
from backend.events.notices import in_english
from backend.events.services import WEEKEND, Slot, next_quarter, todays
from backend.roster.models import Area, Assignment, Station

POSTING = (Area.Kind.DISTRICT, Area.Kind.PRECINCT, Area.Kind.SECTOR, Area.Kind.BEAT, Area.Kind.PATROL_AREA)
KNOWN_PLACES = 24
REASONS = ("Called away.", "Bad weather.", "The place is closed.")


def _who(request: HttpRequest) -> User:
    return cast("User", request.user)  # the staff pages let nobody else in


def _slot_label(slot: Slot) -> str:
    day = {"FR": "Friday", "SA": "Saturday", "SU": "Sunday"}[slot.day]
    return f"{day} {slot.start_time.hour % 12 or 12}:{slot.start_time:%M %p}".lower().capitalize()


def _own_areas(user: User) -> list[tuple[str, str]]:
    """Where the person may post, their own posts first."""
    today = timezone.localdate()
    held = set(
        Assignment.objects.in_force(today).filter(staff_member__user=user).values_list("area", flat=True)
    )
    areas = Area.objects.filter(pk__in=reach(user, today), kind__in=POSTING).select_related("agency")
    return [(area.slug, str(area)) for area in sorted(areas, key=lambda a: (a.pk not in held, a.slug))]


def _known_places(user: User) -> dict[str, Place]:
    """Where events of the person's areas have been, the latest first, and their stations; by their words."""
    held = reach(user, timezone.localdate())
    events = Event.objects.in_areas(held).exclude(kind=Event.Kind.RIDE_ALONG).order_by("-first_on")
    columns = "place_name", "place_address", "lat", "lon"
    places = [Place(*row) for row in events.values_list(*columns)[:200]]
    stations = Station.objects.filter(area__in=held)
    places += [Place(s.name, s.address, s.lat, s.lon) for s in stations]
    return dict(list({str(place): place for place in places}.items())[:KNOWN_PLACES])


class QuarterForm(forms.Form):
    """Everything but the places is filled in already."""

    area = forms.ChoiceField()
    first_on = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}))
    last_on = forms.DateField(label="Until", widget=forms.DateInput({"type": "date"}))
    places = forms.MultipleChoiceField(
        label="Places, in turn", required=False, widget=forms.CheckboxSelectMultiple
    )
    other_place = forms.CharField(label="Another place", required=False, max_length=120)
    other_address = forms.CharField(label="Its address", required=False, max_length=160)
    slots = forms.MultipleChoiceField(
        label="Every week on",
        choices=[(str(n), _slot_label(slot)) for n, slot in enumerate(WEEKEND)],
        initial=[str(n) for n in range(len(WEEKEND))],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.known = _known_places(user)
        cast("forms.ChoiceField", self.fields["area"]).choices = _own_areas(user)
        cast("forms.ChoiceField", self.fields["places"]).choices = [(words, words) for words in self.known]
        self.fields["first_on"].initial, self.fields["last_on"].initial = next_quarter(timezone.localdate())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [self.known[words] for words in data.get("places", ())]
        if data.get("other_place"):
            chosen.append(Place(data["other_place"], data.get("other_address", "")))
        if not chosen and "copy" not in self.data:
            raise ValidationError("Choose at least one place.")
        return {**data, "chosen": chosen}


def quarter(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Posts a quarter, or lets the last one go on, and leads back to the list of series."""
    form = QuarterForm(_who(request), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            posted = _post(form.cleaned_data, by=_who(request), is_copy="copy" in request.POST)
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
        else:
            dates = sum(event.occurrences.count() for event in posted)
            messages.success(request, f"{len(posted)} series posted, {dates} dates in all.")
            return HttpResponseRedirect(reverse("admin:events_event_changelist"))
    return render(request, "events/quarter.html", {**context, "form": form})


def _post(data: dict[str, Any], *, by: User, is_copy: bool) -> list[Event]:
    area = Area.objects.select_related("agency").get(slug=data["area"])
    span = {"first_on": data["first_on"], "last_on": data["last_on"]}
    if is_copy:
        return services.copy_quarter(by=by, area=area, kind=Event.Kind.BLOCK_ROLL_CALL, **span)
    slots = [WEEKEND[int(n)] for n in data["slots"]]
    return services.post_quarter(
        by=by, area=area, kind=Event.Kind.BLOCK_ROLL_CALL, slots=slots, places=data["chosen"], **span
    )


def today(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The person's dates of today; a tap on a reason cancels one, and a tap on a day posts it there again."""
    if request.method == "POST":
        try:
            messages.success(request, _act(request.POST, _who(request)))
        except DomainError as refusal:
            messages.error(request, refusal.detail)
        return HttpResponseRedirect(reverse("admin:events_event_today"))
    now = timezone.now()
    dates = [_date(occurrence) for occurrence in todays(_who(request), now)]
    off = [
        {**_date(occurrence), "make_ups": services.make_ups(occurrence, _who(request), now)}
        for occurrence in services.cancelled_today(_who(request), now)
    ]
    return render(request, "events/today.html", {**context, "dates": dates, "off": off, "reasons": REASONS})


def _date(occurrence: Occurrence) -> dict[str, Any]:
    event = occurrence.event
    place = (occurrence.override and occurrence.override.place) or event.place
    return {
        "id": occurrence.pk,
        "title": event.title,
        "when": in_english(event, occurrence.starts_at),
        "place": str(place),
    }


def _act(data: Any, by: User) -> str:
    """Cancels the date of `cancel`, or posts one in place of that of `make_up`; what was done, in words."""
    occurrence = _occurrence(data.get("cancel") or data.get("make_up") or "")
    event = occurrence.event
    if "cancel" in data:
        services.cancel_occurrence(
            event=event, recurrence_id=occurrence.recurrence_id, by=by, reason=data.get("reason", "")
        )
        return f"{event.title} is cancelled, and followers are told. When could it be made up for?"
    made = services.post_make_up(by=by, occurrence=occurrence, starts_at=_moment(data.get("starts_at", "")))
    return f"Posted: {made.title}, {in_english(made, made.occurrences.earliest('starts_at').starts_at)}."


def _occurrence(sent: str) -> Occurrence:
    try:
        return services.occurrence_of(UUID(sent))
    except ValueError:
        raise NotFound("There is no such date.") from None


def _moment(sent: str) -> datetime:
    try:
        found = datetime.fromisoformat(sent)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid("Choose one of the days that are proposed.", field="starts_at")
    return found
