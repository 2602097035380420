"""What people wrote, as it is compared."""

from collections.abc import Callable

import pytest

from backend.feedback.concerns.plain import bare, marked, places_of


@pytest.mark.parametrize("fold", [bare, marked])
def test_one_character_does_not_become_a_sentence(fold: Callable[[str], str]) -> None:
    assert fold("officer\ufdfa" * 2500 + "doe") == "officer " * 2500 + "doe"
    assert fold("ﬁre ㏂ Ｄｏｅ") == "fire a.m. doe"


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("Ana", "Ana told ANA's aunt Diana; Anas, ana-Lee, banana", ["Ana", "ANA", "Ana", "ana"]),
        ("ana", "anana", []),
        ("Bell", "Isabell, Bell\u2019s", ["bell", "Bell"]),
        ("\u674e\u4f1f", "\u6211\u898b\u674e\u4f1f\u4e86", ["\u674e\u4f1f"]),
        (
            "Jos\u00e9 N\u00fa\u00f1ez",
            "Jose\u0301 Nu\u0301n\u0303ez, JOSE  NUNEZ",
            ["Jose\u0301 Nu\u0301n\u0303ez", "JOSE  NUNEZ"],
        ),
        ("Ren\u00e9", "Rene\u0301!", ["Rene\u0301"]),
        ("O\u2019Neil", "O'Neil, ONeil", ["O'Neil", "ONeil"]),
        (
            "Ada Bell,",
            "\uff21\uff44\uff41 Bell, ada-bell, Ada\u200bBell, Ada\nBe\u00adll",
            ["\uff21\uff44\uff41 Bell", "ada-bell", "Ada\u200bBell", "Ada\nBe\u00adll"],
        ),
        (
            "314-555-0142",
            "+1 314 555 0142, 3145550142, 314.555.0142",
            ["314 555 0142", "3145550142", "314.555.0142"],
        ),
        ("1111", "11111", ["1111", "1111"]),
        ("12 Elm", "at 12  elm street", ["12  elm"]),
        (" - ", "a - b", []),
        ("", "a", []),
    ],
)
def test_where_words_stand_however_they_are_written(words: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in places_of(words, text)] == found
