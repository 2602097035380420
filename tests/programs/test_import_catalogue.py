"""The catalogue of the source documents as data, and its import."""

import re
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from backend.accounts.models import AuditRow
from backend.programs.forms import check_schema, errors_in, split_closed
from backend.programs.models import Entry, Form, Program, Rule, Supply, Topic
from backend.programs.services.importing import Counts, import_catalogue
from backend.roster import editions
from tests.factories import make_staff

pytestmark = pytest.mark.django_db

SLUGS = {
    *("slmpd-ride-along", "slcpd-ride-along", "citizens-academy", "police-explorers"),
    *("police-athletic-league", "safety-outreach-summer-camp", "books-and-badges", "do-the-right-thing"),
    *("cops-4-kids", "senior-citizen-warm-up", "community-service-partnership", "police-recruitment"),
    *("anti-theft-devices", "bike-and-scooter-registry", "neighborhood-ownership-training"),
    "camera-partners",
}
WITHOUT_FORM = {"do-the-right-thing", "cops-4-kids", "bike-and-scooter-registry"}
CRISIS = [
    *("911", "988-lifeline", "domestic-violence-hotline", "cops-and-clinicians"),
    "office-of-violence-prevention",
]
OF_AN_ANSWER = {
    *("type", "enum", "minLength", "maxLength", "minimum", "maximum", "format", "title", "description"),
    "x-closed",
}
JSON = {"languages", "tags", "schema"}  # which may be empty
OF_A_FORM = {"type", "properties", "required", "additionalProperties"}
# What the catalogue of the sources has as a directory row, by what it must be found under.
LISTED = {
    *("diagnostic-analysis", "promise-zone", "100-resilient-cities", "bridge-program"),
    *("contractor-loan-fund", "youthbuild", "building-union-diversity", "demetrious-johnson-foundation"),
    *("harambee-youth-training", "st-louis-internship-program", "stl-youth-jobs", "slate"),
    *("re-entry-placement", "gateway-bank", "childrens-savings-accounts", "financial-dignity-center"),
    *("guardian-angel-settlement", "school-choice", "innovative-concept-academy", "after-school-for-all"),
    *("gene-slays-boys-club", "herbert-hoover-boys-girls-club", "al-chappelle-community-center"),
    *("truancy-prevention", "recreation-centers", "municipal-id", "ready-by-21", "project-launch"),
    *("alive-and-well", "mental-health-board", "school-health-centers", "health-insurance-enrolment"),
    *("ban-the-box", "prisoner-re-entry", "minimum-wage", "s-chip", "medicaid-expansion"),
    *("byrne-grant-north", "home-repair-help", "healthy-home-repair", "supportive-housing", "leadsafe"),
    *("brightside", "big-brothers-big-sisters", "chips-teen-health-educators", "resources-for-learning"),
    *("building-division-demolition", "better-family-life", "no-knock-warrant-ban", "homicide-ministers"),
    *("civilian-oversight-board", "domestic-violence-fatality-review", "crisis-intervention-team"),
    *("veterans-response-team", "critical-incident-stress-management", "police-employee-reports"),
    *("ethical-society-of-police", "center-for-policing-equity", "community-liaisons", "language-access"),
    *("circuit-attorney", "us-attorney", "atf", "dea", "fbi", "us-marshals", "victim-and-witness-help"),
    *("real-time-crime-center", "report-gunfire", "crime-gun-intelligence-center", "crime-statistics"),
    *("force-investigative-unit", "body-camera-records", "county-police-accreditation"),
}


@pytest.fixture
def imported() -> Counts:
    return import_catalogue()


def rules(slug: str) -> dict[str, tuple[int | None, int | None]]:
    return {rule.kind: (rule.low, rule.high) for rule in Rule.objects.filter(program__slug=slug)}


def refused(slug: str, answers: dict[str, Any]) -> set[tuple[str, str]]:
    schema = Form.objects.get(program__slug=slug).schema
    return {(error["pointer"], error["code"]) for error in errors_in(schema, answers)}


