"""That what liaisons alone read always has one who does: when it is told, when it is moved, and when they have left."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.feedback.concerns.models import Concern
from backend.feedback.concerns.services import readers
from backend.notifications.models import Alert
from backend.roster import editions
from backend.roster.models import Area, Assignment
from tests.concerns.conftest import listed
from tests.concerns.reporters import fresh, told
from tests.factories import make_staff

DISTRICT, FIRST, FIFTH, COUNTY = (
    "slmpd-district-4",
    "slmpd-district-1",
    "slmpd-district-5",
    "slcpd-precinct-1",
)
WALLED, SENSITIVE = {"is_walled": True}, {"is_sensitive": True}


def liaison_of(area: str, **fields: Any) -> User:
    user = make_staff(f"{area}@readers.example", area, "liaison", is_sworn=False, **fields)
    editions.bump(editions.ROSTER)
    editions.forget()
    return user


@pytest.fixture
def alone(city: None) -> None:
    """Without the demo's own liaisons."""
    Assignment.objects.filter(role=Assignment.Role.LIAISON).delete()
    Concern.objects.all().delete()


@pytest.mark.parametrize("apart", [WALLED, SENSITIVE], ids=["walled", "sensitive"])
def test_when_its_liaison_has_left_it_goes_to_another_of_the_agency(
    alone: None, sign_in: Any, apart: dict[str, bool]
) -> None:
    here, there, county = liaison_of(DISTRICT), liaison_of(FIRST), liaison_of(COUNTY)
    district = Area.objects.get(slug=DISTRICT)
    concern = told(DISTRICT, desk=district, assigned_to=here.staff_member, **apart)
    assert readers.find_readers(timezone.now()) == 0
    Assignment.objects.filter(staff_member__user=here).update(
        ends_on=timezone.localdate() - timedelta(days=1)
    )
    editions.bump(editions.ROSTER)
    editions.forget()
    assert readers.find_readers(timezone.now()) == 1
    assert fresh(concern).assigned_to == there.staff_member
    assert str(concern.pk) in listed(sign_in(there))
    assert str(concern.pk) not in listed(sign_in(county))
    assert concern.changes.get().move == "reader"
    assert AuditRow.objects.get(object_id=str(concern.pk)).action == "reader"
    assert readers.find_readers(timezone.now()) == 0


def test_what_is_open_to_others_stays_where_it_is(alone: None) -> None:
    liaison_of(FIRST)
    concern = told(DISTRICT, desk=Area.objects.get(slug=DISTRICT))
    assert readers.find_readers(timezone.now()) == 0
    assert fresh(concern).assigned_to is None


def test_a_liaison_without_an_account_reads_nothing(alone: None) -> None:
    here = liaison_of(DISTRICT)
    User.objects.filter(pk=here.pk).update(is_active=False)
    there = liaison_of(FIRST)
    concern = told(DISTRICT, desk=Area.objects.get(slug=DISTRICT), **SENSITIVE)
    assert readers.find_readers(timezone.now()) == 1
    assert fresh(concern).assigned_to == there.staff_member


def transferred(client: Any, concern: Concern, desk: str) -> Concern:
    body = {"desk": desk, "reason": "Theirs.", "changed_at": fresh(concern).changed_at.isoformat()}
    moved = client.post(
        f"/api/v1/triage/concerns/{concern.pk}/transfer", body, content_type="application/json"
    )
    assert moved.status_code in (200, 204), moved.content
    return fresh(concern)


def test_sent_to_a_desk_without_a_liaison_what_is_sensitive_goes_on_to_where_one_is(
    alone: None, sign_in: Any
) -> None:
    here, there = liaison_of(DISTRICT), liaison_of(FIRST)
    concern = told(DISTRICT, desk=Area.objects.get(slug=DISTRICT), **SENSITIVE)
    moved = transferred(sign_in(here), concern, FIFTH)
    assert (moved.desk.slug, moved.assigned_to) == (FIRST, there.staff_member)
    assert str(concern.pk) in listed(sign_in(there))


def test_what_is_walled_goes_to_no_liaison_whom_it_is_about(alone: None, sign_in: Any) -> None:
    liaison_of(DISTRICT)
    there, subject = liaison_of(FIRST), liaison_of(FIFTH)
    concern = told(FIRST, desk=Area.objects.get(slug=FIRST), **WALLED)
    concern.subjects.create(staff_member=subject.staff_member, source="liaison")
    moved = transferred(sign_in(there), concern, FIFTH)
    assert moved.assigned_to not in (None, subject.staff_member)
    assert Concern.objects.visible_to(moved.assigned_to.user).filter(pk=concern.pk).exists()


def test_an_agency_without_a_civilian_liaison_is_an_alert_until_it_has_one(alone: None) -> None:
    def open_alerts() -> list[str]:
        readers.find_readers(timezone.now())
        return list(
            Alert.objects.filter(kind=readers.NO_READER, over_at=None).values_list("detail", flat=True)
        )

    (both,) = open_alerts()
    assert both.endswith(": slcpd, slmpd")
    make_staff("sworn@example.org", DISTRICT, "liaison")
    liaison_of(COUNTY)
    assert open_alerts()[0].endswith(": slmpd")
    gone = Area.objects.create(
        agency=Area.objects.get(slug=FIRST).agency, kind="district", code="99", name="Old 99", slug="old-99"
    )
    liaison_of(gone.slug)  # on no map today
    assert open_alerts()[0].endswith(": slmpd")
    first = liaison_of(FIRST)
    User.objects.filter(pk=first.pk).update(is_active=False)
    assert open_alerts()[0].endswith(": slmpd")
    User.objects.update(is_active=True)
    assert open_alerts() == []
