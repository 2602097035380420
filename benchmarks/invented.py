"""Street names that no city has, made from syllables: what a parser must not accept."""

import random
from collections.abc import Collection

from rapidfuzz.distance import OSA

_BEGINNINGS = "BRIN DRA FLEN GOR HASP JUR KLEM LOS MAR NEL PRIS QUA RON STAR TREL VUN WEX YOR ZEN"
_MIDDLES = ["", "", "A", "E", "IBA", "ORA"]
_ENDINGS = "BECK CROFT DALE FORD GATE HOLT KIRK LAND MERE NESS RIDGE STEAD THORPE VALE WICK ON ELL IA"
_SUFFIXES = ["ST", "AVE", "BLVD", "DR", "PL", "LN", "CT", ""]


def invented_addresses(count: int, known: Collection[str], seed: int = 2014) -> list[str]:
    """`count` numbered addresses on streets that no slip of the pen leads to.

    Each name is farther from every known name, both run together, than the parser forgives: more than one
    insertion, deletion, substitution or transposition, more than two from nine letters on.
    """
    draw = random.Random(seed)
    run_together = {"".join(filter(str.isalnum, name.upper())) for name in known}
    addresses: dict[str, str] = {}
    while len(addresses) < count:
        name = "".join(draw.choice(part) for part in (_BEGINNINGS.split(), _MIDDLES, _ENDINGS.split()))
        slips = 1 if len(name) < 9 else 2
        if all(OSA.distance(name, other) > slips for other in run_together):
            parts = draw.randrange(1, 9000), draw.choice(["", "", "N", "S"]), name, draw.choice(_SUFFIXES)
            addresses[name] = " ".join(str(part) for part in parts if part)
    return list(addresses.values())
