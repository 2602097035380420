"""What the API says of programs, and what their staff send, in JSON."""

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone
from rest_framework import serializers

from backend.events.feed_views import subscribe_links
from backend.events.serializers import Line
from backend.events.services import LANGUAGES
from backend.programs import draw
from backend.programs.fields import Name, area_named, officer_of
from backend.programs.models import (
    Application,
    Cohort,
    Form,
    Program,
    RideSlot,
    Rule,
    Seat,
    Supply,
    Waiver,
)
from backend.programs.services import rides
from backend.roster.models import Area, StaffMember

STATUSES = ("running", "unconfirmed", "ended")


class ProgramQuery(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Program.Kind.choices, required=False)
    agency = serializers.SlugField(max_length=40, required=False)


class ProgramOut(serializers.Serializer[Any]):
    """`status` "unconfirmed": the words are of `source`, and nobody of the department has said that it still runs."""

    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Program.Kind.choices)
    agency = serializers.CharField()
    owner = serializers.CharField()
    summary = serializers.CharField()
    who = serializers.CharField()
    applicants = serializers.ChoiceField(choices=Program.Applicants.choices)
    cost = serializers.CharField()
    season = serializers.CharField()
    contact = serializers.CharField()
    bring = serializers.CharField()
    access_notes = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(choices=STATUSES)
    notice = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    source_year = serializers.IntegerField(allow_null=True)
    verified_on = serializers.DateField(allow_null=True)
    topic = serializers.CharField(help_text="to follow by text: POST /api/v1/subscriptions")
    feed = serializers.URLField()


class RuleOut(serializers.Serializer[Any]):
    """One rule. Without `confirmed_on` it is what other departments do: the agency's own is to be confirmed."""

    kind = serializers.ChoiceField(choices=Rule.Kind.choices)
    words = serializers.CharField()
    low = serializers.IntegerField(allow_null=True)
    high = serializers.IntegerField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    confirmed_on = serializers.DateField(allow_null=True)


class FormOut(serializers.Serializer[Any]):
    """`schema` is JSON Schema, draft 2020-12; answers marked `x-closed` few may read."""

    version = serializers.IntegerField()
    schema = serializers.JSONField()
    accepted_until = serializers.DateTimeField(allow_null=True)


class WaiverOut(serializers.Serializer[Any]):
    """Show `text` as it is, and sign with `sha256`, which stands for this very text."""

    version = serializers.IntegerField()
    text = serializers.CharField()
    sha256 = serializers.CharField()
    is_witnessed = serializers.BooleanField()


class SupplyOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    price = serializers.CharField()
    stock = serializers.IntegerField()


class ProgramDetailOut(ProgramOut):
    rules = RuleOut(many=True)
    form = FormOut(allow_null=True)
    waiver = WaiverOut(allow_null=True)
    supplies = SupplyOut(many=True)
    topics = serializers.ListField(child=serializers.CharField())


class DistrictOut(serializers.Serializer[Any]):
    slug = serializers.CharField()
    rides = serializers.IntegerField()


