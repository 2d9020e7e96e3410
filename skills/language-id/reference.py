# SPDX-License-Identifier: Apache-2.0
"""What a test of the runtime compares with: ids and logits of texts in all languages, and samples.

Reference logits come from the F32 weights as computed here, not from the engine, so that the two
implementations check each other.
"""

import hashlib
import json

from languages import LABELS
from snippets import LENGTHS
from train import predict

EACH = 4  # reference texts of a language: one of each length
SAMPLES = 10
SAMPLE_LENGTH = 50
# What a tokeniser may get wrong: marks on their own, unknown scripts, controls, other spaces.
STRANGE = ("", "   ", "42", "e\u0301te\u0301 de\u0301ja\u0300 vu", "\u0130stanbul'da I\u015fIK",
           "\u0915\u094d\u200d\u0937 \u0928\u200c\u092e", "\u0f56\u0f7c\u0f51\u0f0b\u0f66\u0f90",
           "a\u00adb\u200bc\u00a0d\u3000e\u2028f", "\U0001f600\U0001f1e9\U0001f1ea ok",
           "\ufffd\ufeffx", "\uac00\ub098\ub2e4 \u1100\u1161",
           "\uff26\uff55\uff4c\uff4c \ufb01n \u00df\u1e9e \u01c5",
           "col\u00b7lecci\u00f3 l\u2019\u00e9t\u00e9 \u00abx\u00bb \u00bfqu\u00e9?", "x" * 300,
           "\u4e2d\u6587\u548c English mixed \u0438 \u0440\u0443\u0441\u0441\u043a\u0438\u0439")


def _order(snippet):
    return hashlib.sha256(snippet.id.encode() + snippet.text.encode()).digest()


def _chosen(validation, test):
    """(split, snippet): of each language and length one, turn about from validation and test."""
    out = []
    for row, label in enumerate(LABELS):
        for column, length in enumerate(LENGTHS):
            split, pool = (("test", test), ("validation", validation))[(row + column) % 2]
            fit = [s for s in pool if s.label == label and s.length == length]
            fit = fit or [s for s in test if s.label == label and s.length == length]
            out.append((split if fit[0] in pool else "test", min(fit, key=_order)))
    return out


def _line(name, split, label, text, ids, logits):
    return json.dumps({"id": name, "split": split, "label": label, "input": {"text": text},
                       "token_ids": [int(i) for i in ids],
                       "logits": [round(float(v), 6) for v in logits]}, ensure_ascii=False)


def write_reference(out, validation, test, tokenizer, parameters, shape):
    """`reference/texts.jsonl`: a text of every language and length, and some strange ones."""
    rows = [(s.id, split, s.label, s.text) for split, s in _chosen(validation, test)]
    rows += [(f"strange-{i}", "none", None, text) for i, text in enumerate(STRANGE)]
    ids = [tokenizer.encode(text)[:shape.context - 2] for _, _, _, text in rows]
    logits = predict(parameters, shape, ids)
    lines = [_line(*row, i, v) for row, i, v in zip(rows, ids, logits)]
    (out / "reference" / "texts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_samples(out, test):
    """Test texts of languages that a hash of their tags picks, not the model's answers."""
    (out / "samples").mkdir(exist_ok=True)
    for old in (out / "samples").glob("*.json"):
        old.unlink()
    labels = sorted(LABELS, key=lambda label: hashlib.sha256(label.encode()).digest())[:SAMPLES]
    for number, label in enumerate(labels, 1):
        snippet = min((s for s in test if s.label == label and s.length == SAMPLE_LENGTH),
                      key=_order)
        sample = {"id": snippet.id, "label": label, "input": {"text": snippet.text}}
        (out / "samples" / f"{number:02}-{label}.json").write_text(
            json.dumps(sample, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
