# SPDX-License-Identifier: Apache-2.0
"""What a test of the runtime compares with: ids and logits of 200 mails, and eight sample mails.

Reference logits come from the F32 weights as computed here, not from the engine, so that the two
implementations check each other.
"""

import hashlib
import json
import re

import numpy as np

from corpus import FOLDERS
from prepare import truncate_tokens
from train import predict

REFERENCE_MAILS = 200
REFERENCE_BYTES_MAX = 1_000_000
# What is committed must be fit to be shown to anybody.
_UNFIT = re.compile(
    r"\b(sex|porn|x{3}|penis|viagra|nud[ei]|erot|fuck|naked|virgin|horny|lust|hardcore|teens?\b|"
    r"shit|cum\b|cunt|breast|bust\b|erect|escort|incest|lolita|slut|whore|rape|bitch|arous|"
    r"orgasm|libido|impoten|enlarge|adults?\b|masturbat|\w*cialis\b|webcam|singles\b|girls\b)",
    re.IGNORECASE)
SAMPLE_PLAN = (("easy-ham-1", 2), ("easy-ham-2", 1), ("hard-ham-1", 2), ("spam-1", 1),
               ("spam-2", 2))
SAMPLE_BODY = (400, 4000)  # characters: long enough to judge, short enough to read


def _fit_to_show(mail):
    return not _UNFIT.search(mail.subject + " " + mail.body)


def _rounded(values):
    return [round(float(v), 6) for v in values]


def _line(mail, ids, window_logits):
    return json.dumps({
        "id": mail.id, "folder": mail.folder, "split": mail.split,
        "label": ("ham", "spam")[mail.label],
        "input": {"subject": mail.subject, "body": mail.body},
        "token_ids": [int(i) for i in ids],
        "window_logits": [_rounded(w) for w in window_logits],
        "logits": _rounded(window_logits.mean(0))}, ensure_ascii=False)


def _choose(mails, mails_ids, content, seed):
    """Round robin over folder, HTML and windows; shorter mails, to keep the file small."""
    kinds = {}
    for index, (mail, ids) in enumerate(zip(mails, mails_ids)):
        html = "<" in mail.body and "</" in mail.body
        several = min(4, -(-len(ids) // content))
        kinds.setdefault((mail.folder, html, several), []).append(index)
    rng = np.random.default_rng(seed)
    queues = []
    for _, members in sorted(kinds.items()):
        members = sorted(members, key=lambda i: len(mails[i].body))
        shorter = members[:max(4, len(members) // 3)]
        queues.append([shorter[i] for i in rng.permutation(len(shorter))])
    chosen = []
    while len(chosen) < REFERENCE_MAILS and any(queues):
        for queue in queues:
            if queue and len(chosen) < REFERENCE_MAILS:
                chosen.append(queue.pop())
    return sorted(chosen, key=lambda i: mails[i].id)


def write_reference(out, mails, tokenizer, parameters, shape, stride, max_windows, seed):
    """`reference/mails.jsonl`: validation and test mails of all folders, kinds and lengths."""
    content = shape.context - 2
    pool = [m for m in mails if m.split != "train" and m.representative
            and len(m.body) < 12000 and _fit_to_show(m)]
    mails_ids = [tokenizer.encode(m.text) for m in pool]
    chosen = _choose(pool, mails_ids, content, seed)
    limit = truncate_tokens(content, stride, max_windows)
    logits = predict(parameters, shape, [mails_ids[i] for i in chosen], stride, max_windows)
    lines = [_line(pool[i], mails_ids[i][:limit], w) for i, w in zip(chosen, logits)]
    text = "\n".join(lines) + "\n"
    if len(text.encode()) > REFERENCE_BYTES_MAX:
        raise SystemExit(f"reference of {len(text.encode())} bytes is too large")
    (out / "reference" / "mails.jsonl").write_text(text, encoding="utf-8")


def write_samples(out):
    """Test mails of each folder out of the reference, picked by a hash and not by their answers."""
    (out / "samples").mkdir(exist_ok=True)
    for old in (out / "samples").glob("*.json"):
        old.unlink()
    lines = (out / "reference" / "mails.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["split"] == "test"]
    rows.sort(key=lambda row: hashlib.sha256(row["id"].encode()).digest())
    number = 0
    for folder, count in SAMPLE_PLAN:
        assert folder in FOLDERS
        fit = [row for row in rows if row["folder"] == folder
               and SAMPLE_BODY[0] <= len(row["input"]["body"]) <= SAMPLE_BODY[1]]
        for row in fit[:count]:
            number += 1
            sample = {key: row[key] for key in ("id", "folder", "label", "input")}
            (out / "samples" / f"{number}-{folder}.json").write_text(
                json.dumps(sample, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
