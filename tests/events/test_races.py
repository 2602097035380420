"""Two people at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from backend.accounts.models import User
from backend.errors import Conflict
from backend.events import services
from backend.events.models import Event, EventChange
from backend.notifications.models import Notice
from tests.events.factories import at, post

PEOPLE = 4


def test_one_date_is_cancelled_by_one_of_them(real_city: None) -> None:
    chief = User.objects.create_user(kind="staff", email="chief@example.org", is_administrator=True)
    event, together = post(chief), Barrier(PEOPLE)

    def cancel(_: int) -> str:
        try:
            together.wait(10)
            services.cancel_occurrence(event=event, recurrence_id=at("2026-11-27 07:30"), by=chief)
            return "cancelled"
        except Conflict as refusal:
            return refusal.type
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        answers = sorted(pool.map(cancel, range(PEOPLE)))
    assert answers == ["already-cancelled"] * (PEOPLE - 1) + ["cancelled"]
    assert Event.objects.get(pk=event.pk).sequence == 1
    assert EventChange.objects.filter(event=event, action="date_cancelled").count() == 1
    assert Notice.objects.filter(key__contains=str(event.id)).count() == 1
