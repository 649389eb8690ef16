"""Files that people send each other: known by their content, without hidden data, kept apart."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

from common.errors import Incomplete

LIMIT = 10 * 1024 * 1024
UNPACKED = 200 * 1024 * 1024
ENTRIES = 5000
PIXELS = 100_000_000
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
OFFICE_PARTS = {
    "docx": ("word/document.xml", f"{OFFICE}wordprocessingml.document"),
    "xlsx": ("xl/workbook.xml", f"{OFFICE}spreadsheetml.sheet"),
    "pptx": ("ppt/presentation.xml", f"{OFFICE}presentationml.presentation"),
}
OPEN_TYPES = {"odt": f"{OPEN}text", "ods": f"{OPEN}spreadsheet", "odp": f"{OPEN}presentation"}
MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe|\?xml|meta)", re.IGNORECASE)
PNG = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP",
            b"sBIT", b"bKGD", b"pHYs"}  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """A file that may be kept."""

    name: str
    content_type: str
    data: bytes


class NotThat(Exception):
    """The content is not what the name says, or cannot be kept."""


@deconstructible
class PrivateStorage(FileSystemStorage):
    """Outside everything that a web server hands out; only a view that asks who reads opens it."""

    @property
    def base_location(self) -> str:
        return str(settings.PRIVATE_ROOT)

    @property
    def location(self) -> str:
        return str(settings.PRIVATE_ROOT)

    def url(self, name: str | None) -> str:
        raise ValueError("private files have no address")


class LimitedUpload(FileUploadHandler):
    """Stops keeping a file that grows too large; the rest of the form is read all the same."""

    received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > LIMIT:
            self.request.upload_is_too_large = True  # type: ignore[union-attr]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def limited(request: HttpRequest) -> HttpRequest:
    """Before anything reads the form: a view behind this protects itself against forgery."""
    request.upload_handlers = [LimitedUpload(request), *request.upload_handlers]
    return request


def check(name: str, data: bytes) -> Checked:
    """The file as it may be kept. Raises Incomplete with words for the person."""
    if len(data) > LIMIT:
        raise Incomplete({"file": too_large()})
    stem, extension = _parts(name)
    look = LOOKS.get(extension)
    if look is None or not data:
        raise Incomplete({"file": _not_taken()})
    try:
        content_type, kept = look(data, extension)
    except (NotThat, IndexError, zipfile.BadZipFile, NotImplementedError, OSError) as error:
        words = _("This file is not what its name says, or it is damaged. Save it anew.")
        raise Incomplete({"file": words}) from error
    return Checked(f"{stem}.{extension}", content_type, kept)


def too_large() -> str:
    return _("The file is larger than 10 MB. Send a smaller one.")


def _not_taken() -> str:
    return _("Send a PDF, a JPEG or PNG picture, an office document without macros, or plain text.")


def _parts(name: str) -> tuple[str, str]:
    """A name that is safe everywhere, and its ending."""
    last = re.split(r"[\\/:]", unicodedata.normalize("NFC", name))[-1]
    printable = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>"|?*;')
    stem, _dot, extension = " ".join(printable.split()).strip(". ").rpartition(".")
    return stem.strip(". ")[:100] or "file", extension.lower()


def _pdf(data: bytes, _extension: str) -> tuple[str, bytes]:
    if not re.match(rb"%PDF-[12]\.\d", data) or b"%%EOF" not in data[-2048:]:
        raise NotThat
    return "application/pdf", data


def _text(data: bytes, _extension: str) -> tuple[str, bytes]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotThat from error
    odd = any(unicodedata.category(c) == "Cc" and c not in "\t\r\n\f" for c in text)
    if odd or MARKUP.search(data):
        raise NotThat
    return "text/plain; charset=utf-8", data


def _names(data: bytes) -> tuple[zipfile.ZipFile, set[str]]:
    """The entries of an archive that is no bomb, hides nothing in front and runs nothing."""
    if not data.startswith(b"PK\x03\x04"):
        raise NotThat
    archive = zipfile.ZipFile(io.BytesIO(data))
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    bad = any(
        name.startswith(("/", "\\")) or ".." in name.split("/") or entry.flag_bits & 1
        for name, entry in ((entry.filename, entry) for entry in entries)
    )
    large = len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED
    runs = any("vbaproject" in name.lower() or name.startswith("Basic/") for name in names)
    if bad or large or runs or len(names) != len(entries):
        raise NotThat
    return archive, names


def _office(data: bytes, extension: str) -> tuple[str, bytes]:
    part, content_type = OFFICE_PARTS[extension]
    _archive, names = _names(data)
    if not {"[Content_Types].xml", part} <= names:
        raise NotThat
    return content_type, data


def _open(data: bytes, extension: str) -> tuple[str, bytes]:
    archive, names = _names(data)
    if "mimetype" not in names or archive.getinfo("mimetype").file_size > 200:
        raise NotThat
    if archive.read("mimetype").strip() != OPEN_TYPES[extension].encode():
        raise NotThat
    return OPEN_TYPES[extension], data


def _png(data: bytes, _extension: str) -> tuple[str, bytes]:
    """Picture and colours alone: no text, place, date, and nothing behind the end."""
    if not data.startswith(PNG + b"\x00\x00\x00\rIHDR"):
        raise NotThat
    if int.from_bytes(data[16:20], "big") * int.from_bytes(data[20:24], "big") > PIXELS:
        raise NotThat
    kept, at = [PNG], len(PNG)
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(
            data[end - 4 : end], "big"
        ):
            raise NotThat
        if name in PNG_KEPT:
            kept.append(data[at:end])
        if name == b"IEND":
            return "image/png", b"".join(kept)
        at = end
    raise NotThat


def _jpeg(data: bytes, _extension: str) -> tuple[str, bytes]:
    """Picture and colours alone; of what the camera wrote only which way is up is kept."""
    if not data.startswith(b"\xff\xd8\xff"):
        raise NotThat
    kept, at, framed = [b"\xff\xd8"], 2, False
    while data[at : at + 2] != b"\xff\xd9":
        marker = data[at + 1]
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + length
        if data[at] != 0xFF or marker < 0xC0 or length < 2 or end > len(data):
            raise NotThat
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            framed = True
            sides = data[at + 5 : at + 7], data[at + 7 : at + 9]
            if int.from_bytes(sides[0], "big") * int.from_bytes(sides[1], "big") > PIXELS:
                raise NotThat
        if marker == 0xDA:
            end = _end_of_scan(data, end)
        kept.append(_segment(data[at:end], marker))
        at = end
    if not framed:
        raise NotThat
    return "image/jpeg", b"".join([*kept, b"\xff\xd9"])


def _end_of_scan(data: bytes, at: int) -> int:
    """The next marker that is not part of the compressed picture."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise NotThat
        if data[at + 1] not in (0x00, 0xFF, *range(0xD0, 0xD8)):
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def _segment(segment: bytes, marker: int) -> bytes:
    body = segment[4:]
    if marker == 0xE1 and body.startswith(b"Exif\x00\x00"):
        return _upright(body[6:])
    icc = marker == 0xE2 and body.startswith(b"ICC_PROFILE\x00")
    hidden = (0xE1 <= marker <= 0xEF and marker != 0xEE and not icc) or marker == 0xFE
    return b"" if hidden else segment


def _upright(tiff: bytes) -> bytes:
    """A fresh EXIF block with nothing but the orientation; none when it is the usual one."""
    order: Any = {b"II*\x00": "little", b"MM\x00*": "big"}.get(tiff[:4])
    if order is None:
        return b""
    at = int.from_bytes(tiff[4:8], order)
    for number in range(min(200, int.from_bytes(tiff[at : at + 2], order))):
        entry = tiff[at + 2 + 12 * number : at + 14 + 12 * number]
        if int.from_bytes(entry[:2], order) == 0x0112:
            turn = int.from_bytes(entry[8:10], order)
            if not 2 <= turn <= 8:
                return b""
            ifd = b"\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + bytes([turn]) + b"\x00" * 6
            body = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08" + ifd
            return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
    return b""


LOOKS: dict[str, Callable[[bytes, str], tuple[str, bytes]]] = {
    "pdf": _pdf,
    "png": _png,
    "jpg": _jpeg,
    "jpeg": _jpeg,
    "txt": _text,
    "csv": _text,
    **dict.fromkeys(OFFICE_PARTS, _office),
    **dict.fromkeys(OPEN_TYPES, _open),
}
