"""Receipts: what somebody without an account asks with later. Kept as a blind index alone."""

import base64
import secrets

from backend.encryption import blind_index


def new_receipt() -> str:
    """80 random bits as four groups of four letters and digits."""
    text = base64.b32encode(secrets.token_bytes(10)).decode()
    return "-".join(text[n : n + 4] for n in range(0, 16, 4))


def receipt_index(receipt: str) -> str:
    """The blind index of a receipt: in any case, with or without dashes, 0 for O, 1 for I, 8 for B."""
    letters = "".join(c for c in receipt.upper() if c.isalnum())
    return blind_index("receipt", letters.translate(str.maketrans("018", "OIB")))
