"""What we heard, as Markdown and CSV, line by line. Pure.

What people wrote stands in quote blocks, with every sign escaped that Markdown could read as more than text; no cell
of a CSV runs as a formula.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from backend.feedback.workinggroups.report import KINDS, OF_THE_WHOLE, OUTCOMES, Facts, Said, tables

NOT_SHOWN = "not shown"

# --- Markdown -----------------------------------------------------------------------------------------

# What CommonMark lets a backslash escape, but for commas, quotation and question marks, which mean nothing in it.
_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~=:/&@$^%;])")
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"
)  # controls, and what turns a line around


def plain(words: str) -> str:
    """One line that Markdown shows as it is written: no link, image, heading, list, table or HTML comes of it."""
    line = " ".join(_UNSEEN.sub(" ", words).split())
    # What follows an @ is taken for an address even where the @ is escaped; the joiner has no width.
    return _SIGNS.sub(r"\\\1", line).replace("\\@", "\\@\u2060")


def quoted(words: str) -> Iterator[str]:
    """Lines of a quote block; nothing that is written in it ends it."""
    lines = [plain(line) for line in words.splitlines()]
    for line in lines or [""]:
        yield f"> {line}  " if line else ">"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(plain(str(cell)) for cell in row) + " |"
    yield ""


def _row_name(row: dict[str, Any]) -> str:
    """As a section stands in a table."""
    if row["key"] is None:
        return OF_THE_WHOLE
    gone = " (orphaned: not in the newest version)" if row["is_orphaned"] else ""
    return f"{row['number']} {row['heading']}{gone}"


def _label(name: str) -> str:
    return name.replace("_", " ")


def markdown(facts: Facts, said: Iterable[Said]) -> Iterator[str]:
    """The report, line by line; the words come as they are read."""
    made = tables(facts)
    yield from _opening(facts, made)
    yield from _figures(made)
    yield from _testimonies(made)
    yield from _demographics(made)
    yield from _sums(made)
    heads = iter(("## Comments", ""))
    for comment in said:
        yield from heads
        yield from _comment(comment)


def _opening(facts: Facts, made: dict[str, Any]) -> Iterator[str]:
    yield from (f"# What we heard: {plain(facts.title)}", "")
    of = f" on version {facts.version}" if facts.version else ""
    yield f"{plain(facts.group)}: a call for input{of},"
    yield f"open from {facts.opens_at:%Y-%m-%d} to {facts.closes_at:%Y-%m-%d}."
    yield from ("", f"{made['comments']} comments came.", "")
    yield from _table([_label(kind) for kind in KINDS], [list(made["kinds"].values())])
    if made["moderated"]:
        yield from ("Kept back by the moderation policy, by grounds:", "")
        yield from _table(list(made["moderated"]), [list(made["moderated"].values())])


def _figures(made: dict[str, Any]) -> Iterator[str]:
    outcomes = [_label(name) for name in OUTCOMES]
    yield from ("## What became of them, by section", "")
    rows = [[_row_name(r), *r["outcomes"].values(), r["comments"], r["supports"]] for r in made["sections"]]
    rows.append(["all", *made["outcomes"].values(), made["comments"], made["supports"]])
    yield from _table(["section", *outcomes, "comments", "supports"], rows)
    yield from ("## By theme", "", made["themes_note"], "")
    rows = [[row["name"], *row["outcomes"].values(), row["comments"]] for row in made["themes"]]
    yield from _table(["theme", *outcomes, "comments"], rows)
    yield from (f"Without a theme: {made['without_theme']}.", "")
    if made["landed"]:
        yield from ("## Where they landed", "")
        rows = [[r["version"], f"{r['number']} {r['heading']}", r["comments"]] for r in made["landed"]]
        yield from _table(["version", "section", "comments"], rows)
    if made["questions"]:
        yield from ("## Answers to the questions", "", "Without those of moderated comments.", "")
    for asked in made["questions"]:
        yield from (f"**{plain(asked['text'])}** Answered by {asked['answered']}.", "")
        if asked["choices"]:
            yield from _table(["answer", "count"], [list(row.values()) for row in asked["choices"]])


def _testimonies(made: dict[str, Any]) -> Iterator[str]:
    told = made["testimonies"]
    if told:
        kept = ", ".join(f"{count} {grounds}" for grounds, count in told["kept_back"].items()) or "none"
        yield from ("## Lived experience", "", f"{told['count']} were told; kept back: {kept}.", "")
        rows = [[row["name"], _shown(row["testimonies"])] for row in told["themes"]]
        yield from _table(["theme", "testimonies"], rows)
        yield from (told["note"], "")


def _demographics(made: dict[str, Any]) -> Iterator[str]:
    if made["demographics"]:
        yield from (
            "## How people described themselves",
            "",
            "In sums alone, not tied to what was told.",
            "",
        )
    for asked in made["demographics"] or ():
        if all(choice["count"] is None for choice in asked["choices"]):
            yield from (f"**{plain(asked['text'])}** Too few to show.", "")
            continue
        yield from (f"**{plain(asked['text'])}** Answered by {_shown(asked['people'])}.", "")
        rows = [[choice["text"], _shown(choice["count"])] for choice in asked["choices"]]
        yield from _table(["answer", "people"], rows)


def _shown(count: int | None) -> int | str:
    return NOT_SHOWN if count is None else count


def _sums(made: dict[str, Any]) -> Iterator[str]:
    yield from ("## Sums", "", "Each total was counted apart from the table.", "")
    rows = [[c["name"], c["sum"], c["total"], "yes" if c["adds_up"] else "no"] for c in made["checks"]]
    yield from _table(["table", "sum", "total", "adds up"], rows)


def _comment(said: Said) -> Iterator[str]:
    gone = " (orphaned)" if said.is_orphaned else ""
    yield from (f"### {plain(said.section)}{gone}, {plain(said.name)}", "")
    yield from quoted(said.words) if said.words else ()
    if said.wording:
        yield from ("", "A suggested wording:", "", *quoted(said.wording))
    for question, answer in said.answers:
        yield from ("", plain(question), "", *quoted(answer))
    landed = f", in {plain(said.landed)}" if said.landed else ""
    yield from ("", f"**{_label(said.outcome)}**{landed}: {plain(said.reason)}", "")


# --- CSV ----------------------------------------------------------------------------------------------

# What a spreadsheet takes for the beginning of a formula, full-width signs too (OWASP, "CSV Injection").
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def cell(value: Any) -> Any:
    """A figure as it is; words so that no spreadsheet runs them."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


