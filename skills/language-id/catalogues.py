# SPDX-License-Identifier: Apache-2.0
"""Texts out of Debian packages: gettext catalogues, MediaWiki's message files, Mallard help pages.

Every reader yields (locale, source text or None, translation). A package is read in memory, without
unpacking it or running anything of it.
"""

import io
import json
import re
import struct
import tarfile
import xml.etree.ElementTree as xml

_PATTERNS = (
    (re.compile(r"/(?P<locale>[A-Za-z_@-]+)/LC_MESSAGES/[^/]+\.mo$"), "mo"),
    (re.compile(r"/wp-content/languages/(?:[a-z-]+-)?(?P<locale>[a-z]{2,3}(?:_[A-Z]{2})?)\.mo$"), "mo"),
    (re.compile(r"/i18n/(?:[^/]+/)*(?P<locale>[a-z-]+)\.json$"), "mediawiki"),
    (re.compile(r"/gnome/help/[^/]+/(?P<locale>[^/]+)/[^/]+\.page$|"
                r"/help/(?P<other>[^/]+)/[^/]+/[^/]+\.page$"), "mallard"),
)


def _data_archive(path):
    """The file tree of a .deb, which is an ar archive of three members."""
    raw = path.read_bytes()
    if raw[:8] != b"!<arch>\n":
        raise SystemExit(f"{path.name} is no Debian package")
    position = 8
    while position < len(raw):
        name, size = raw[position:position + 16].strip(), int(raw[position + 48:position + 58])
        if name.startswith(b"data.tar"):
            return tarfile.open(fileobj=io.BytesIO(raw[position + 60:position + 60 + size]))
        position += 60 + size + size % 2
    raise SystemExit(f"{path.name} holds no files")


def _kind(name):
    for pattern, kind in _PATTERNS:
        found = pattern.search(name)
        if found:
            return kind, next(g for g in found.groups() if g)
    return None, None


def read_mo(raw):
    """(source, translation) of every message; plural forms one by one, contexts dropped."""
    order = "<" if raw[:4] == b"\xde\x12\x04\x95" else ">"
    count, sources, targets = struct.unpack(order + "8x3I", raw[:20])
    pairs = []
    for i in range(count):
        pair = []
        for table in (sources, targets):
            length, start = struct.unpack_from(order + "2I", raw, table + 8 * i)
            pair.append(raw[start:start + length])
        pairs.append(pair)
    header = next((target for source, target in pairs if not source), b"")
    charset = re.search(rb"charset=([A-Za-z0-9_-]+)", header)
    name = charset.group(1).decode() if charset else "utf-8"
    for source, target in pairs:
        if not source:
            continue
        try:
            source = source.rsplit(b"\x04", 1)[-1].split(b"\0")[0].decode(name)
            forms = target.decode(name).split("\0")
        except (UnicodeDecodeError, LookupError):
            continue
        yield from ((source, form) for form in forms)


def read_page(raw):
    """Titles and paragraphs of a Mallard page."""
    try:
        root = xml.fromstring(raw)
    except xml.ParseError:
        return
    for element in root.iter():
        if element.tag.endswith("}p") or element.tag.endswith("}title"):
            yield " ".join("".join(element.itertext()).split())


def texts(path):
    """(locale, source text or None, text) of all messages of a package, in a fixed order."""
    messages = {}  # MediaWiki: folder -> locale -> key -> text
    with _data_archive(path) as archive:
        for member in archive:
            kind, locale = _kind(member.name) if member.isfile() else (None, None)
            if kind is None:
                continue
            raw = archive.extractfile(member).read()
            if kind == "mo":
                yield from ((locale, source, text) for source, text in read_mo(raw))
            elif kind == "mallard":
                yield from (("en" if locale == "C" else locale, None, text)
                            for text in read_page(raw))
            else:
                folder = member.name.rsplit("/", 1)[0]
                messages.setdefault(folder, {})[locale] = {
                    key: text for key, text in json.loads(raw).items() if isinstance(text, str)}
    for _, locales in sorted(messages.items()):
        english = locales.get("en", {})
        for locale, entries in sorted(locales.items()):
            yield from ((locale, english.get(key), text) for key, text in entries.items())
