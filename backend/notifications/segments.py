"""What a text is billed as: its alphabet and its segments (3GPP TS 23.038). Pure."""

import math

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_TWO = frozenset("^{}\\[~]|€\f")  # two places each, which no segment border parts
# One text alone, and each part of several, in places of 7 and of 16 bits.
ALONE_7, PART_7 = 160, 153
ALONE_16, PART_16 = 70, 67

# Typography that would cost a text half its room and that nobody misses. Letters keep their accents.
_PLAINER = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys(
            "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000\t", " "
        ),
        **dict.fromkeys("\u200b\u2060\ufeff\u00ad", ""),
        "…": "...",
        "•": "-",
    }
)


def plainer(text: str) -> str:
    """The same words with the quotes, dashes and spaces that every phone's cheapest alphabet has."""
    return text.translate(_PLAINER)


def is_gsm7(text: str) -> bool:
    return all(c in GSM7 or c in GSM7_TWO for c in text)


def segments(text: str) -> int:
    """How many segments a text is sent and billed as; one letter outside GSM 7-bit makes all of it 16-bit."""
    return _parts(*_sizes(text))


def _sizes(text: str) -> tuple[list[int], int, int]:
    """The places that each character takes, and how many there are in one text alone and in each part of several."""
    if is_gsm7(text):
        return [2 if c in GSM7_TWO else 1 for c in text], ALONE_7, PART_7
    return [2 if ord(c) > 0xFFFF else 1 for c in text], ALONE_16, PART_16


def _parts(sizes: list[int], alone: int, part: int) -> int:
    if sum(sizes) <= alone:
        return 1
    count, left = 1, part
    for size in sizes:
        if size > left:
            count, left = count + 1, part
        left -= size
    return count


def room(text: str) -> int:
    """How many more characters of the text's own alphabet fit without another segment."""
    sizes, alone, part = _sizes(text)
    used = sum(sizes)
    return alone - used if used <= alone else math.ceil(used / part) * part - used
