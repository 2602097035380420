"""Words that no text, calendar or lock screen of ours shows: somebody else may be looking (techsafety.org). Pure."""

import re
import unicodedata

TERMS = re.compile(
    r"\b(?:dv|ipv"
    r"|domestic|intimate partner|violen\w*|abus\w*|assault\w*|batter(?:ed|ing)|rap(?:e|ed|ist)|sexual\w*|incest"
    r"|stalk\w*|traffick\w*|suicid\w*|self.harm|overdos\w*|addict\w*|victims?|surviv(?:or|ors)|shelters?"
    r"|protective orders?|restraining orders?|informants?|witness(?:es)?|hiv|abortion\w*|immigra\w*)\b",
    re.IGNORECASE,
)


def is_sensitive(text: str) -> bool:
    """Whatever signs nobody sees stand between the letters."""
    return bool(TERMS.search("".join(c for c in text if unicodedata.category(c) != "Cf")))


def unless_sensitive(text: str, instead: str = "") -> str:
    """The text, or what is said in its place."""
    return instead if is_sensitive(text) else text
