# SPDX-License-Identifier: Apache-2.0
"""Cuts of a text at whole words, about as long as asked for; anywhere if words are not spaced."""

import hashlib
import re
from dataclasses import dataclass

from languages import UNSPACED

LENGTHS = (10, 20, 50, 100)
_GAP = re.compile("[ \u1361]")  # Ethiopic has a mark of its own between words
LONGEST = {10: 15, 20: 28, 50: 65, 100: 400}


@dataclass(frozen=True)
class Snippet:
    id: str
    label: str
    length: int  # the bucket: at least so many characters
    text: str


def cut(label, text, start, length):
    """The shortest run of whole words from character `start` on with `length` characters, or ""."""
    if label in UNSPACED:
        return text[start:start + length].strip()
    if start:
        gap = _GAP.search(text, start - 1)
        if gap is None:
            return ""
        start = gap.end()
    gap = _GAP.search(text, start + length)
    return text[start:gap.start() if gap else len(text)].strip()


def _order(seed, text):
    return hashlib.sha256(f"{seed}\n{text}".encode()).digest()


def bucket(label, texts, length, count, seed):
    """At most `count` cuts, at most one a text, of texts and places that a hash picks."""
    found = {}
    for text in sorted(texts, key=lambda t: _order(f"{seed}-{length}", t)):
        place = int.from_bytes(_order(f"{seed}-{length}-start", text)[:4], "big")
        room = len(text) - length
        if room < 0:
            continue
        # Half of the cuts start where the text does, as what people type would.
        start = 0 if place % 2 else (place // 2) % (room + 1)
        piece = text if length >= 100 else cut(label, text, start, length)
        piece = piece if len(piece) <= LONGEST[length] else cut(label, piece, 0, length)
        if length <= len(piece) <= LONGEST[length]:
            found.setdefault(piece)
        if len(found) == count:
            break
    return [Snippet(f"{label}-{length}-{i}", label, length, piece)
            for i, piece in enumerate(found)]
