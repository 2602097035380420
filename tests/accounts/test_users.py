"""Who has an account, and what the staff pages open to whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError
from django.utils import timezone

from backend.accounts.models import User
from backend.prune import prune

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "staff", "email": ""},
        {"kind": "resident", "email": "r@example.org", "is_administrator": True},
        {"kind": "staff", "email": "s@example.org", "phone_index": "x"},
    ],
)
def test_what_no_account_can_be(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        User.objects.create_user(**fields)


def test_the_staff_pages_log_names_no_address(sign_in: Any) -> None:
    administrator = User.objects.create_user(
        kind=User.Kind.STAFF, email="adm@example.org", is_administrator=True
    )
    other = User.objects.create_user(kind=User.Kind.STAFF, email="left@example.org")
    assert sign_in(administrator).post(f"/admin/accounts/user/{other.pk}/change/", {}).status_code == 302
    assert not User.objects.get(pk=other.pk).is_active
    assert "left@example.org" not in LogEntry.objects.get().object_repr
    prune(timezone.now() + timedelta(days=366))
    assert not LogEntry.objects.exists()


def test_upkeep_screens_are_for_administrators(officer: User, sign_in: Any) -> None:
    for page in ("roster/staffmember", "accounts/user", "roster/assignment", "notifications/message"):
        assert sign_in(officer).get(f"/admin/{page}/").status_code == 403
