"""Names, birthdays and ages. Pure but for the keyed hash: no clock, no database."""

import unicodedata
from datetime import date

from backend.encryption import blind_index

OF_AGE = 18


def plain_name(name: str) -> str:
    """A name as it is compared: letters and digits alone, without accents, capitals and invisible signs."""
    parts = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(c if c.isalnum() else " " if c.isspace() else "" for c in parts)
    return " ".join(kept.split())


def is_name(name: str) -> bool:
    """Whether people can read it as a name: with a letter, and without signs that steer how it is shown."""
    steers = any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp") for c in name)
    return not steers and any(c.isalpha() for c in name)


def person_index(name: str, born_on: date | None) -> str:
    """The keyed hash by which one person is known again across applications and accounts."""
    return blind_index("participant", f"{plain_name(name)}|{born_on or ''}")


def birthday(born_on: date, age: int) -> date:
    """The day on which somebody becomes `age`; who was born on 29 February does on 1 March of a common year.

    Raises ValueError beyond the year 9999.
    """
    year = born_on.year + age
    try:
        return born_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def age_on(born_on: date, on: date) -> int:
    """Whole years; negative before the birth."""
    age = on.year - born_on.year
    return age if birthday(born_on, age) <= on else age - 1
