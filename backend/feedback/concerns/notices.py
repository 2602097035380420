"""What is said before anything is kept, in the reader's language, with the English beside it.

Here words go out that no native speaker has vouched for, and are marked so (DECISIONS, 66): a person in danger may
read no English. A text that leaves us never does.
"""

from collections.abc import Callable, Iterable
from typing import TypedDict

from backend.feedback.concerns import warnings
from backend.notifications.languages import ENGLISH, LANGUAGES, Language, MissingError

Sentence = Callable[[Language], str]


class Said(TypedDict):
    """`is_reviewed`: whether the department vouches for `words`; English is its own."""

    words: str
    words_en: str
    is_reviewed: bool


def say(sentence: Sentence, code: str, reviewed: Iterable[str]) -> Said:
    """A sentence in a language; in English where the catalogue lacks it. `reviewed`: codes that are vouched for."""
    english = sentence(ENGLISH)
    try:
        words = sentence(LANGUAGES[code])
    except MissingError:
        words, code = english, ENGLISH.code
    return Said(words=words, words_en=english, is_reviewed=code == ENGLISH.code or code in reviewed)


def in_both(sentence: Sentence, code: str) -> str:
    """A sentence as one text: in a language, and in brackets in English."""
    said = say(sentence, code, ())
    return said["words"] + ("" if code == ENGLISH.code else f" ({said['words_en']})")


# --- before anything is typed -----------------------------------------------------------------------------


def not_read_at_once(language: Language) -> str:
    return language.say("Nobody reads this around the clock. In an emergency call 911.")


def may_become_public(language: Language) -> str:
    return language.say(
        "What you write may become a public record under Missouri law (RSMo chapter 610). We cannot promise that it "
        "stays secret."
    )


def receipt_is_the_key(language: Language) -> str:
    return language.say(
        "Without an account, the receipt is the only key to what you told us. We cannot find it again for you."
    )


GENERAL: tuple[Sentence, ...] = (not_read_at_once, may_become_public, receipt_is_the_key)


# --- where the words cannot wait --------------------------------------------------------------------------


def _emergency(language: Language) -> str:
    return language.say("If this is happening now, call 911. Nobody reads this at once.")


def _crisis(language: Language) -> str:
    return language.say(
        "If you think of ending your life, or fear for somebody who does, call 988, day or night. In danger call 911."
    )


def _domestic_violence(language: Language) -> str:
    return language.say(
        "If somebody at home hurts you or makes you afraid, there are people who listen and help, day and night. "
        "In danger call 911. If that person may look at this phone, call from another one."
    )


def _sexual_violence(language: Language) -> str:
    return language.say(
        "If somebody forced or touched you against your will, it is not your fault. There are people who listen and "
        "help, day and night. In danger call 911."
    )


def _child(language: Language) -> str:
    return language.say(
        "If somebody hurts a child or does not care for it, call the hotline for children, day or night. "
        "In danger call 911."
    )


def may_go_on(language: Language) -> str:
    return language.say("Nothing has been kept yet. You can still go on and send it.")


WARNING: dict[str, Sentence] = {
    warnings.EMERGENCY: _emergency,
    warnings.CRISIS: _crisis,
    warnings.DOMESTIC_VIOLENCE: _domestic_violence,
    warnings.SEXUAL_VIOLENCE: _sexual_violence,
    warnings.CHILD: _child,
}


# --- with the answer, and on the sheet --------------------------------------------------------------------


def no_message_is_sent(language: Language) -> str:
    return language.say("We send no message about this, so that nobody else sees one. Ask for news yourself.")


def sheet_title(language: Language) -> str:
    return language.say("Your receipt")


def how_to_ask(language: Language) -> str:
    return language.say(
        "For news, type the receipt into the app. There you also read our answers and can reply."
    )


def how_to_ask_by_phone(language: Language) -> str:
    return language.say("Or send us {command} and the receipt from any phone.", command="STATUS")


def with_passphrase(language: Language) -> str:
    return language.say("You also need the passphrase that you chose. It is not on this page.")


def keep_it_safe(language: Language) -> str:
    return language.say(
        "Whoever has this page can read what you told us. Keep it where nobody else finds it."
    )
