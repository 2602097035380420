"""The page that every message links to: what was said, and how to hear less. Its address names nobody."""

from django.conf import settings
from django.utils.crypto import constant_time_compare

from backend.encryption import blind_index
from backend.notifications.models import Message

LINK = "{link}"  # where it stands in a notice's words
_DIGITS = "0123456789abcdefghijkmnpqrstuvwxyz"  # no l, no o: some type it from one screen into another
_SEAL = 10  # hexadecimal digits: 40 bits, behind a throttle


def of(message: Message) -> str:
    """The address of the message's page."""
    return f"{settings.PUBLIC_URL}/m/{token_of(message.pk)}"


def token_of(message_id: int) -> str:
    digits = ""
    while message_id:
        message_id, digit = divmod(message_id, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits + _seal(digits)


def longest() -> str:
    """An address as long as any will be in years, to count segments with."""
    return f"{settings.PUBLIC_URL}/m/{'z' * 6}{'0' * _SEAL}"


def message_of(token: str) -> Message | None:
    """The message whose page this is; None where the token is not one of ours or the message is erased."""
    digits, seal = token[:-_SEAL], token[-_SEAL:]
    if not digits or len(token) > 30 or any(c not in _DIGITS for c in digits):
        return None
    if not constant_time_compare(seal, _seal(digits)):
        return None
    number = 0
    for digit in digits:
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    messages = Message.objects.select_related("notice", "recipient")
    return messages.filter(pk=number).first() if number < 2**63 else None


def _seal(digits: str) -> str:
    return blind_index("message page", digits)[:_SEAL]
