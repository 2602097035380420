"""How the serial number of a bike or scooter reads, however it was typed. Pure."""

import re
import unicodedata

from backend.errors import Invalid

SHORTEST, LONGEST = 3, 40
_GAPS = re.compile(
    r"[\s\-\u2010-\u2015\u2212]+"
)  # spaces and every dash that a keyboard or a copied page gives
_MISREAD = str.maketrans("OI", "01")


def plain_serial(typed: str) -> str:
    """A serial number as it is compared: no spaces, dashes or small letters, O read as 0 and I as 1.

    Raises Invalid where other signs than letters and digits are left, or too few or too many.
    """
    reads = _GAPS.sub("", unicodedata.normalize("NFKC", typed))
    if reads and not (reads.isascii() and reads.isalnum()):
        raise Invalid(
            "Type the letters A to Z and the digits of the serial number; leave out all other signs.",
            field="serial",
            code="characters",
        )
    if not SHORTEST <= len(reads) <= LONGEST:
        raise Invalid(
            f"A serial number has {SHORTEST} to {LONGEST} letters and digits, spaces and dashes not counted. It is "
            "stamped into the frame: of a bike mostly under the pedals, of a scooter under the deck.",
            field="serial",
            code="length",
        )
    return reads.upper().translate(_MISREAD)
