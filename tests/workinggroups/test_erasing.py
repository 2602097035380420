"""The end of what groups hold about people: who wrote first, then what is never published; the public record stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.feedback.workinggroups.models import Comment, Membership
from backend.feedback.workinggroups.models import Testimony as Story
from backend.feedback.workinggroups.services.erasing import erase_old
from tests.conftest import DocumentedClient
from tests.workinggroups.calls import call, close, dispose, pages, published, say
from tests.workinggroups.conftest import Group, make_member, make_person


def heard(
    group: Group, client: DocumentedClient, writer: DocumentedClient, coordinator: DocumentedClient
) -> str:
    """A published call with a comment of an account, one by receipt, and one that is kept back."""
    published(coordinator, group, {"heading": "Purpose"})
    asked = str(call(coordinator, group, draft=1, takes_testimony=True)["id"])
    said = [
        say(by, group, asked, body=f"Words {n}.").json()["id"]
        for n, by in enumerate((writer, client, client))
    ]
    for comment in said[:2]:
        dispose(coordinator, group, comment)
    dispose(coordinator, group, said[2], outcome="moderated", grounds="abuse", reason="An insult.")
    Story.objects.create(consultation_id=asked, body="What happened.", on=timezone.localdate())
    close(coordinator, group, asked)
    assert coordinator.post(f"{group.at}/consultations/{asked}/publish").status_code == 200
    return asked


@pytest.mark.parametrize("is_public", [True, False])
def test_first_who_wrote_then_what_is_never_published(
    force: Group, collaborative: Group, client: DocumentedClient, resident: Any, sign_in: Any, is_public: bool
) -> None:
    group = force if is_public else collaborative
    heard(group, client, sign_in(resident), sign_in(group.coordinator))
    now = timezone.now()
    assert erase_old(now + timedelta(days=364)) == 0
    assert erase_old(now + timedelta(days=366)) == 3
    assert not Comment.objects.exclude(author=None, receipt_index=None).exists()
    assert {bool(c.body) for c in Comment.objects.all()} == {True}
    erase_old(now + timedelta(days=740))
    left = sorted(c.body for c in Comment.objects.all())
    assert left == (["", "Words 0.", "Words 1."] if is_public else ["", "", ""])
    assert Story.objects.get().body == ""
    assert len(pages(client, f"{group.at}/comments")) == (2 if is_public else 0)


def test_invitations_lapse_and_of_old_terms_the_seat_is_left(force: Group) -> None:
    seat, now = force.group.seats.get(), timezone.now()
    Membership.objects.create(
        seat=seat, name="Invited", starts_on=timezone.localdate(), invitation_index="0" * 64
    )
    ended = make_member(force.group, make_person("before"), ended_at=now)
    erase_old(now + timedelta(days=31))
    assert not Membership.objects.filter(name="Invited").exists()
    erase_old(now + timedelta(days=366))
    ended.refresh_from_db()
    assert (ended.name, ended.organization, ended.user) == ("", "", None)
    assert ended.seat == seat
