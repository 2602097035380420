"""Photos made for tests: with all that phones hide in them, and with headers that lie; and how they are sent."""

import io
import struct
import zlib
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from backend.notifications.registry import JOBS

MARK = b"MARKER-4711"  # in each place where a photo can say more than it shows
LATITUDE = (38.0, 37.0, 36.78125)
ORIENTATION, GPS, CAMERA, DESCRIPTION = 0x0112, 0x8825, 0x010F, 0x010E
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + MARK + b"</x:xmpmeta>"


def scene(width: int = 64, height: int = 40) -> Image.Image:
    """Red on the left, blue on the right, with a green bar along the top."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (width // 2, 0, width, height))
    image.paste((30, 160, 30), (0, 0, width, height // 4))
    return image


def exif(orientation: int = 1) -> Image.Exif:
    data = Image.Exif()
    data[ORIENTATION] = orientation
    data[CAMERA] = data[DESCRIPTION] = MARK.decode()
    data.get_ifd(GPS).update({1: "N", 2: LATITUDE, 3: "W", 4: (90.0, 11.0, 53.5), 29: MARK.decode()})
    return data


def photo(form: str = "JPEG", orientation: int = 1, size: tuple[int, int] = (64, 40)) -> bytes:
    """With a position, a camera, XMP and whatever else the form can carry."""
    out, image = io.BytesIO(), scene(*size)
    if form == "PNG":
        text = PngInfo()
        text.add_text("Comment", MARK.decode())
        text.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
        text.add_text("Place", MARK.decode(), zip=True)
        image.save(out, "PNG", pnginfo=text, exif=exif(orientation))
    elif form == "JPEG":
        image.save(out, "JPEG", exif=exif(orientation), xmp=XMP, comment=MARK, quality=95)
        iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(MARK) + 5)
        iptc += b"\x1c\x02\x78" + struct.pack(">H", len(MARK)) + MARK
        segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
        jpeg = out.getvalue()
        return jpeg[:2] + segment + jpeg[2:] + MARK  # and something after its end
    else:
        image.save(out, form, exif=exif(orientation).tobytes(), xmp=XMP, quality=95)
    return out.getvalue()


def scans(count: int) -> bytes:
    """A progressive JPEG of this many scans: the last of its own, over and over."""
    out = io.BytesIO()
    scene().save(out, "JPEG", progressive=True)
    jpeg = out.getvalue()
    last, own = jpeg.rindex(b"\xff\xda"), jpeg.count(b"\xff\xda")
    return jpeg[:-2] + jpeg[last:-2] * (count - own) + jpeg[-2:]


def huge_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """900 megapixels, says the header of a few dozen bytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"\0" * 99))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_jpeg(width: int = 30_000, height: int = 30_000) -> bytes:
    small = io.BytesIO()
    Image.new("RGB", (8, 8)).save(small, "JPEG")
    data = small.getvalue()
    start = data.index(b"\xff\xc0") + 5
    return data[:start] + struct.pack(">HH", height, width) + data[start + 4 :]


def huge_webp() -> bytes:
    """16,384 pixels a side."""
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + b"\xff\x3f\x00" * 2
    return b"RIFF" + struct.pack("<I", len(body)) + body


# --- over HTTP --------------------------------------------------------------------------------------------


def send(client: Any, told: dict[str, Any], data: bytes, kind: str = "image/jpeg", **headers: str) -> Any:
    given = {"X-Upload-Token": told["upload_token"], **headers}
    return client.post("/api/v1/concerns/photos", data, content_type=kind, headers=given)


def work(committed: Any) -> None:
    with committed():
        JOBS["photos"].run(timezone.now())


def by_receipt(client: Any, told: dict[str, Any], photo_id: Any, **body: Any) -> Any:
    path = f"/api/v1/concerns/receipt/photos/{photo_id}"
    return client.post(path, {"receipt": told["receipt"], **body}, content_type="application/json")


def files() -> set[str]:
    try:
        folders = default_storage.listdir("photos")[0]
    except FileNotFoundError:
        return set()
    return {f"photos/{f}/{name}" for f in folders for name in default_storage.listdir(f"photos/{f}")[1]}
