"""The signature: what a file is, by its first bytes and not by its name; it decodes nothing."""

from __future__ import annotations

from headway.errors import JobFailed

# The largest file, in bytes: more than any camera makes of a person.
MOST_BYTES = 32 * 1024 * 1024

# How far into a file a person's word for it is looked for, in bytes.
LOOKED_AT = 256


class BadPhoto(JobFailed):
    """The photo cannot be used."""


def format_of(content: bytes) -> str:
    """Pillow's name of the format: PNG, JPEG or WEBP. Raises BadPhoto for anything else."""
    if not content:
        raise BadPhoto("The photo is an empty file.")
    if len(content) > MOST_BYTES:
        raise BadPhoto(f"The photo is larger than {MOST_BYTES // 2**20} MB.")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    raise BadPhoto(f"The photo is {_guess(content)}; please send a PNG, JPEG or WebP picture.")


def _guess(content: bytes) -> str:
    start = content[:LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"gif8"):
        return "a GIF"
    if start.startswith(b"%pdf"):
        return "a PDF"
    if b"<svg" in start:
        return "an SVG drawing"
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<script")):
        return "a web page"
    return "of a kind that cannot be used"


def webp_size(content: bytes) -> tuple[int, int]:
    """The width and height that a WebP file claims; Pillow would make room for them at once.

    Raises BadPhoto for a file that is no WebP inside.
    """
    chunk = content[12:16]
    if chunk == b"VP8X":
        return 1 + _number(content[24:27]), 1 + _number(content[27:30])
    if chunk == b"VP8L":
        bits = _number(content[21:25])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 ":
        return _number(content[26:28]) & 0x3FFF, _number(content[28:30]) & 0x3FFF
    raise BadPhoto("The photo is damaged or incomplete and cannot be read.")


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "little")