def test_every_program_is_there(imported: Counts) -> None:
    assert set(Program.objects.values_list("slug", flat=True)) == SLUGS
    assert (imported.programs, imported.kept) == (len(SLUGS), 0)
    assert Program.objects.get(agency__slug="slcpd").slug == "slcpd-ride-along"


def test_every_directory_row_is_there(imported: Counts) -> None:
    assert set(Entry.objects.values_list("slug", flat=True)) >= LISTED
    assert Entry.objects.count() == imported.entries


def test_nothing_is_running_or_confirmed(imported: Counts) -> None:
    assert {program.status(timezone.localdate()) for program in Program.objects.all()} == {"unconfirmed"}
    assert not Rule.objects.exclude(confirmed_on=None).exists()
    assert not Entry.objects.exclude(verified_on=None).exists()


def test_every_row_fits_its_columns(imported: Counts) -> None:
    for model in (Program, Rule, Form, Topic, Supply, Entry):
        for row in model._default_manager.all():
            row.clean_fields(exclude=JSON)


def test_who_may_take_part(imported: Counts) -> None:
    assert rules("citizens-academy") == {
        "age": (18, None),
        "resident_or_business": (None, None),
        "screening": (None, None),
        "absences": (None, 3),
    }
    explorers = rules("police-explorers")
    assert (explorers["age"], explorers["guardian"]) == ((14, 20), (None, 18))
    assert {"enrolled", "screening"} < set(explorers)
    assert rules("police-athletic-league") == {"guardian": (None, 18), "places_a_year": (None, 700)}
    assert rules("anti-theft-devices") == {"resident": (None, None)}
    assert "guardian" in rules("safety-outreach-summer-camp")


def test_both_ride_alongs_name_common_practice_as_such(imported: Counts) -> None:
    for slug in ("slmpd-ride-along", "slcpd-ride-along"):
        found = rules(slug)
        assert (found["age"], found["participation"], found["hours"]) == ((18, None), (None, 1), (None, 4))
        assert (found["lead_days"], found["places_a_year"]) == ((14, None), (None, 72))
        for rule in Rule.objects.filter(program__slug=slug):
            assert rule.source.startswith("Common practice")


def test_who_applies_where_it_is_not_the_participants(imported: Counts) -> None:
    others = Program.objects.exclude(applicants="people").values_list("slug", "applicants")
    assert dict(others) == {
        "books-and-badges": "organisations",
        "senior-citizen-warm-up": "organisations",
        "camera-partners": "organisations",
        "cops-4-kids": "nobody",
        "do-the-right-thing": "nobody",
    }


def test_forms_are_json_schema_of_few_keywords(imported: Counts) -> None:
    assert set(Form.objects.values_list("program__slug", flat=True)) == SLUGS - WITHOUT_FORM
    for form in Form.objects.all():
        check_schema(form.schema)
        assert form.number == 1
        assert set(form.schema) <= OF_A_FORM
        for question in form.schema["properties"].values():
            assert set(question) <= OF_AN_ANSWER
            assert question["title"]
            assert question["type"] != "string" or question["maxLength"] <= 1000
            assert question["type"] != "integer" or question["minimum"] < question["maximum"]
            assert question.get("x-closed", True) is True
            assert question.get("format", "date") == "date"


def test_a_form_says_what_is_missing_and_what_is_too_much(imported: Counts) -> None:
    assert refused("senior-citizen-warm-up", {"headcount": 0, "menu": "soup"}) == {
        ("/answers/center_address", "required"),
        ("/answers/contact_name", "required"),
        ("/answers/contact", "required"),
        ("/answers/headcount", "minimum"),
        ("/answers/menu", "unknown"),
    }
    assert refused("slmpd-ride-along", {"emergency_contact": "Sam, 314-555-0100"}) == set()


def test_allergies_are_for_few(imported: Counts) -> None:
    schema = Form.objects.get(program__slug="safety-outreach-summer-camp").schema
    assert split_closed(schema, {"allergies": "peanuts", "grade": 3}) == (
        {"grade": 3},
        {"allergies": "peanuts"},
    )


