"""The routing table as a staff page: its rows, one form to set or take one away, and what that does before it is done.

Who keeps which rows, what a row may say and what moves by it: services.routing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, DomainError, NotAllowed
from backend.feedback.concerns.desk_forms import CHOOSE, Choices
from backend.feedback.concerns.desk_page import INCOMPLETE, answer, who
from backend.feedback.concerns.models import Category, Office, Route
from backend.feedback.concerns.services import routing
from backend.roster.index import geography
from backend.roster.models import CHAIN, Area

NO_ROW = "none"  # a choice, for a desk that was only forgotten must take no row away
FASTER = (
    "The table or a concern has changed since you tried it, and nothing was done. What you chose is still here: "
    "try it again."
)
KEYS = [
    *(("r", "Set or take away a row"), ("u", "Up to the queue")),
    *(("Esc", "Close a form"), ("?", "This list")),
]


# --- the form ---------------------------------------------------------------------------------------------


class RouteForm(forms.Form):
    """One row. What can be chosen is an offer; what is taken is the service's."""

    category = forms.CharField(label="Concerns of the category", max_length=30, widget=forms.Select)
    area = forms.CharField(label="In the area, and below it", max_length=100, widget=forms.Select)
    desk = forms.CharField(label="Go to the desk of", max_length=100, widget=forms.Select)
    office = forms.CharField(
        label="And most likely on to the office", max_length=40, widget=forms.Select, required=False
    )

    def __init__(self, data: Any = None, *, kept: frozenset[int], initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="route-%s", label_suffix="")
        in_use = Q(ended_at=None) | Q(pk__in=Route.objects.filter(area__in=kept).values("category"))
        categories = [(one.pk, str(one)) for one in Category.objects.filter(in_use)]
        offices = [(one.slug, one.name) for one in Office.objects.filter(ended_at=None)]
        self._offer("category", [CHOOSE, *categories])
        self._offer("area", [CHOOSE, *_areas(kept)])
        self._offer("desk", [CHOOSE, (NO_ROW, "Take the row away"), *_desks(kept)])
        self._offer("office", [("", "None"), *offices])

    def _offer(self, name: str, choices: Any) -> None:
        cast("forms.Select", self.fields[name].widget).choices = choices

    def change(self) -> dict[str, Any]:
        """What was chosen, as the service takes it."""
        desk = self.cleaned_data["desk"]
        return {**self.cleaned_data, "desk": None if desk == NO_ROW else desk}

    def refuse(self, refusal: DomainError) -> str:
        """Says a refusal at its field too, where it names one; returns what is said above the page."""
        for error in refusal.extra.get("errors", ()):
            field = error["pointer"].rsplit("/", 1)[-1]
            if field in self.fields:
                self.add_error(field, error["detail"])
        return refusal.detail


def _areas(kept: Iterable[int]) -> list[tuple[str, Choices]]:
    return _by_kind((area, str(area)) for area in _commanded() if area.pk in kept)


def _desks(kept: Iterable[int]) -> list[tuple[str, Choices]]:
    """Of the departments of these areas, each with who reads there today."""
    agencies = {geography().areas[pk].agency_id for pk in kept}
    there = (area for area in _commanded() if area.agency_id in agencies)
    return _by_kind((area, f"{area} ({_reader(area) or 'nobody'})") for area in there)


def _commanded() -> list[Area]:
    """The areas of today's chains of command."""
    maps, on = geography(), timezone.localdate()
    return sorted(
        (area for area in maps.areas.values() if area.kind in CHAIN and maps.is_mapped(area, on)),
        key=lambda area: area.slug,
    )


def _by_kind(areas: Iterable[tuple[Area, str]]) -> list[tuple[str, Choices]]:
    """Choices in groups, the highest areas first."""
    groups: dict[str, Choices] = {kind: [] for kind in reversed(CHAIN)}
    for area, label in areas:
        groups[area.kind].append((area.slug, label))
    return [(Area.Kind(kind).label, choices) for kind, choices in groups.items() if choices]


def _reader(desk: Area) -> str:
    found = routing.reader_of(desk, timezone.localdate())
    return found.member.name if found and found.member else ""


