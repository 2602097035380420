"""Photos as bytes: what they are, and that nothing is left in them but what is seen."""

import io
import subprocess
import tracemalloc
import zipfile

import pytest
from PIL import Image

from backend.feedback.concerns import pictures
from tests.concerns.pictures import MARK, huge_jpeg, huge_png, huge_webp, photo, scans, scene

FORMS = ("JPEG", "PNG", "WEBP", "HEIF")


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg), formats=("JPEG",))
    image.load()
    return image


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_left_but_what_is_seen(form: str) -> None:
    before = photo(form)
    image = Image.open(io.BytesIO(before))
    assert image.getexif()[0x010F] == MARK.decode()
    assert image.getexif().get_ifd(0x8825)[1] == "N"
    after = pictures.remade(before)
    assert (after.width, after.height) == (64, 40)
    assert MARK not in after.jpeg
    again = opened(after.jpeg)
    assert set(again.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not again.getexif()
    # Nothing but the JFIF header, tables and pixels: no APP1 (EXIF, XMP), APP2 (profiles), APP13 (IPTC), no comment.
    assert {name for name, _ in again.applist} <= {"APP0"}  # type: ignore[attr-defined]
    for x, y in ((5, 30), (60, 30), (30, 4)):
        assert near(again.getpixel((x, y)), scene().getpixel((x, y)))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_it_is_upright(form: str) -> None:
    """Orientation 6: the camera was held on its side; the viewer turns by 90° clockwise."""
    after = opened(pictures.remade(photo(form, orientation=6)).jpeg)
    assert after.size == (40, 64)
    assert near(after.getpixel((36, 40)), (30, 160, 30))  # type: ignore[arg-type]
    assert near(after.getpixel((5, 5)), (200, 30, 30))  # type: ignore[arg-type]
    assert near(after.getpixel((5, 60)), (30, 30, 200))  # type: ignore[arg-type]


def test_a_large_one_is_made_smaller() -> None:
    after = pictures.remade(photo("JPEG", size=(5120, 2000)))
    assert (after.width, after.height) == (2560, 1000)
    assert opened(after.jpeg).size == (2560, 1000)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_mode_becomes_a_photo(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert opened(pictures.remade(out.getvalue()).jpeg).mode == "RGB"


def test_what_is_transparent_is_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (30, 20), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(pictures.remade(out.getvalue()).jpeg).getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_of_what_moves_the_first_picture(form: str) -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "blue")]
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100)
    assert near(opened(pictures.remade(out.getvalue()).jpeg).getpixel((9, 9)), (255, 0, 0))  # type: ignore[arg-type]


@pytest.mark.parametrize("bomb", [huge_png(), huge_jpeg(), huge_webp(), huge_png(20_001, 10)])
def test_a_bomb_costs_no_memory(bomb: bytes) -> None:
    assert len(bomb) < 1000
    tracemalloc.start()
    with pytest.raises(pictures.TooManyPixelsError):
        pictures.sniff(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
    with pytest.raises(pictures.TooManyPixelsError):
        pictures.remade(bomb)


def disguised() -> dict[str, bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", "a")
    tiff, gif, avif = io.BytesIO(), io.BytesIO(), io.BytesIO()
    scene().save(tiff, "TIFF")
    scene().save(gif, "GIF")
    scene().save(avif, "AVIF")
    return {
        "html": b"<!doctype html><script>alert(1)</script>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
        "zip": archive.getvalue(),
        "tiff": tiff.getvalue(),
        "gif": gif.getvalue(),
        "avif": avif.getvalue(),
        "jpeg that is html": b"\xff\xd8\xff\xe0<html><script>alert(1)</script></html>",
        "jpeg cut off": photo()[:40],
        "heic without a picture": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40,
        "webp without a picture": b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 30,
        "nothing": b"",
    }


@pytest.mark.parametrize("what", disguised())
def test_what_is_no_photo(what: str) -> None:
    with pytest.raises(pictures.NoPictureError):
        pictures.sniff(disguised()[what])


def test_what_only_begins_as_a_photo_is_refused_when_it_is_read() -> None:
    cut = photo(size=(640, 400))[:3000]
    assert pictures.sniff(cut)[1:] == (640, 400)
    with pytest.raises(pictures.NoPictureError):
        pictures.remade(cut)


def test_a_hundred_scans_and_no_more() -> None:
    """Hundreds of them, which a few bytes each can ask for, cost a minute."""
    assert pictures.sniff(scans(100))[0] == "JPEG"
    assert pictures.remade(scans(100)).width == 64
    for read in (pictures.sniff, pictures.remade):
        with pytest.raises(pictures.NoPictureError):
            read(scans(101))


def test_what_only_looks_like_scans_is_not_counted() -> None:
    """In a comment, and in the film that some phones put after the photo's end."""
    marks, jpeg = b"\xff\xda\0\x02" * 200, photo()
    comment = b"\xff\xfe" + (len(marks) + 2).to_bytes(2) + marks
    assert pictures.sniff(jpeg[:2] + comment + jpeg[2:] + marks)[1:] == (64, 40)


def programmed(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Another program in the decoder's place."""
    monkeypatch.setattr(pictures, "COMMAND", (*pictures.COMMAND[:2], "-c", program))


BURNS = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass"


@pytest.mark.parametrize(
    "program", ["import os; os.kill(os.getpid(), 11)", "import time; time.sleep(60)", BURNS]
)
def test_what_crashes_the_decoder_or_takes_it_too_long_is_no_photo(
    monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(pictures, "SECONDS", 30 if program == BURNS else 2)
    programmed(monkeypatch, program)
    with pytest.raises(pictures.NoPictureError):
        pictures.remade(photo())


def test_the_decoder_limits_its_own_cpu_time() -> None:
    """Softly first, by a signal that tells it from a kill; and below the time that the worker waits."""
    program = (
        "import resource, runpy, sys; runpy.run_path(sys.argv[1], run_name='decoder')['_main'](); "
        "print(*resource.getrlimit(resource.RLIMIT_CPU))"
    )
    command = (*pictures.COMMAND[:2], "-c", program, str(pictures.__file__))
    done = subprocess.run(command, input=b"?", capture_output=True, check=True)
    assert done.stdout.split() == [b"10", b"11"]
    assert pictures.SECONDS > 10


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os; os.kill(os.getpid(), 9)", "-9"),
        ("import os, sys; sys.exit(7 if set(os.environ) - {'LC_CTYPE'} else 8)", "8"),
    ],
)
def test_a_decoder_that_is_killed_is_not_the_photos_fault(
    monkeypatch: pytest.MonkeyPatch, program: str, reason: str
) -> None:
    """And it has no keys."""
    programmed(monkeypatch, program)
    with pytest.raises(pictures.DecodingStoppedError, match=reason):
        pictures.remade(photo())


def test_a_decoder_that_cannot_be_started_is_not_the_photos_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "COMMAND", ("/nowhere/python",))
    with pytest.raises(pictures.DecodingStoppedError, match="not started"):
        pictures.remade(photo())


def test_black_is_where_the_boxes_are() -> None:
    jpeg = pictures.remade(photo(size=(200, 100))).jpeg
    covered = opened(pictures.blackened(jpeg, [(0, 50, 40, 50), (150, 60, 50, 40)]))
    for point in ((1, 52), (38, 98), (152, 62), (198, 98)):
        assert max(covered.getpixel(point)) < 12  # type: ignore[arg-type]
    assert near(covered.getpixel((90, 80)), (200, 30, 30))  # type: ignore[arg-type]
