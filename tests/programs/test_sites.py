"""Places that need a clean-up: suggested by staff, also from a concern, of which nothing but the place is passed on."""

from typing import Any

import pytest

from backend.accounts.models import AuditRow, User
from backend.feedback.concerns.models import Concern
from backend.programs.models import Program, Site
from backend.roster.models import Area
from tests.programs.factories import make_manager, make_program
from tests.programs.test_applications import post

pytestmark = pytest.mark.django_db
PATH = "programs/community-service-partnership/sites"


@pytest.fixture
def program(city: None) -> Program:
    return make_program("community-service-partnership", "cleanup")


def concern(**facts: Any) -> Concern:
    area = Area.objects.get(slug="slmpd-beat-402")
    words = {
        "category_id": "noise",
        "description": "My neighbor Pat dumps tires.",
        "address": "1915 Olive St",
    }
    return Concern.objects.create(area=area, **words | facts)


def test_a_concerns_place_becomes_a_site_and_is_cleaned(
    program: Program, liaison: User, sign_in: Any
) -> None:
    desk, staff = sign_in(liaison), sign_in(make_manager(program))
    told = concern()
    made = post(desk, f"triage/concerns/{told.pk}/site", program=program.slug, note="Tires in the alley.")
    assert made.status_code == 201, made.content
    (site,) = staff.get(f"/api/v1/{PATH}").json()["results"]
    assert (site["place"], site["note"], site["area"]) == (
        *("1915 Olive St", "Tires in the alley."),
        "slmpd-beat-402",
    )
    assert "Pat" not in str(site)
    assert {row.object_type for row in AuditRow.objects.filter(actor=liaison.pk)} >= {
        "programs.Site",
        "concerns.Concern",
    }
    closed = post(staff, f"{PATH}/{site['id']}/close", outcome="cleaned")
    assert closed.json()["outcome"] == "cleaned"
    assert post(staff, f"{PATH}/{site['id']}/close", outcome="dropped").json()["type"] == "already-closed"


def test_what_is_walled_or_sensitive_or_has_no_place_is_passed_on_to_nobody(
    program: Program, liaison: User, captain: User, sign_in: Any
) -> None:
    desk = sign_in(liaison)
    for told in (concern(is_walled=True), concern(is_sensitive=True), concern(address="")):
        refused = post(desk, f"triage/concerns/{told.pk}/site", program=program.slug)
        assert (refused.status_code, refused.json()["type"]) == (409, "no-place")
    walled = Concern.objects.get(is_walled=True)
    there = post(sign_in(captain), f"triage/concerns/{walled.pk}/site", program=program.slug)
    nothing = post(sign_in(captain), f"triage/concerns/{program.agency_id:032}/site", program=program.slug)
    assert (there.status_code, nothing.status_code) == (404, 404)
    assert Site.objects.count() == 0


def test_who_suggests_and_who_reads(
    program: Program, officer: User, liaison: User, resident: User, sign_in: Any
) -> None:
    walker = sign_in(officer)
    assert post(walker, PATH, place="The lot on Olive", area="slmpd-district-4").status_code == 201
    assert walker.get(f"/api/v1/{PATH}").status_code == 403
    assert post(sign_in(resident), PATH, place="x").status_code == 403
    stranger = sign_in(make_manager(make_program("elsewhere", "interest"), "b@example.org"))
    assert post(stranger, PATH, place="x").status_code == 403
    assert post(stranger, f"{PATH}/{Site.objects.get().pk}/close", outcome="cleaned").status_code == 403
    manager = sign_in(make_manager(program))
    assert post(manager, PATH, place="<b>x</b>").json()["errors"][0]["pointer"] == "/place"
    assert post(manager, PATH, place="x", area="no-such").json()["errors"][0]["pointer"] == "/area"
    assert post(sign_in(liaison), "programs/elsewhere/sites", place="x").json()["type"] == "not-a-clean-up"
