"""What people wrote, as it is compared."""

from collections.abc import Callable

import pytest

from backend.feedback.concerns.plain import bare, marked


@pytest.mark.parametrize("fold", [bare, marked])
def test_one_character_does_not_become_a_sentence(fold: Callable[[str], str]) -> None:
    assert fold("officer\ufdfa" * 2500 + "doe") == "officer " * 2500 + "doe"
    assert fold("ﬁre ㏂ Ｄｏｅ") == "fire a.m. doe"
