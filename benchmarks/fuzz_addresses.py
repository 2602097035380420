"""Fuzzes what reads addresses, completes them and tells towns: none may crash, or take more than 20 ms of CPU.

    [STL_DATA=…] python benchmarks/fuzz_addresses.py [--seconds 600] [--seed N]

Mutates real spellings (an invented grid of streets where STL_DATA is absent), and mixes in random Unicode and
long repetitions. An input over the limit is measured again three times and its least time counts, since
the machine may be busy; any exception but AddressNotFound is a crash.
"""

import argparse
import csv
import os
import random
import string
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from streets_of import city_segments, invented_segments

from backend.roster.addresses import AddressIndex, AddressNotFound, Completions, Point, town_at_end
from backend.roster.addresses.words import MAX_CHARS

LIMIT_MS = 20.0
Reader = Callable[[str], object]
_WORDS = (
    "AND & / @ AT , - X NEAR BETWEEN BLOCK OF 1/2 # APT ST N I 44 I-70 WB HWY 63103 MO ( ) 12TH 100 42XX TO "
    "CORNER | : ½ ’ – ａ e\u0301 \u200b İ ß ﬃ \U0001d7d8 ٣"
)
_PIECES = [*_WORDS.split(), "ST LOUIS", "EXIT 40", "\x00"]
_TOWNS = {"CLAYTON", "ST ANN", "OLIVE", "UNIVERSITY CITY"}
_ALPHABET = string.ascii_uppercase + string.digits + " /&@,-#.'():½éñ\u0301\u202e"


def main() -> None:
    options = argparse.ArgumentParser(description="Fuzzes the address parser.")
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    chosen = options.parse_args()
    folder = os.environ.get("STL_DATA", "")
    segments = list(city_segments(Path(folder)) if folder else invented_segments())
    spellings = _real_spellings(Path(folder)) if folder else [f"{n} {s.name}" for n, s in enumerate(segments)]
    places = [Point("1 OLIVE ST", 38.63, -90.2, f"{segment.name} School") for segment in segments[::40]]
    index = AddressIndex(segments, places)
    completions = Completions(index.streets, index.places)
    readers: dict[str, Reader] = {
        "locate": index.locate,
        "completions": completions.of,
        "town_at_end": lambda text: town_at_end(text, _TOWNS),
    }
    print(f"seed {chosen.seed}, {len(segments)} stretches of street, {len(spellings)} spellings")
    sys.exit(_fuzz(readers, spellings, random.Random(chosen.seed), chosen.seconds))


def _fuzz(readers: dict[str, Reader], spellings: list[str], draw: random.Random, seconds: float) -> int:
    count, found, slowest, over, crashes = 0, 0, (0.0, "", ""), 0, 0
    end = time.monotonic() + seconds
    for text in _texts(spellings, draw):
        if time.monotonic() > end:
            break
        count += 1
        for name, read in readers.items():
            try:
                spent, answered = _timed(read, text)
                if spent > LIMIT_MS:
                    spent = min(_timed(read, text)[0] for _ in range(3))
            except Exception as error:
                crashes += 1
                print(f"crash of {name}: {error!r} at {text[:300]!r}")
                continue
            found += answered
            slowest = max(slowest, (spent, name, text))
            if spent > LIMIT_MS:
                over += 1
                print(f"{name} {spent:.1f} ms: {text[:300]!r}")
    print(f"inputs {count}, answers {found}")
    print(f"slowest {slowest[0]:.2f} ms, {slowest[1]} of {slowest[2][:120]!r} ({len(slowest[2])} characters)")
    print(f"crashes {crashes}, over {LIMIT_MS:.0f} ms {over}")
    return 1 if crashes or over else 0


def _timed(read: Reader, text: str) -> tuple[float, bool]:
    """(milliseconds of CPU, whether anything was found)."""
    start = time.thread_time_ns()
    try:
        found = bool(read(text))
    except AddressNotFound:
        found = False
    return (time.thread_time_ns() - start) / 1e6, found


def _real_spellings(folder: Path) -> list[str]:
    with (folder / "truth.csv").open() as truth, (folder / "messy_addresses.csv").open() as messy:
        return [r["address"] for r in csv.DictReader(truth)] + [r["raw"] for r in csv.DictReader(messy)]


def _texts(spellings: list[str], draw: random.Random) -> Iterator[str]:
    makers = [_mutated, _mutated, _mutated, _spliced, _pieces, _unicode, _repeated, _patterned]
    while True:
        yield draw.choice(makers)(spellings, draw)


def _mutated(spellings: list[str], draw: random.Random) -> str:
    characters = list(draw.choice(spellings))
    for _ in range(draw.randint(1, 6)):
        at = draw.randint(0, len(characters))
        characters[at : at + draw.randint(0, 2)] = draw.choice(
            [draw.choice(_ALPHABET), draw.choice(_PIECES), "", f" {draw.choice(_PIECES)} "]
        )
    return "".join(characters)


def _spliced(spellings: list[str], draw: random.Random) -> str:
    return draw.choice(_PIECES).join(draw.choices(spellings, k=draw.randint(2, 12)))[: draw.randint(1, 260)]


def _pieces(spellings: list[str], draw: random.Random) -> str:
    own = draw.choice(spellings).split()
    return " ".join(
        draw.choice([draw.choice(_PIECES), draw.choice(own or [""])]) for _ in range(draw.randint(1, 60))
    )


def _unicode(spellings: list[str], draw: random.Random) -> str:
    return "".join(chr(draw.randrange(1, 0x110000)) for _ in range(draw.randint(1, MAX_CHARS)))


def _repeated(spellings: list[str], draw: random.Random) -> str:
    unit = draw.choice(
        [*_PIECES, "AND ", "1 ", "9" * 9, "I 70 ", "( ", "1/2", f"{draw.choice(spellings)} / "]
    )
    return unit * draw.choice([3, 20, MAX_CHARS // max(1, len(unit)), 5000]) + draw.choice(["", *spellings])


def _patterned(spellings: list[str], draw: random.Random) -> str:
    """A few short pieces over and over, as long as a text may be: what is tried for each may multiply."""
    pieces = [*_PIECES, *"1A,/-#(& ", ", ", " 1", draw.choice(spellings)[:12]]
    unit = "".join(draw.choices(pieces, k=draw.randint(1, 4))) or "1,"
    return (unit * MAX_CHARS)[:MAX_CHARS]


if __name__ == "__main__":
    main()
