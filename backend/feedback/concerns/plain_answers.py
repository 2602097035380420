"""What a reporter's text says of whether a closed concern was dealt with, if it plainly does. Pure.

The carriers' words (YES, STOP and what is like them) never arrive here; the page behind our texts asks for FIXED
or NOT FIXED, in Spanish RESUELTO or NO RESUELTO. Words are weighed only where nothing else is said: whoever writes
more is read by a person, and so is everybody whose words were understood.
"""

import re

from backend.feedback.concerns.plain import bare

MOST_WORDS = 8
DEALT_WITH = {
    *("fixed", "solved", "resolved", "dealt with", "taken care of"),
    *("resuelto", "resuelta", "arreglado", "arreglada", "solucionado", "solucionada", "atendido", "atendida"),
}
NEGATIONS = {"no", "not", "never", "isnt", "wasnt", "hasnt", "nunca"}
NO = {
    "no",
    "nope",
    "not yet",
    "no it was not",
    "no it wasnt",
    "no it is not",
    "no it isnt",
    "todavia no",
    "aun no",
}
FILLERS = {
    *("yes", "yeah", "it", "its", "is", "was", "has", "been", "got", "still", "yet", "now", "all", "thanks"),
    *("thank", "you", "please", "si", "ya", "esta", "fue", "ha", "sido", "se", "todavia", "aun", "gracias"),
}


def was_dealt_with(text: str) -> bool | None:
    """True and False for words that plainly say so, in English or Spanish; None for all others, and for a question.

    >>> was_dealt_with("Yes, it was fixed. Thank you!"), was_dealt_with("still NOT fixed"), was_dealt_with("ok")
    (True, False, None)
    """
    plain = _plain(text)
    if plain in NO:
        return False
    words = plain.split()
    if "?" in text or "¿" in text or len(words) > MOST_WORDS:
        return None
    said = " ".join(word for word in words if word not in FILLERS | NEGATIONS)
    if said not in DEALT_WITH:
        return None
    return not NEGATIONS.intersection(words)


def _plain(text: str) -> str:
    """Lower case, without accents, apostrophes and punctuation."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"['’`´]", "", bare(text))))
