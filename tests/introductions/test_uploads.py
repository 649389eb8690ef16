"""Files: known by their content, stripped of hidden data, opened by the two sides alone."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from common.errors import Incomplete
from introductions.models import Attachment, ThreadMessage
from introductions.uploads import LIMIT, check
from matching.models import Introduction

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
HIDDEN = b"GPS 48.85 N, taken by Canary Contact"


def archive(*names: str, **contents: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, contents.get(name.replace(".", "_"), b"x"))
    return out.getvalue()


DOCX = archive("[Content_Types].xml", "word/document.xml")
ODT = archive("mimetype", "content.xml", mimetype=b"application/vnd.oasis.opendocument.text")


def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def png(width: int = 1, height: int = 1) -> bytes:
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    picture = chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    text = chunk(b"tEXt", b"Comment\x00" + HIDDEN) + chunk(b"eXIf", HIDDEN)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + text + picture + chunk(b"IEND", b"")


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def jpeg(turn: int = 6, width: int = 1) -> bytes:
    entry = b"\x12\x01\x03\x00\x01\x00\x00\x00" + bytes([turn, 0, 0, 0])
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00" + entry + b"\x00\x00\x00\x00" + HIDDEN
    frame = b"\x08" + (1).to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x01\x01\x11\x00"
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
    start = b"\xff\xd8" + segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00")
    return (
        start
        + segment(0xE1, exif)
        + segment(0xFE, HIDDEN)
        + segment(0xC0, frame)
        + scan
        + b"\xff\xd9"
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plan.pdf", PDF),
        ("letter.docx", DOCX),
        ("letter.odt", ODT),
        ("figures.csv", b"year,kWh\n2026,12\n"),
        ("photo.png", png()),
        ("photo.JPG", jpeg()),
    ],
)
def test_ordinary_files_are_taken(name: str, data: bytes) -> None:
    assert check(name, data).name.lower() == name.lower()


HTML = b"<!doctype html><script>alert(1)</script>"
HOSTILE = {
    "page.pdf": HTML,
    "page in front.pdf": HTML + PDF,
    "short.pdf": b"%PDF-1.7\n",
    "page.html": HTML,
    "page.txt": HTML,
    "drawing.svg": b"<svg onload='alert(1)'/>",
    "drawing.png": b"<svg onload='alert(1)'/>",
    "program.exe": b"MZ\x90\x00",
    "program.pdf.exe": PDF,
    "program.docx": b"MZ\x90\x00",
    "empty.pdf": b"",
    "no ending": PDF,
    "picture.png": jpeg(),
    "picture.jpg": png(),
    "sheet.xlsx": DOCX,
    "macros.docx": archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    "climbing.docx": archive("[Content_Types].xml", "word/document.xml", "../../etc/passwd"),
    "hidden.docx": HTML + DOCX,
    "text.odt": archive("mimetype", mimetype=b"text/html"),
    "half.docx": DOCX[:40],
    "half.jpg": jpeg()[:-4],
    "headless.jpg": b"\xff\xd8\xff\xd9",
    "half.png": png()[:-20],
    "wrong sum.png": png().replace(b"IHDR\x00\x00\x00\x01", b"IHDR\x00\x00\x00\x02"),
    "huge.png": png(60000, 60000),
    "nul.txt": b"a\x00b",
    "latin.txt": b"caf\xe9",
    "large.pdf": PDF + b" " * LIMIT + b"%%EOF",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(Incomplete):
        check(name, HOSTILE[name])


def test_archive_that_unpacks_to_much_more_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", b"x")
        made.writestr("word/document.xml", b"\x00" * (201 * 1024 * 1024))
    assert len(out.getvalue()) < LIMIT
    with pytest.raises(Incomplete):
        check("bomb.docx", out.getvalue())


@pytest.mark.parametrize("name", ["photo.png", "photo.jpg"])
def test_pictures_lose_place_camera_and_what_hides_behind_them(name: str) -> None:
    data = png() if name.endswith("png") else jpeg()
    kept = check(name, data + HIDDEN).data
    assert HIDDEN in data
    assert HIDDEN not in kept
    assert check(name, kept).data == kept


def test_picture_stays_upright() -> None:
    assert b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in check("photo.jpg", jpeg(6)).data
    assert b"Exif" not in check("photo.jpg", jpeg(1)).data


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/plan.pdf", "plan.pdf"),
        ("C:\\fake\\plan.pdf", "plan.pdf"),
        ("plan\u202efdp.pdf", "planfdp.pdf"),
        ("  .hidden..pdf", "hidden.pdf"),
        ('a"b\r\nc<d>.pdf', "abcd.pdf"),
        ("计划.pdf", "计划.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
        (".pdf", "file.pdf"),
    ],
)
def test_names_are_made_safe(name: str, kept: str) -> None:
    assert check(name, PDF).name == kept


def send(browser: Client, introduction: Introduction, name: str, data: bytes) -> Any:
    path = reverse("introductions:write", args=[introduction.pk])
    sent = SimpleUploadedFile(name, data, content_type="application/pdf")
    return browser.post(path, {"text": "The plan is attached.", "file": sent}, follow=True)


@pytest.mark.django_db
def test_file_is_saved_by_the_two_sides_and_opened_by_nobody_else(
    introduction: Introduction,
    settings: Any,
    visitor: Client,
    as_author: Client,
    as_official: Client,
    as_stranger: Client,
    as_curator: Client,
) -> None:
    send(as_author, introduction, "plan.pdf", PDF)
    attachment = Attachment.objects.get()
    path = attachment.get_absolute_url()
    assert path in as_official.get(introduction.get_absolute_url()).content.decode()
    answer = as_official.get(path)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    for browser in (visitor, as_stranger, as_curator):
        assert browser.get(path).status_code in (302, 404)
    stored = Path(attachment.file.path)
    assert stored.is_relative_to(settings.PRIVATE_ROOT)
    assert "plan" not in stored.name


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "data"), [("page.pdf", HTML), ("large.pdf", PDF + b" " * LIMIT)])
def test_refused_file_is_explained_beside_its_field_and_the_text_is_kept(
    introduction: Introduction, as_author: Client, name: str, data: bytes
) -> None:
    answer = send(as_author, introduction, name, data)
    assert answer.status_code == 200
    assert answer.context["form"].errors["file"]
    assert "The plan is attached." in answer.content.decode()
    assert not ThreadMessage.objects.exists()
    assert not Attachment.objects.exists()


@pytest.mark.django_db
def test_forms_with_files_need_the_csrf_token(introduction: Introduction, author: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    assert send(browser, introduction, "plan.pdf", PDF).status_code == 403
    path = reverse("introductions:report", args=[introduction.pk])
    assert browser.post(path, {"step": "meeting"}).status_code == 403


@pytest.mark.django_db
def test_file_that_is_gone_is_not_found(introduction: Introduction, as_author: Client) -> None:
    send(as_author, introduction, "plan.pdf", PDF)
    attachment = Attachment.objects.get()
    Path(attachment.file.path).unlink()
    assert as_author.get(attachment.get_absolute_url()).status_code == 404
