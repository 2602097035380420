"""Phone numbers as people write them."""

import phonenumbers
from phonenumbers import PhoneNumberType

from backend.encryption import blind_index
from backend.errors import Invalid

REGION = "US"
MAX_LENGTH = 40
REFUSED_TYPES = {
    PhoneNumberType.TOLL_FREE: "This is a toll-free number; give a mobile number.",
    PhoneNumberType.PREMIUM_RATE: "This is a premium-rate number; give a mobile number.",
}


def parse_phone(text: str) -> str:
    """The E.164 form of a US number. Raises Invalid, on the field `phone`.

    An extension is refused, not dropped: the number without it is somebody else's. A number counts as
    a US one by its region, since +1 alone also leads to the Caribbean at international rates.
    """
    try:
        number = phonenumbers.parse(text[:MAX_LENGTH], REGION)
    except phonenumbers.NumberParseException:
        raise _invalid("Give a mobile number with its area code, such as 314-555-0100.") from None
    if number.extension:
        raise _invalid("Texts cannot reach an extension; give a mobile number.", "extension")
    kind = phonenumbers.number_type(number)
    if kind in REFUSED_TYPES:
        raise _invalid(REFUSED_TYPES[kind], "not-textable")
    if number.country_code != 1:
        raise _invalid("Only US numbers can get texts from us.", "not-us")
    if not phonenumbers.is_valid_number(number):
        raise _invalid("This is not a complete US number; give the area code and seven digits.")
    if phonenumbers.region_code_for_number(number) != REGION:
        raise _invalid("Only US numbers can get texts from us.", "not-us")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_index(phone: str) -> str:
    """The blind index by which a recipient is found."""
    return blind_index("phone", phone)


def _invalid(detail: str, code: str = "invalid") -> Invalid:
    return Invalid(detail, field="phone", code=code)
