"""A domestic violence fatality review: its work product is given to nobody, its final report is (RSMo 455.560)."""

from typing import Any

import pytest
from django.test import Client

from backend import concern_record, records
from backend.accounts.models import AuditRow, User
from backend.feedback.concerns.models import Concern, FatalityReview
from backend.roster.models import Area
from tests.factories import make_staff

WORK_PRODUCT = "WORK-PRODUCT: what the panel said of it."
FINAL_REPORT = "FINAL-REPORT: call back within the hour."


@pytest.fixture
def told(city: None, resident: User) -> Concern:
    return Concern.objects.create(
        category_id="domestic_violence",
        description="x",
        is_sensitive=True,
        reporter=resident,
        area=Area.objects.get(slug="slmpd-beat-402"),
        desk=Area.objects.get(slug="slmpd-district-4"),
    )


def path(concern: Concern) -> str:
    return f"/api/v1/triage/concerns/{concern.pk}/fatality-review"


def write(client: Any, concern: Concern, **body: Any) -> Any:
    return client.put(path(concern), {"final_report": FINAL_REPORT, **body}, content_type="application/json")


def test_what_goes_in_does_not_come_out(told: Concern, liaison: User, sign_in: Any) -> None:
    desk = sign_in(liaison)
    written = write(desk, told, work_product=WORK_PRODUCT)
    assert written.status_code == 200
    read = desk.get(path(told))
    assert read.json()["final_report"] == FINAL_REPORT
    assert set(read.json()) == {"final_report", "changed_at"}
    assert read["Cache-Control"] == "no-store"
    assert FatalityReview.objects.get(concern=told).work_product == WORK_PRODUCT
    row = AuditRow.objects.get(action="record_review")
    assert row.fields == ["final_report", "work_product"]


def test_a_new_report_leaves_the_work_product(told: Concern, liaison: User, sign_in: Any) -> None:
    desk = sign_in(liaison)
    write(desk, told, work_product=WORK_PRODUCT)
    assert write(desk, told, final_report="Another.").json()["final_report"] == "Another."
    assert FatalityReview.objects.get(concern=told).work_product == WORK_PRODUCT
    write(desk, told, work_product="")
    assert FatalityReview.objects.get(concern=told).work_product == ""


def test_only_civilian_liaisons_write_one(
    told: Concern, captain: User, resident: User, liaison: User, sign_in: Any, client: Client
) -> None:
    sworn = make_staff("sworn@example.org", "slmpd-district-4", "liaison")
    assert write(sign_in(sworn), told).status_code == 403
    hidden = write(sign_in(captain), told)
    assert (hidden.status_code, hidden.content) == (404, write(sign_in(captain), Concern()).content)
    assert write(sign_in(resident), told).status_code == 403
    assert write(client, told).status_code == 401
    assert not FatalityReview.objects.exists()
    assert sign_in(liaison).get(path(told)).status_code == 404


def test_no_role_and_no_address_gives_the_work_product(
    told: Concern, liaison: User, captain: User, officer: User, resident: User, sign_in: Any, client: Client
) -> None:
    write(sign_in(liaison), told, work_product=WORK_PRODUCT)
    Concern.objects.filter(pk=told.pk).update(assigned_to=officer.staff_member)
    administrator = User.objects.create_user(
        kind=User.Kind.STAFF, email="adm@example.org", is_administrator=True
    )
    released = [
        f"{model._meta.label}.{name}"
        for model in concern_record.tables()
        for name, record in records.records_of(model).items()
        if record.tag == records.REVIEW
    ]
    request = {"request": "1", "release": released, "reason": "All of it."}
    one = f"/api/v1/triage/concerns/{told.pk}"
    gave_report = 0
    for user in (liaison, administrator, captain, officer, resident):
        them = sign_in(user)
        answers = [
            them.get("/api/v1/triage/concerns"),
            them.get(one),
            them.get(path(told)),
            them.get(f"/api/v1/concerns/{told.pk}"),
            them.get("/api/v1/me/export"),
            them.get("/admin/concerns/concern/"),
            them.get(f"/admin/concerns/concern/{told.pk}/change/"),
            them.get("/admin/concerns/fatalityreview/"),
            them.post(f"{one}/open", {"reason": "Look."}, content_type="application/json"),
            them.post(f"{one}/record", request, content_type="application/json"),
        ]
        for answer in answers:
            assert b"WORK-PRODUCT" not in answer.content, (user.email, answer.request["PATH_INFO"])
        gave_report += b"FINAL-REPORT" in answers[-1].content
    assert gave_report == 2  # the liaison's record and the administrator's
