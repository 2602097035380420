"""Residents' own accounts: they begin with a number or an address that was proven."""

from django.db import IntegrityError, transaction

from backend.accounts import codes
from backend.accounts.codes import Address
from backend.accounts.models import User
from backend.errors import Conflict


def sign_in(to: Address, code: str) -> User | None:
    """The resident who shows this code, new or known; None where the code is wrong.

    There is no account before the first code is shown, so none is ever left half-made.
    """
    if not codes.prove(to, code):
        return None
    if user := to.account:
        return user
    user = User(kind=User.Kind.RESIDENT)
    user.set_unusable_password()
    if to.channel == "sms":
        user.set_phone(to.address)
    else:
        user.set_email(to.address)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # proven twice at once
        return to.account
    return user


def change_phone(user: User, phone: str) -> None:
    """Gives the account this number, proven by a code. Agreement to texts stays with the old number.

    Raises Conflict where another account has the number.
    """
    user.set_phone(phone)
    try:
        with transaction.atomic():
            user.save(update_fields=["phone", "phone_index"])
    except IntegrityError:
        raise Conflict("Another account has this number.") from None
