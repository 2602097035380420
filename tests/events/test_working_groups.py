"""Events of a working group: who changes them, and that they name nobody; what the group may say is its room's."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import NotAllowed, NotFound
from backend.events import services
from backend.events.models import COORDINATED_GROUPS, Event
from backend.notifications.languages import LANGUAGES
from backend.roster.models import Area
from tests.events.factories import post

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(resident: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """A resident who coordinates "a-group"."""

    def groups_of(user: User, on: date) -> Iterable[str]:
        return ["a-group"] if user == resident else []

    monkeypatch.setattr("backend.events.models.series.COORDINATED_GROUPS", [groups_of])
    return resident


@pytest.fixture
def chief(city: None) -> User:
    return User.objects.create_user(kind="staff", email="chief@example.org", is_administrator=True)


@pytest.fixture
def event(chief: User) -> Event:
    """In District 4, where a captain changes everything else."""
    event = post(chief, organiser=None)
    Event.objects.filter(pk=event.pk).update(working_group="a-group")
    return Event.objects.get(pk=event.pk)


def test_its_coordinator_changes_it_and_nothing_else(coordinator: User, event: Event, chief: User) -> None:
    other, today = post(chief), timezone.localdate()
    assert list(Event.objects.changeable_by(coordinator, today)) == [event]
    assert services.revise_event(event=event, by=coordinator, agenda="Ours.").agenda == "Ours."
    with pytest.raises(NotAllowed):
        services.revise_event(event=other, by=coordinator, agenda="Ours.")


def test_who_serves_the_area_does_not(captain: User, coordinator: User, event: Event) -> None:
    district = Area.objects.get(slug="slmpd-district-4")
    assert Event.objects.changeable_by(captain, timezone.localdate()).in_areas([district.pk]).exists()
    assert not Event.objects.changeable_by(captain, timezone.localdate()).filter(pk=event.pk).exists()
    with pytest.raises(NotAllowed):
        services.cancel_event(event=event, by=captain)


def test_a_draft_of_it_is_its_coordinators_and_administrators(
    captain: User, coordinator: User, event: Event, chief: User, outsider: User
) -> None:
    Event.objects.filter(pk=event.pk).update(status=Event.Status.DRAFT)
    seen = {
        user.email
        for user in (captain, coordinator, chief, outsider)
        if Event.objects.visible_to(user, timezone.localdate()).filter(pk=event.pk).exists()
    }
    assert seen == {coordinator.email, chief.email}
    with pytest.raises(NotFound):
        services.cancel_event(event=event, by=captain)


def test_it_names_nobody(captain: User, event: Event, client: Any) -> None:
    Event.objects.filter(pk=event.pk).update(
        organiser=captain.staff_member,
        confirmed_by=captain.staff_member,  # type: ignore[attr-defined]
    )
    shown = client.get(f"/api/v1/events/{event.pk}").json()
    assert (shown["organiser"], shown["confirmed"]["by"]) == (None, str(event.agency))


def test_a_series_that_goes_on_from_it_is_the_groups_too(coordinator: User, event: Event) -> None:
    third = event.occurrences.order_by("starts_at")[2].recurrence_id
    new = services.split_event(event=event, recurrence_id=third, by=coordinator, agenda="From here on.")
    assert new.working_group == "a-group"


def test_the_room_of_groups_has_registered() -> None:
    assert COORDINATED_GROUPS


def test_a_call_for_input_has_words_in_every_language() -> None:
    for language in LANGUAGES.values():
        assert language.say(Event.Kind.CALL_FOR_INPUT.label)