def test_the_academy_has_twelve_evenings(imported: Counts) -> None:
    topics = Topic.objects.filter(program__slug="citizens-academy")
    assert [topic.number for topic in topics] == list(range(1, 13))
    proposed = [topic for topic in topics if topic.title.endswith("(proposed)")]
    assert len(proposed) == 6


def test_nothing_can_be_promised_before_it_is_counted(imported: Counts) -> None:
    assert Supply.objects.filter(program__slug="anti-theft-devices", stock=0).count() == 5
    assert Supply.objects.count() == 5


def test_crisis_entries_come_in_their_order(imported: Counts) -> None:
    ranked = Entry.objects.exclude(crisis_rank=None).order_by("crisis_rank")
    assert list(ranked.values_list("crisis_rank", "slug")) == list(enumerate(CRISIS, 1))
    assert list(ranked.values_list("phone", flat=True)) == ["911", "988", "1-800-799-7233", "", ""]


def test_every_row_names_its_source(imported: Counts) -> None:
    assert not Entry.objects.filter(source="").exists()
    assert not Program.objects.filter(source="").exists()
    assert not Rule.objects.filter(source="").exists()
    assert not Entry.objects.filter(tags=[]).exists()
    for entry in Entry.objects.all():
        assert all(re.fullmatch("[a-z0-9-]{1,40}", tag) for tag in entry.tags)


def test_the_countys_two_numbers_are_both_told(imported: Counts) -> None:
    entry = Entry.objects.get(slug="county-police-non-emergency")
    for number in ("889-2341", "529-8210"):
        assert number in entry.what
        assert number in entry.phone
    assert "must be confirmed" in entry.what


def test_positions_are_bulletins(imported: Counts) -> None:
    positions = Entry.objects.filter(name__startswith="Position:")
    assert set(positions.values_list("kind", flat=True)) == {"bulletin"}


def test_again_adds_nothing(imported: Counts) -> None:
    models = (Program, Rule, Form, Topic, Supply, Entry, AuditRow)
    before = [model._default_manager.count() for model in models]
    edition = editions.latest(editions.PROGRAMS)
    assert import_catalogue() == Counts(0, 0, imported.programs + imported.entries)
    assert [model._default_manager.count() for model in models] == before
    assert editions.latest(editions.PROGRAMS) == edition


def test_what_was_changed_stays_and_what_is_gone_comes_back(imported: Counts) -> None:
    Program.objects.filter(slug="citizens-academy").update(summary="Ours.", verified_on=date(2026, 11, 2))
    Rule.objects.filter(program__slug="citizens-academy").exclude(kind="age").delete()
    Entry.objects.filter(slug="leadsafe").update(phone="555-0100")
    Entry.objects.get(slug="brightside").delete()
    edition = editions.latest(editions.PROGRAMS)
    assert import_catalogue() == Counts(0, 1, imported.programs + imported.entries - 1)
    academy = Program.objects.get(slug="citizens-academy")
    assert (academy.summary, academy.verified_on) == ("Ours.", date(2026, 11, 2))
    assert set(rules("citizens-academy")) == {"age"}
    assert Entry.objects.get(slug="leadsafe").phone == "555-0100"
    assert editions.latest(editions.PROGRAMS) != edition


def test_who_imported_is_in_the_audit_trail(city: None) -> None:
    admin = make_staff("admin@example.org", "slmpd-district-4", "liaison", is_sworn=False)
    counts = import_catalogue(by=admin)
    rows = AuditRow.objects.filter(action="import_catalogue", actor=admin.pk)
    assert rows.count() == counts.programs + counts.entries


def test_the_command_says_what_it_did() -> None:
    out = StringIO()
    call_command("import_catalogue", stdout=out)
    call_command("import_catalogue", stdout=out)
    first, second = out.getvalue().splitlines()
    assert first.startswith(f"{len(SLUGS)} programs and ")
    assert second.startswith("0 programs and 0 directory entries added, ")
