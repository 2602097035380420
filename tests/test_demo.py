"""`manage.py demo` for trials: followers, a cancelled roll call, one text each."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backend.notifications.models import Message
from backend.notifications.worker import work_once
from backend.roster.models import BoundarySet, StreetSegment
from tests.notifications.fakes import FakeTransport


def demo(*options: str) -> str:
    out = StringIO()
    call_command("demo", *options, stdout=out)
    return out.getvalue()


def test_one_text_to_each_follower_of_a_cancelled_roll_call(city: None) -> None:
    assert "7 followers added" in demo("--followers", "7", "--cancel")
    transport = FakeTransport()
    while work_once(transport):
        continue
    assert len({text.to for text in transport.texts}) == len(transport.texts) == 7
    assert len({text.body.partition("/m/")[0] for text in transport.texts}) == 1
    assert transport.texts[0].body.startswith("Cancelled: Morning block roll call")
    demo("--cancel")
    assert Message.objects.count() == 14


def test_followers_are_not_invented_where_they_would_be_texted_for_real(city: None, settings: Any) -> None:
    settings.TWILIO_ACCOUNT_SID = "AC" + "0" * 32
    with pytest.raises(CommandError, match="stand-in"):
        demo("--followers", "1")


@pytest.mark.django_db
def test_it_does_not_touch_a_real_city() -> None:
    StreetSegment.objects.create(source_id="1", name="ELM", line=[[-90.2, 38.6], [-90.2, 38.61]])
    with pytest.raises(CommandError, match="into a new one"):
        demo()
    assert [s.name for s in StreetSegment.objects.all()] == ["ELM"]
    assert not BoundarySet.objects.exists()


def test_nobody_signs_in_with_a_demo_account_in_production(city: None) -> None:
    from backend.demo import demo_login

    assert demo_login() == []
