"""What we say by text, and what people mean by theirs. Pure: no database, no clock."""

import re
import unicodedata
from enum import Enum

from backend.notifications.languages import Language
from backend.notifications.links import LINK
from backend.notifications.registry import CARRIER_STOP

# The version goes into the ledger: what a person agreed to is what stood here under that name.
OPT_IN_WORDING = "opt-in-2"


def opt_in(language: Language) -> str:
    return language.say(
        "Roll Call St. Louis: reply YES for texts about the police meetings you follow. "
        "Up to 8 msgs/month. Msg & data rates may apply. HELP for help, STOP to end."
    )


def welcome(language: Language) -> str:
    return language.say(
        "Roll Call St. Louis: you will get texts about the meetings you follow. Up to 8 msgs/month. "
        "Msg & data rates may apply. HELP for help, STOP to end."
    )


def stopped(language: Language) -> str:
    return language.say(
        "Roll Call St. Louis: you will get no more texts from us. Reply START to get them again."
    )


def help_(language: Language) -> str:
    return language.say(
        "Roll Call St. Louis: texts about police meetings. BEAT, NEXT or FOLLOW and an address; STATUS and a "
        "receipt; LANG. Msg & data rates may apply. STOP to end. 911."
    )


def not_understood(language: Language) -> str:
    return language.say(
        "Roll Call St. Louis: nobody reads this number. Reply HELP or STOP. In an emergency call 911."
    )


def not_asked(language: Language) -> str:
    return language.say("Roll Call St. Louis: choose what to follow in the app first; we will then text you.")


def in_doubt(language: Language) -> str:
    return language.say(
        "Roll Call St. Louis: a person will read this, and you get no texts until then. "
        "To end all texts reply STOP."
    )


def discreet(language: Language) -> str:
    """Whoever else reads the phone learns nothing from it."""
    return language.say("Roll Call: there is an update. {link}", link=LINK)


def digest(language: Language, count: int, first: str) -> str:
    return language.say(
        "Roll Call: changes in what you follow: {count}. {first} {link}",
        count=str(count),
        first=first,
        link=LINK,
    )


def language_set(language: Language) -> str:
    return language.say("Roll Call St. Louis: texts now come in English.")


def reply_taken(language: Language) -> str:
    return language.say("Roll Call St. Louis: thank you, your message was passed on.")


LANGUAGE_UNKNOWN = "Roll Call St. Louis: reply LANG and one of: {names}."
LANGUAGE_NOT_YET = (
    "Roll Call St. Louis: noted: {name}. Until its words have been checked, texts come in English."
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Meaning(Enum):
    STOP = "stop"
    START = "start"
    HELP = "help"
    WRONG_NUMBER = "wrong number"
    UNSURE = "unsure"  # may be a STOP: a person must read it
    OTHER = "other"


STOP_WORDS = _words("""
    stop stopall stops stopp stoop stp sotp stpo unsubscribe unsubscribed unsubcribe unsuscribe cancel end
    quit revoke optout remove alto pare paren parar basta cancelar cancele baja
""")
START_WORDS = _words("start unstop yes y yeah yep si")
HELP_WORDS = _words("help info ayuda")
# Words beside which a STOP is still a STOP. "The stop sign is down" has words that are not here.
FILLERS = _words("""
    please pls plz now ok okay hey hi hello thanks thank you u just i want would like need to can could all
    any the this these those your it me my from of on text texts texting txt txts sms message messages msg
    msgs messaging send sending alert alerts notification notifications list phone number favor por ya los
    las el la mis mensajes mensaje textos de enviar mandar mandarme enviarme gracias
""")
# Any reasonable means counts, in any words (47 CFR 64.1200(a)(10)); these mean nothing else.
STOP_PHRASES = (
    "opt out",
    "opt me out",
    "unsubscribe",
    "take me off",
    "remove me",
    "delete my number",
    "leave me alone",
    "no more texts",
    "no more text",
    "no more messages",
    "dont text me",
    "do not text me",
    "dont contact me",
    "do not contact me",
    "dont message me",
    "do not message me",
    "quit texting me",
    "stop texting me",
    "stop messaging me",
    "no quiero mas mensajes",
    "no quiero recibir",
    "no me mande",
    "no me envie",
    "no me escriba",
    "dejen de mandar",
    "dejen de enviar",
    "dejen de escribir",
    "deje de mandar",
    "deje de enviar",
    "deje de escribir",
    "quiteme de",
    "quitenme de",
    "borrame",
    "borreme",
)
STOP_WHOLE = {"no mas", "no more", "ya no", "dar de baja"}
MOST_WORDS = 7  # in longer texts the same words may tell of something else: a person must read it
# A STOP, and more: whoever we meant no longer has this number.
WRONG_NUMBER = re.compile(
    r"\b(?:wrong (?:number|person)|numero equivocado|persona equivocada|not my number anymore"
    r"|new (?:number|owner) of this (?:number|phone)|this is not (?:her|his|their) (?:number|phone))\b"
)
# What may be a STOP among other words, and things that are called so.
MAYBE_STOP = re.compile(
    r"\b(?:stop|stopped|stopping|quit|unsubscribe|spam|scam|harass\w*|enough|annoying|go away|who is this|text\w* me"
    r"|me alone|parar?|paren|basta|dejen?|molest\w*)\b"
)
NO_STOP = re.compile(
    r"\b(?:(?:bus|traffic|truck|rest) stops?|stop (?:signs?|lights?|lines?|sticks?)|nonstop"
    r"|stopped (?:cars?|at|by|in))\b"
)


def meaning(text: str) -> Meaning:
    """What an incoming text asks for; STOP in any plain words, English or Spanish."""
    plain = _plain(text)
    words = [word for word in plain.split() if word not in FILLERS]
    is_short = len(plain.split()) <= MOST_WORDS
    if WRONG_NUMBER.search(plain):
        return Meaning.WRONG_NUMBER if is_short else Meaning.UNSURE
    if _means_stop(plain, words):
        return Meaning.STOP
    if any(f" {phrase} " in f" {plain} " for phrase in STOP_PHRASES):
        return Meaning.STOP if is_short else Meaning.UNSURE
    if words and all(word in START_WORDS for word in words):
        return Meaning.START
    if words and all(word in HELP_WORDS for word in words):
        return Meaning.HELP
    return Meaning.UNSURE if MAYBE_STOP.search(NO_STOP.sub(" ", plain)) else Meaning.OTHER


def carrier_answers(text: str) -> bool:
    """Whether Twilio's default handling confirms this STOP itself; an answer of ours would be the second.

    It matches the whole text, but for case and outer spaces.
    """
    return text.strip().upper() in CARRIER_STOP


def _means_stop(plain: str, words: list[str]) -> bool:
    if words and all(word in STOP_WORDS for word in words):
        return True
    return " ".join(words) in STOP_WHOLE or plain in STOP_WHOLE


def _plain(text: str) -> str:
    """Lower case, without accents, apostrophes and punctuation; "stoppp" has its p's once."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    bare = re.sub(r"['’`´]", "", bare)
    return re.sub(r"(\w)\1{2,}", r"\1", " ".join(re.findall(r"[^\W_]+", bare)))
