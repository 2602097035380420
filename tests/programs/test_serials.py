"""How serial numbers read."""

import pytest

from backend.errors import Invalid
from backend.programs.serials import plain_serial


@pytest.mark.parametrize(
    ("typed", "reads"),
    [
        ("WTU 102-13", "WTU10213"),
        (" wtu\u2013io2\t\u00a0i3 ", "WTU10213"),
        ("\uff37\uff34\uff35 1O2\u22121\u2011i3", "WTU102113"),
        ("a-b-c", "ABC"),
        ("a " * 40, "A" * 40),
    ],
)
def test_a_serial_number_reads_the_same_however_it_is_typed(typed: str, reads: str) -> None:
    assert plain_serial(typed) == reads


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "length"),
        (" - - ", "length"),
        ("a-b", "length"),
        ("a" * 41, "length"),
        ("<b>123</b>", "characters"),
        ("WTU/123", "characters"),
        ("\u0405123\u0131", "characters"),  # letters of other alphabets that look like ours
    ],
)
def test_what_is_no_serial_number_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        plain_serial(typed)
    (error,) = refusal.value.extra["errors"]
    assert (error["pointer"], error["code"]) == ("/serial", code)