# --- what a change does -----------------------------------------------------------------------------------


Way = tuple[Area, Area | None, Area]  # of an area, from a desk, to a desk


class Line(NamedTuple):
    """Of one area: so many change their desk now, and so many of the last 92 days would have."""

    area: Area
    before: Area | None
    after: Area
    now: int
    would_have: int


class Tried(NamedTuple):
    """A dry run in words; `sent` is what has to be sent again to save it."""

    words: str
    lines: list[Line]
    now: int
    would_have: int
    unchanged: int
    sent: list[tuple[str, str]]


def _tried(form: RouteForm, by: User) -> Tried:
    """Raises as `try_routes` does."""
    found = routing.try_routes(changes=[form.change()], by=by)
    sent = [(name, str(form.cleaned_data[name])) for name in form.fields]
    lines = sorted(_lines(found), key=lambda line: (line.area.slug, line.before.slug if line.before else ""))
    return Tried(
        words=_in_words(form),
        lines=lines,
        now=len(found.moves_now),
        would_have=sum(group.n for group in found.would_have),
        unchanged=found.unchanged,
        sent=[*sent, ("version", found.version)],
    )


def _lines(found: routing.DryRun) -> Iterator[Line]:
    now: Counter[Way] = Counter((move.area, move.before, move.after.area) for move in found.moves_now)
    would_have: Counter[Way] = Counter()
    for group in found.would_have:
        would_have[group.area, group.before, group.after] += group.n
    for where in dict.fromkeys([*now, *would_have]):
        yield Line(*where, now[where], would_have[where])


def _in_words(form: RouteForm) -> str:
    """The change that is tried. The service has taken it, so that each name is known."""
    change, areas = form.change(), geography().by_slug
    what = f"{Category.objects.get(pk=change['category'])} in {areas[change['area']]}"
    if change["desk"] is None:
        return f"The row of {what} is taken away."
    office = Office.objects.filter(slug=change["office"]).first()
    onward = f", and most likely on to {office.name}" if office else ""
    desk = areas[change["desk"]]
    return f"{what} goes to the desk of {desk}, where {_reader(desk) or 'nobody'} reads it{onward}."


# --- the page ---------------------------------------------------------------------------------------------


def routes(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The rows that this person keeps; tries a change, or saves it as it was tried and says what moved."""
    by = who(request)
    try:
        kept = routing.kept_by(by)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.detail) from None
    rows = Route.objects.filter(area__in=kept)
    rows = rows.select_related("category", "area__agency", "desk__agency", "office")
    form, tried, refused = RouteForm(kept=kept, initial=_chosen(request, rows)), None, ""
    if request.method == "POST":
        form = RouteForm(request.POST, kept=kept)
        try:
            if not form.is_valid():
                refused = INCOMPLETE
            elif request.POST.get("act") == "save":
                return _saved(request, form, by)
            else:
                tried = _tried(form, by)
        except Conflict:
            refused = FASTER
        except DomainError as refusal:
            refused = form.refuse(refusal)
    shown = {
        "title": "Routing table",
        "keys": KEYS,
        "form": form,
        "is_chosen": bool(form.initial),
        "tried": tried,
        "refusal": refused,
        "rows": [(row, _reader(row.desk)) for row in rows],
    }
    return answer(request, "concerns/routes.html", {**context, **shown})


def _chosen(request: HttpRequest, rows: Any) -> dict[str, str]:
    """The row that a link of the page names, to be changed."""
    query = request.GET
    row = rows.filter(category=query.get("category", ""), area__slug=query.get("area", "")).first()
    if row is None:
        return {}
    office = row.office.slug if row.office else ""
    return {"category": row.category_id, "area": row.area.slug, "desk": row.desk.slug, "office": office}


def _saved(request: HttpRequest, form: RouteForm, by: User) -> HttpResponse:
    """Raises as `save_routes` does."""
    done = routing.save_routes(changes=[form.change()], version=request.POST.get("version", ""), by=by)
    n = len(done.moves_now)
    messages.success(request, f"Saved: {n} {'concern' if n == 1 else 'concerns'} moved.")
    return HttpResponseRedirect(reverse("admin:concerns_concern_routes"))
