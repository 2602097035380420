"""A receipt opens one concern, and with a passphrase only together with that.

Nobody is locked out for the guesses of others: 80 random bits cannot be guessed. At the throttle's 120 a minute
from each of a million addresses, and with a million concerns kept, the first hit is 19,000 years away.
"""

import unicodedata

from django.conf import settings
from django.contrib.auth.hashers import get_hasher

from backend.feedback.concerns.models import Concern


def find(receipt: str, passphrase: str = "") -> Concern | None:
    """The concern of a receipt; None for a wrong one, an expired one, and a wrong or missing passphrase.

    A passphrase that is sent costs just one slow hash, whatever there is to compare it with, and what is not
    handed out is not decrypted: the time an answer takes tells none of these apart.
    """
    found = Concern.objects.with_receipt(receipt).values_list("pk", "passphrase").first()
    kept = found[1] if found else ""
    fits = _fits(passphrase, kept) if passphrase else not kept
    return Concern.objects.get(pk=found[0]) if found and fits else None


def hash_of(passphrase: str) -> str:
    """What is kept of a passphrase."""
    hasher = get_hasher(settings.PASSPHRASE_HASHER)
    return hasher.encode(_normal(passphrase), hasher.salt())


def _fits(passphrase: str, kept: str) -> bool:
    if not kept:
        hash_of(passphrase)
        return True
    return get_hasher(settings.PASSPHRASE_HASHER).verify(_normal(passphrase), kept)


def _normal(passphrase: str) -> str:
    """The same characters from every keyboard."""
    return unicodedata.normalize("NFKC", passphrase).strip()


def shown(receipt: str) -> str:
    """A receipt however it was typed, as it was given out: four groups of four."""
    letters = "".join(c for c in receipt.upper() if c.isalnum())
    return "-".join(letters[n : n + 4] for n in range(0, len(letters), 4))
