"""Documents that are made once and kept: signed waivers and certificates, as PDF. Pure; the same input, the same bytes.

DejaVu Sans, because names have letters that the PDF's own fonts lack.
"""

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fpdf import FPDF

FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"


@dataclass(frozen=True)
class Kept:
    """A document as it is stored: Base64, and the SHA-256 by which anybody can see that it is the same."""

    base64: str
    sha256: str


def kept(document: bytes) -> Kept:
    return Kept(b64encode(document).decode(), hashlib.sha256(document).hexdigest())


def opened(stored: str) -> bytes:
    """The document as it was made."""
    return b64decode(stored)


def _page(title: str, made_at: datetime, *, orientation: str = "portrait") -> FPDF:
    pdf = FPDF(orientation=orientation, unit="mm", format="letter")
    pdf.set_creation_date(made_at)
    pdf.set_title(title)
    pdf.set_lang("en-US")
    pdf.set_margin(20)
    pdf.add_font("DejaVu", fname=FONT)
    pdf.add_page()
    return pdf


def _write(pdf: FPDF, text: str, size: float, *, after: float = 4, align: str = "L") -> None:
    pdf.set_font("DejaVu", size=size)
    pdf.multi_cell(0, size * 0.5, text, align=align, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(after)


def signed_waiver(
    *, program: str, number: int, text: str, text_hash: str, lines: list[tuple[str, str]], made_at: datetime
) -> bytes:
    """The exact text that was signed, its hash, and under it who, how and when, as (label, value)."""
    pdf = _page(f"{program}: waiver {number}", made_at)
    _write(pdf, program, 16)
    _write(pdf, f"Waiver, version {number}", 11)
    _write(pdf, text, 10, after=8)
    for label, value in lines:
        _write(pdf, f"{label}: {value}", 10, after=1)
    _write(pdf, f"SHA-256 of the text: {text_hash}", 7, after=1)
    return bytes(pdf.output())


def certificate(*, program: str, cohort: str, name: str, hours: str, made_at: datetime, day: str) -> bytes:
    """That somebody has finished a course."""
    pdf = _page(f"{program}: certificate", made_at, orientation="landscape")
    pdf.ln(25)
    _write(pdf, program, 28, after=10, align="C")
    _write(pdf, "This certifies that", 14, after=6, align="C")
    _write(pdf, name, 26, after=8, align="C")
    _write(pdf, f"has completed {cohort}: {hours}.", 14, after=14, align="C")
    _write(pdf, day, 12, align="C")
    return bytes(pdf.output())