class _Line:
    """What csv.writer writes to: gives the line back."""

    def write(self, line: str) -> str:
        return line


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def sections_csv(facts: Facts) -> Iterator[str]:
    """One row a section and outcome."""
    names = ("key", "number", "heading", "version", "is_orphaned")
    rows = (
        [*(row[name] for name in names), outcome, count]
        for row in tables(facts)["sections"]
        for outcome, count in row["outcomes"].items()
    )
    return _csv(["section", *names[1:], "outcome", "comments"], rows)


def themes_csv(facts: Facts) -> Iterator[str]:
    """One row a theme and outcome; at the end, without a key, what has no theme."""
    made = tables(facts)["themes"]
    without = {
        "key": "",
        "name": "without a theme",
        "outcomes": {outcome: facts.without_theme.get(outcome, 0) for outcome in OUTCOMES},
    }
    rows = (
        [row["key"], row["name"], outcome, count]
        for row in [*made, without]
        for outcome, count in row["outcomes"].items()
    )
    return _csv(["theme", "name", "outcome", "comments"], rows)


def comments_csv(said: Iterable[Said]) -> Iterator[str]:
    """One row a published comment."""
    rows = (
        [*one[:6], "\n".join(f"{question} {answer}" for question, answer in one.answers), *one[7:]]
        for one in said
    )
    return _csv([*Said._fields], rows)
