"""Words of other programs as plain text: without HTML, without control characters; pure."""

import re
from html.parser import HTMLParser
from typing import Any

LONGEST_MARKUP = 16_000  # letters; more is cut off before it is read
LONGEST_LINK = 200  # letters


def web_address(value: Any) -> str:
    """The web address, where the value is one and nothing else."""
    found = re.fullmatch(r"https?://\S+", str(value or "").strip())
    return found[0] if found and len(found[0]) <= LONGEST_LINK else ""


def one_line(value: Any) -> str:
    """The words in one line, with single spaces."""
    return " ".join(plain_text(value).split())


_MARKUP = re.compile(r"</?[a-z][^<>]*>|&(?:amp|lt|gt|quot|nbsp|#\d+);", re.IGNORECASE)


def plain_text(value: Any) -> str:
    """Plain text: Google's descriptions are HTML, which calendar programs would show as tags."""
    words = str(value or "")[:LONGEST_MARKUP]
    for _ in range(2):  # HTML may stand in HTML
        if _MARKUP.search(words):
            words = _Words.of(words)
    words = "".join(
        letter if letter.isprintable() or letter == "\n" else " "
        for letter in words.replace("\r\n", "\n").replace("\xa0", " ")
    )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in words.split("\n"))).strip()


class _Words(HTMLParser):
    """The words of HTML, with a link's address behind its words."""

    BREAKS, SILENT = {"br", "p", "div", "li", "tr", "ul", "ol"}, {"script", "style"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silent, self.href = "", ""

    @classmethod
    def of(cls, html: str) -> str:
        parser = cls()
        try:
            parser.feed(html)
            parser.close()
        except AssertionError:  # the parser's, of a broken declaration
            return re.sub(r"<[^>]*>", " ", html)
        return "".join(parser.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self.silent = tag
        elif tag in self.BREAKS:
            self.words.append("\n")
        elif tag == "a":
            self.href = web_address(dict(attrs).get("href"))

    def handle_endtag(self, tag: str) -> None:
        if tag == self.silent:
            self.silent = ""
        elif tag in self.BREAKS and tag != "br":
            self.words.append("\n")
        elif tag == "a" and self.href:
            if self.words[-1:] != [self.href]:
                self.words.append(f" ({self.href})")
            self.href = ""

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)
