"""What we say by text, and what people mean by theirs. Pure: no database, no clock."""

import re
import unicodedata
from enum import Enum

# The version goes into the ledger: what a person agreed to is what stood here under that name.
OPT_IN_WORDING = "opt-in-1"
OPT_IN = (
    "Roll Call St. Louis: reply YES for texts about the police meetings you follow. "
    "Up to 8 msgs/month. Msg & data rates may apply. HELP for help, STOP to end."
)
WELCOME = (
    "Roll Call St. Louis: you will get texts about the meetings you follow. Up to 8 msgs/month. "
    "Msg & data rates may apply. HELP for help, STOP to end."
)
STOPPED = "Roll Call St. Louis: you will get no more texts from us. Reply START to get them again."
HELP = (
    "Roll Call St. Louis: texts about police meetings you follow. Choose them in the app. "
    "Msg & data rates may apply. Reply STOP to end. In an emergency call 911."
)
NOT_UNDERSTOOD = (
    "Roll Call St. Louis: nobody reads this number. Reply HELP or STOP. In an emergency call 911."
)
NOT_ASKED = "Roll Call St. Louis: choose what to follow in the app first; we will then text you."

# Accepted from the app. Words exist in English so far; the others are answered in it.
LANGUAGES = ("en", "es", "bs", "vi", "ar", "so", "sw", "prs", "ps")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Meaning(Enum):
    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


# What Twilio's own opt-out handling matches: the whole text, but for case and outer spaces. To these
# it answers itself, so that an answer of ours would be the second.
CARRIER_STOP = _words("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT")

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
STOP_WHOLE = {"no mas", "no more", "ya no", "dar de baja", "wrong number", "numero equivocado"}


def meaning(text: str) -> Meaning:
    """What an incoming text asks for; STOP in any plain words, English or Spanish."""
    plain = _plain(text)
    words = [word for word in plain.split() if word not in FILLERS]
    if _means_stop(plain, words):
        return Meaning.STOP
    if words and all(word in START_WORDS for word in words):
        return Meaning.START
    if words and all(word in HELP_WORDS for word in words):
        return Meaning.HELP
    return Meaning.OTHER


def carrier_answers(text: str) -> bool:
    """Whether Twilio's default handling answers this text itself."""
    return text.strip().upper() in CARRIER_STOP


def _means_stop(plain: str, words: list[str]) -> bool:
    if words and all(word in STOP_WORDS for word in words):
        return True
    if " ".join(words) in STOP_WHOLE or plain in STOP_WHOLE:
        return True
    return any(f" {phrase} " in f" {plain} " for phrase in STOP_PHRASES)


def _plain(text: str) -> str:
    """Lower case, without accents, apostrophes and punctuation; "stoppp" has its p's once."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    bare = re.sub(r"['’`´]", "", bare)
    return re.sub(r"(\w)\1{2,}", r"\1", " ".join(re.findall(r"[^\W_]+", bare)))