class CohortOut(serializers.Serializer[Any]):
    """One intake. Of rides the public sees districts and the span of days, never watch, car or officer."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    mode = serializers.ChoiceField(choices=Cohort.Mode.choices)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(allow_null=True)
    time_zone = serializers.CharField()
    places = serializers.IntegerField(allow_null=True)
    given = serializers.IntegerField()
    waiting = serializers.IntegerField()
    area = serializers.CharField(allow_null=True)
    place_name = serializers.CharField()
    place_address = serializers.CharField()
    districts = DistrictOut(many=True)
    seed_hash = serializers.CharField()
    is_decided = serializers.BooleanField()
    is_cancelled = serializers.BooleanField()


class DrawOut(serializers.Serializer[Any]):
    """`seed` is null until the draw was held; `applications` then are those drawn, in the order of the draw."""

    seed_hash = serializers.CharField()
    seed = serializers.CharField(allow_null=True)
    closes_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    is_cancelled = serializers.BooleanField()
    how = serializers.CharField()
    applications = serializers.ListField(child=serializers.UUIDField())


class PersonIn(serializers.Serializer[Any]):
    """What somebody says of who would take part. An address tells whether it is in the city; none is kept."""

    born_on = serializers.DateField(required=False, help_text="ISO 8601")
    lives_in_city = serializers.BooleanField(required=False)
    owns_business = serializers.BooleanField(required=False)
    is_enrolled = serializers.BooleanField(required=False)
    address = serializers.CharField(max_length=200, required=False)

    def validate_born_on(self, born_on: date) -> date:
        if not date(1900, 1, 1) <= born_on <= timezone.localdate():
            raise serializers.ValidationError("Send the date of birth, such as 1990-05-31.")
        return born_on


class EligibilityIn(PersonIn):
    """`cohort`: of that intake; without it, of the next one, or as of today."""

    has_guardian = serializers.BooleanField(required=False)
    cohort = serializers.UUIDField(required=False)


class ProgramPatch(serializers.Serializer[Any]):
    """What is given changes; `confirm` says that the program runs so today, `ended_on` that it has ended."""

    summary = serializers.CharField(max_length=1000, required=False)
    who = serializers.CharField(max_length=300, required=False)
    cost = serializers.CharField(max_length=120, required=False, allow_blank=True)
    season = serializers.CharField(max_length=160, required=False, allow_blank=True)
    contact = serializers.CharField(max_length=200, required=False, allow_blank=True)
    bring = serializers.CharField(max_length=300, required=False, allow_blank=True)
    access_notes = serializers.CharField(max_length=300, required=False, allow_blank=True)
    languages = serializers.ListField(
        child=serializers.ChoiceField(choices=list(LANGUAGES.items())),
        max_length=len(LANGUAGES),
        required=False,
    )
    confirm = serializers.BooleanField(required=False)
    ended_on = serializers.DateField(required=False)


class CohortIn(serializers.Serializer[Any]):
    """An intake; `mode` says beforehand how places are given. Times with an offset."""

    name = Name(max_length=120)
    mode = serializers.ChoiceField(choices=Cohort.Mode.choices)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(required=False, allow_null=True)
    places = serializers.IntegerField(min_value=1, max_value=100_000, required=False, allow_null=True)
    area = serializers.SlugField(max_length=100, required=False)
    officer = serializers.UUIDField(required=False)
    place_name = Line(max_length=120, required=False)
    place_address = Line(max_length=160, required=False)

    def validate_area(self, slug: str) -> Area:
        return area_named(slug)

    def validate_officer(self, staff_id: UUID) -> StaffMember:
        return officer_of(staff_id)


class PlacesIn(serializers.Serializer[Any]):
    """null: no limit of its own."""

    places = serializers.IntegerField(min_value=1, max_value=100_000, allow_null=True)


class CancelReasonIn(serializers.Serializer[Any]):
    """Why, in plain words for those whom it concerns."""

    reason = serializers.CharField(max_length=300)


class FormIn(serializers.Serializer[Any]):
    """The former version is accepted until then; null: as long as phones send it."""

    schema = serializers.DictField()
    accept_former_until = serializers.DateTimeField(allow_null=True)


class WaiverIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=50_000, trim_whitespace=False)
    is_witnessed = serializers.BooleanField(default=False)


class RuleIn(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=300)
    low = serializers.IntegerField(min_value=0, max_value=30_000, allow_null=True)
    high = serializers.IntegerField(min_value=0, max_value=30_000, allow_null=True)


class StockIn(serializers.Serializer[Any]):
    stock = serializers.IntegerField(min_value=0, max_value=1_000_000)


class SeatIn(serializers.Serializer[Any]):
    """`until` is the last day; a day in the past ends a seat."""

    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Seat.Role.choices)
    since = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)


class SeatOut(serializers.Serializer[Any]):
    email = serializers.CharField()
    role = serializers.ChoiceField(choices=Seat.Role.choices)
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)


class FindingOut(serializers.Serializer[Any]):
    rule = serializers.ChoiceField(choices=Rule.Kind.choices)
    words = serializers.CharField()
    is_met = serializers.BooleanField(allow_null=True)
    why = serializers.CharField()
    from_on = serializers.DateField(allow_null=True)
    comes_later = serializers.BooleanField()


class EligibilityOut(serializers.Serializer[Any]):
    """`possible_from`: the first day on which nothing stands in the way, where that is a matter of time."""

    answer = serializers.ChoiceField(choices=("yes", "no", "tell_us_more"))
    starts_on = serializers.DateField()
    possible_from = serializers.DateField(allow_null=True)
    findings = FindingOut(many=True)


# --- as people read it --------------------------------------------------------------------------------


def program_out(program: Program, on: date) -> dict[str, Any]:
    status = program.status(on)
    since = program.verified_on or program.source_year
    notices = {
        "running": "",
        "ended": "This program has ended.",
        "unconfirmed": "Nobody of the department has confirmed that this still runs"
        + (f"; the words are of {since}." if since else "."),
    }
    same = (
        *("slug", "name", "kind", "owner", "summary", "who", "applicants", "cost", "season", "contact"),
        *("bring", "access_notes", "languages", "source", "source_year", "verified_on"),
    )
    return {
        **{name: getattr(program, name) for name in same},
        "agency": program.agency.slug,
        "status": status,
        "notice": notices[status],
        "topic": f"program:{program.slug}",
        "feed": subscribe_links(f"programs/{program.slug}")["url"],
    }


def rule_out(rule: Rule) -> dict[str, Any]:
    names = ("kind", "words", "low", "high", "source", "confirmed_on")
    return {name: getattr(rule, name) for name in names}


def form_out(form: Form) -> dict[str, Any]:
    return {"version": form.number, "schema": form.schema, "accepted_until": form.accepted_until}


def waiver_out(waiver: Waiver) -> dict[str, Any]:
    return {
        "version": waiver.number,
        "text": waiver.text,
        "sha256": waiver.text_hash,
        "is_witnessed": waiver.is_witnessed,
    }


def seat_out(seat: Seat) -> dict[str, Any]:
    return {"email": seat.user.email, "role": seat.role, "since": seat.since, "until": seat.until}


def supply_out(supply: Supply) -> dict[str, Any]:
    return {"id": supply.pk, "name": supply.name, "price": supply.price, "stock": supply.stock}


def detail_out(program: Program, on: date) -> dict[str, Any]:
    form, waiver = program.forms.order_by("number").last(), program.waivers.order_by("number").last()
    return {
        **program_out(program, on),
        "rules": [rule_out(rule) for rule in program.rules.order_by("kind")],
        "form": form and form_out(form),
        "waiver": waiver and waiver_out(waiver),
        "supplies": [supply_out(supply) for supply in program.supplies.all()],
        "topics": list(program.topics.order_by("number").values_list("title", flat=True)),
    }


def cohort_out(cohort: Cohort, districts: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """`cohort` with the counts that `counted` adds."""
    same = (
        *("id", "name", "mode", "starts_on", "ends_on", "places", "place_name", "place_address", "seed_hash"),
    )
    return {
        **{name: getattr(cohort, name) for name in same},
        "opens_at": timezone.localtime(cohort.opens_at),
        "closes_at": cohort.closes_at and timezone.localtime(cohort.closes_at),
        "time_zone": settings.TIME_ZONE,
        "given": cohort.given,  # type: ignore[attr-defined]
        "waiting": cohort.waiting,  # type: ignore[attr-defined]
        "area": cohort.area.slug if cohort.area else None,
        "districts": districts or [],
        "is_decided": cohort.decided_at is not None,
        "is_cancelled": cohort.cancelled_at is not None,
    }


def counted() -> Any:
    """Cohorts with how many places are given, and how many wait."""
    return Cohort.objects.select_related("area", "program").annotate(
        given=Count("applications", filter=Q(applications__has_place=True)),
        waiting=Count("applications", filter=Q(applications__status=Application.Status.WAITLISTED)),
    )


def districts_of(cohorts: list[Cohort]) -> dict[UUID, list[dict[str, Any]]]:
    """How many seats each cohort has in each district."""
    slots = RideSlot.objects.on_offer().filter(cohort__in=cohorts)
    found: dict[UUID, list[dict[str, Any]]] = {}
    for cohort_id, slug, count in (
        slots.values_list("cohort_id", "district__slug").annotate(Count("pk")).order_by("district__slug")
    ):
        found.setdefault(cohort_id, []).append({"slug": slug, "rides": count})
    return found


def draw_out(cohort: Cohort) -> dict[str, Any]:
    held = cohort.decided_at is not None
    return {
        "seed_hash": cohort.seed_hash,
        "seed": cohort.seed if held else None,
        "closes_at": cohort.closes_at,
        "decided_at": cohort.decided_at,
        "is_cancelled": cohort.cancelled_at is not None,
        "how": draw.HOW,
        "applications": rides.drawn(cohort) if held else [],
    }
