"""A draw that anybody can run again. Pure.

Before applications open the SHA-256 of the seed is published, after the deadline the seed. The order is that of
SHA-256 over the seed, a colon and the application's id (lower case, with hyphens), all in ASCII, as hexadecimal.
"""

import hashlib
import secrets
from collections.abc import Iterable

HOW = (
    "seed_hash is the SHA-256 of the seed, published before anybody could apply. Once the seed is shown, compute for "
    "each application the SHA-256 of seed + ':' + its id (ASCII, lower case) and sort by the hexadecimal results."
)


def new_seed() -> str:
    """256 random bits in hexadecimal."""
    return secrets.token_hex(32)


def seed_hash(seed: str) -> str:
    return hashlib.sha256(seed.encode("ascii")).hexdigest()


def order(seed: str, ids: Iterable[str]) -> list[str]:
    """The ids in the order of the draw, whatever the order in which they come."""
    return sorted(ids, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode("ascii")).hexdigest())
