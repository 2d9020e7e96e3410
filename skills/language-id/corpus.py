# SPDX-License-Identifier: Apache-2.0
"""The training and validation texts: fetched at pinned versions, cleaned, freed of copies, split.

Two products and a tenth of MediaWiki's messages are for validation. A validation message counts
only if neither its English original nor its own letters occur in training, in any language.
"""

import hashlib
import json
import subprocess
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import catalogues
from cleaning import clean, letters
from languages import LABELS, UNSPACED, label_of, share_in_script

SOURCES = Path(__file__).resolve().parent / "sources.json"
HELD_OUT_SHARE = {"mediawiki": 0.1}
LETTERS_MIN = 10
SCRIPT_SHARE_MIN = 0.7
LANGUAGES_MAX = 2  # the same text in more languages is a name
PACKAGE_CHARACTERS_MAX = 300_000
LANGUAGE_CHARACTERS_MAX = 1_200_000


@dataclass
class Text:
    label: str
    text: str
    package: str


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def fetch(data_dir):
    """Paths of all packages; what is not there is downloaded, and every byte is checked."""
    data_dir.mkdir(parents=True, exist_ok=True)
    paths = {}
    for source in json.loads(SOURCES.read_text(encoding="utf-8")):
        path = data_dir / source["file"]
        if not path.exists():
            subprocess.run(["apt-get", "download", f"{source['package']}={source['version']}"],
                           cwd=data_dir, check=True)
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != source["sha256"]:
            raise SystemExit(f"{path}: SHA-256 is {found}, expected {source['sha256']}")
        paths[source["package"]] = (path, source["use"])
    return paths


def group_of(package):
    """LibreOffice has a package a language; they are one product."""
    return "libreoffice-l10n" if package.startswith("libreoffice-l10n") else package


def _held_out(package, use, original):
    if use == "validation":
        return True
    share = HELD_OUT_SHARE.get(package, 0.0)
    return int(_digest(original)[:8], 16) < share * 2**32


def _messages(package, path):
    """(label, original's letters, cleaned text) of one package; German brings the English along."""
    cleaned, keys = {}, {}
    for locale, original, text in catalogues.texts(path):
        label = label_of(locale)
        if label is None or len(text) < LETTERS_MIN or text == original and label != "en":
            continue
        source = original or text
        key = keys.get(source)
        if key is None:
            key = keys.setdefault(source, letters(source))
        pairs = [(label, text)]
        if label == "de" and original:
            pairs.append(("en", original))
        for of, raw in pairs:
            value = cleaned.get(raw)
            if value is None:
                value = cleaned.setdefault(raw, clean(raw))
            yield of, key, value


def _fits(label, text):
    if len(letters(text)) < LETTERS_MIN or share_in_script(label, text) < SCRIPT_SHARE_MIN:
        return False
    return label in UNSPACED or " " in text


def read(paths):
    """{split: {(label, letters): (text, package, original)}}, one copy of each text a language."""
    found, originals, english = {"train": {}, "validation": {}}, set(), set()
    for package in sorted(paths):
        path, use = paths[package]
        for label, original, text in _messages(package, path):
            key = letters(text)
            if label == "en":
                english.add(key)
            split = "validation" if _held_out(package, use, original) else "train"
            if split == "train":
                originals.add(original)
            if _fits(label, text):
                found[split].setdefault((label, key), (text, group_of(package), original))
    return found, originals, english


def _keep(found, originals, english):
    """Drops names, English left untranslated, and validation texts that training knows."""
    languages = Counter(key for split in found.values() for _, key in split)
    trained = {key for _, key in found["train"]}
    kept = {"train": [], "validation": []}
    for split, entries in found.items():
        for (label, key), (text, package, original) in entries.items():
            if languages[key] > LANGUAGES_MAX or (label != "en" and key in english):
                continue
            if split == "validation" and (original in originals or key in trained):
                continue
            kept[split].append(Text(label, text, package))
    return kept


def _capped(texts):
    """At most so many characters a language and a product, picked by hash."""
    per_product, per_language, out = Counter(), Counter(), []
    for text in sorted(texts, key=lambda t: _digest(t.text)):
        size = len(text.text)
        if (per_product[text.label, text.package] + size <= PACKAGE_CHARACTERS_MAX
                and per_language[text.label] + size <= LANGUAGE_CHARACTERS_MAX):
            per_product[text.label, text.package] += size
            per_language[text.label] += size
            out.append(text)
    return out


def load(data_dir):
    """(training texts, validation texts, notes)."""
    kept = _keep(*read(fetch(Path(data_dir))))
    kept["train"] = _capped(kept["train"])
    notes = {}
    for split, texts in kept.items():
        texts.sort(key=lambda t: (t.label, _digest(t.text)))
        characters, products = Counter(), defaultdict(set)
        for text in texts:
            characters[text.label] += len(text.text)
            products[text.label].add(text.package)
        notes[split] = {
            "texts": len(texts), "digest": _digest("\n".join(t.label + t.text for t in texts)),
            "characters": {label: characters[label] for label in LABELS},
            "products": {label: len(products[label]) for label in LABELS}}
    return kept["train"], kept["validation"], notes
