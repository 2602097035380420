"""The languages we write in: gettext catalogues in backend/locale, and which of them the department vouches for.

A text goes out in a reader's language if the department has marked the catalogue, as it stands, reviewed,
and the whole text is in it; else it goes in English. Never half of each.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_skeleton
from babel.messages.pofile import read_po

from backend.notifications.models import LanguageReview

CATALOGUES = Path(__file__).resolve().parent.parent / "locale"


class MissingError(LookupError):
    """The catalogue has no words for this."""


@dataclass(frozen=True)
class Language:
    """`code` is what the API takes (BCP 47), `locale` what CLDR calls it."""

    code: str
    name: str
    locale: str

    def say(self, message: str, **facts: str) -> str:
        """The message in this language with its {facts}. Raises MissingError."""
        words = message if self.code == "en" else _words(self.code).get(message, "")
        if not words:
            raise MissingError(message)
        return words.format(**facts)

    def when(self, local: datetime) -> str:
        """Day and time as the language writes them (CLDR), without the year."""
        clock = "hm" if Locale.parse(self.locale).time_formats["short"].pattern.find("a") >= 0 else "Hm"
        time = format_skeleton(clock, local, tzinfo=local.tzinfo, locale=self.locale)
        return f"{self.day(local)}, {time}"

    def day(self, local: datetime) -> str:
        return str(format_skeleton("MMMEd", local, tzinfo=local.tzinfo, locale=self.locale))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """All messages, English beside this language."""
        return sorted(_words(self.code).items())

    @property
    def digest(self) -> str:
        """Of all its words: a review holds for exactly these."""
        return hashlib.sha256(repr(self.pairs).encode()).hexdigest()

    @property
    def origin(self) -> str:
        """How the catalogue came about, in its own header: "machine" or "people"."""
        found = re.search(r"^\"X-Origin: (\w+)", _file(self.code).read_text("utf-8"), re.MULTILINE)
        return found[1] if found else "people"


ENGLISH = Language("en", "English", "en_US")
LANGUAGES = {
    language.code: language
    for language in (
        ENGLISH,
        Language("es", "Spanish", "es_US"),
        Language("bs", "Bosnian", "bs_Latn"),
        Language("vi", "Vietnamese", "vi"),
        Language("ar", "Arabic", "ar"),
        Language("so", "Somali", "so"),
        Language("sw", "Swahili", "sw"),
        Language("prs", "Dari", "fa_AF"),
        Language("ps", "Pashto", "ps"),
    )
}


def _file(code: str) -> Path:
    return CATALOGUES / f"{code}.po"


@lru_cache
def _words(code: str) -> dict[str, str]:
    with _file(code).open("rb") as file:
        catalogue = read_po(file, charset="utf-8")
    return {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not m.fuzzy}


def vouched_for() -> list[Language]:
    """The languages besides English whose words, as they stand, the department has reviewed."""
    reviews = LanguageReview.objects.filter(ended_at=None).values_list("language", "catalogue")
    return [
        LANGUAGES[code] for code, digest in reviews if code in LANGUAGES and LANGUAGES[code].digest == digest
    ]


def in_each(render: Callable[[Language], str]) -> dict[str, str]:
    """What `render` says in English and in each language that has all of it and is vouched for."""
    texts = {}
    for language in [ENGLISH, *vouched_for()]:
        try:
            texts[language.code] = render(language)
        except MissingError:
            continue
    return texts


def to(code: str, render: Callable[[Language], str]) -> str:
    """What `render` says to a reader of that language: in it, else in English."""
    if code == ENGLISH.code:
        return render(ENGLISH)
    return in_each(render).get(code) or render(ENGLISH)
