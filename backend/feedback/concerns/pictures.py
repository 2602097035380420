"""Photos as bytes: what was sent is told from its bytes, made anew without what is hidden in it, and painted over.

Imports nothing of the project. Decoding what strangers send happens in a process of its own (`remade`), which has
this file, no keys, and limits of memory and time: a file that breaks a decoder breaks that process alone.
"""

import io
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterable
from typing import NamedTuple

import pillow_heif
from PIL import Image, ImageCms, ImageDraw, ImageOps, UnidentifiedImageError

# JPEG with further pictures inside (MPO) counts as JPEG; AVIF is refused, for no phone takes photos in it.
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
MAX_PIXELS = 50_000_000
MAX_SIDE = 20_000
LONG_SIDE = 2560  # pixels: a number plate across the street can still be read
QUALITY = 85
# A photo of MAX_PIXELS takes 4 bytes a pixel, twice while it is converted, and what the decoder needs.
MEMORY = 1_500_000_000
SECONDS = 30
CPU_SECONDS = 10
# A phone's progressive JPEG has about ten; each makes the decoder go through the whole picture once more.
MAX_SCANS = 100
NO_PICTURE, TOO_MANY = 3, 4  # exit codes
# From outside: for want of memory, or the machine goes down. The limit of CPU time and a crash have other signals.
KILLED = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
# Isolated (-I), and without an environment: the keys are not in there.
COMMAND = (sys.executable, "-I", __file__)

Box = tuple[int, int, int, int]  # left, top, width, height

# ITU-T T.81 B.1.1: what begins a segment. In a scan's data 0xFF is followed by 0 or a restart marker (D0 to D7).
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA

pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


class NoPictureError(ValueError):
    """These bytes are no photo that we read."""


class TooManyPixelsError(ValueError):
    """A photo that nobody's camera took, or that would take all our memory."""


class DecodingStoppedError(Exception):
    """The decoder could not be started or was killed from outside: the machine's fault, not the photo's."""


class Remade(NamedTuple):
    """A JPEG without anything but its pixels, and its size."""

    jpeg: bytes
    width: int
    height: int


def sniff(data: bytes) -> tuple[str, int, int]:
    """(format, width, height) by the bytes' own header; no pixel is decoded.

    Raises NoPictureError and TooManyPixelsError.
    """
    with _opened(data) as image:
        return image.format or "", image.width, image.height


def remade(data: bytes) -> Remade:
    """The photo as its viewer sees it, upright, in sRGB, at most LONG_SIDE long, with no byte of its metadata.

    Of what moves, the first picture. Raises NoPictureError, also for what crashes the decoder or takes it longer
    than SECONDS or CPU_SECONDS, TooManyPixelsError and DecodingStoppedError.
    """
    try:
        done = subprocess.run(COMMAND, input=data, capture_output=True, timeout=SECONDS, env={})
    except subprocess.TimeoutExpired:
        raise NoPictureError() from None
    except OSError as error:
        raise DecodingStoppedError(f"the decoder was not started: {error.strerror}") from None
    if done.returncode == TOO_MANY:
        raise TooManyPixelsError()
    if done.returncode == NO_PICTURE or (done.returncode < 0 and done.returncode not in KILLED):
        raise NoPictureError()
    if done.returncode:
        raise DecodingStoppedError(f"the decoder ended with {done.returncode}")
    _, width, height = sniff(done.stdout)
    return Remade(done.stdout, width, height)


def blackened(jpeg: bytes, boxes: Iterable[Box]) -> bytes:
    """One of our own JPEGs with black where the boxes are."""
    with _opened(jpeg) as image:
        image.load()
        draw = ImageDraw.Draw(image)
        for left, top, width, height in boxes:
            draw.rectangle((left, top, left + width - 1, top + height - 1), fill=(0, 0, 0))
        return _jpeg(image)


def _opened(data: bytes) -> Image.Image:
    """What opens lazily. Raises NoPictureError and TooManyPixelsError."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixelsError() from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError):
        raise NoPictureError() from None
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
        image.close()
        raise TooManyPixelsError()
    if _scans(data) > MAX_SCANS:
        image.close()
        raise NoPictureError()
    return image


def _scans(data: bytes) -> int:
    """Of a JPEG's first picture, by its markers and as far as MAX_SCANS + 1; 0 for what is no JPEG."""
    scans, at = 0, 2
    if not data.startswith(b"\xff\xd8"):
        return 0
    while scans <= MAX_SCANS and (found := _MARKER.search(data, at)):
        marker = found[1][0]
        if marker in (_SOI, _EOI):  # what follows is another picture, a film, or anything
            break
        scans += marker == _SOS
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2])
    return scans


# --- in the process of its own --------------------------------------------------------------------------


def _remake(data: bytes) -> bytes:
    with _opened(data) as image:
        profile = image.info.get("icc_profile")
        small = _eight_bits(image)
        small.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
        upright = ImageOps.exif_transpose(small)
        return _jpeg(_srgb(upright, profile))


def _eight_bits(image: Image.Image) -> Image.Image:
    """In a mode that can be made smaller: no palette, no single bits, no 16 or 32 bits a channel."""
    if image.mode.startswith(("I", "F")):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("P", "PA"):
        return image.convert("RGBA")
    return image.convert("L") if image.mode == "1" else image


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB on white, with the colours that the picture's own profile means."""
    if "A" in image.getbands():
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    if profile:
        try:
            source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a profile that cannot be read: the numbers as they are
        if converted is not None:
            return converted
    return image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    """A picture that begins empty takes nothing along: no comment, profile, position or thumbnail."""
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # At the lower limit comes SIGXCPU, at the upper one a SIGKILL that tells nothing.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    try:
        jpeg = _remake(sys.stdin.buffer.read())
    except (TooManyPixelsError, MemoryError):
        return TOO_MANY
    except Exception:  # whatever a decoder raises on it, it will raise again
        return NO_PICTURE
    sys.stdout.buffer.write(jpeg)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
