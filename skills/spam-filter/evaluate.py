# SPDX-License-Identifier: Apache-2.0
"""What is measured of a spam filter. Label 1 is spam; "positive" always means spam.

One mail stands for each near-duplicate cluster, since copies would make the intervals too narrow.
"""

import numpy as np
from scipy.stats import rankdata

from shared import figures
from shared.figures import BINS, share

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)


def spam_probability(logits, temperature=1.0):
    return 1.0 / (1.0 + np.exp(-(logits[:, 1] - logits[:, 0]).astype(float) / temperature))


def log_loss(labels, spam):
    spam = np.clip(spam, 1e-7, 1 - 1e-7)
    return float(-np.mean(labels * np.log(spam) + (1 - labels) * np.log(1 - spam)))


def fit_temperature(labels, logits):
    """The temperature with the least log loss; fitted on validation only."""
    return figures.best_temperature(lambda t: log_loss(labels, spam_probability(logits, t)))


def f1(labels, guess):
    hits = int(((guess == 1) & (labels == 1)).sum())
    return 2 * hits / max(1, int(guess.sum()) + int(labels.sum()))


def calibration_error(labels, spam):
    """Expected calibration error of the chosen label's probability, in ten equal bins."""
    confidence = np.maximum(spam, 1 - spam)
    right = ((spam > 0.5) == labels).astype(float)
    bins = np.minimum(((confidence - 0.5) * 2 * BINS).astype(int), BINS - 1)
    return sum(abs((right - confidence)[bins == b].sum()) for b in range(BINS)) / len(labels)


def brier(labels, spam):
    return float(np.mean((spam - labels) ** 2))


def ranking(labels, spam):
    """Area under the ROC curve by ranks, ties counted half; None where one label is missing."""
    positive = int(labels.sum())
    if positive in (0, len(labels)):
        return None
    ranks = rankdata(spam)
    return (ranks[labels == 1].sum() - positive * (positive + 1) / 2) / (
        positive * (len(labels) - positive))


def _measured(labels, spam, measure, seed):
    return figures.measured(len(labels), lambda i: measure(labels[i], spam[i]), seed)


def _folder_metrics(labels, spam, seed):
    """A folder holds one label only, so its accuracy is its recall or one minus its errors."""
    right = (spam > 0.5) == labels
    kind = "recall" if labels[0] == 1 else "false_positive_rate"
    return {"accuracy": share(right.sum(), len(labels)),
            kind: share((spam > 0.5).sum(), len(labels)),
            "calibration_error": _measured(labels, spam, calibration_error, seed),
            "brier": _measured(labels, spam, brier, seed)}


def metrics(mails, spam, seed):
    """Everything the evidence says about one list of probabilities."""
    labels = np.array([m.label for m in mails])
    guess = (spam > 0.5).astype(int)
    ham, positive = labels == 0, labels == 1
    folders = np.array([m.folder for m in mails])
    return {
        "accuracy": share((guess == labels).sum(), len(mails)),
        "f1": _measured(labels, spam, lambda y, p: f1(y, (p > 0.5).astype(int)), seed),
        "false_positive_rate": share((guess[ham] == 1).sum(), ham.sum()),
        "recall": share((guess[positive] == 1).sum(), positive.sum()),
        "roc_auc": _measured(labels, spam, ranking, seed),
        "calibration_error": _measured(labels, spam, calibration_error, seed),
        "brier": _measured(labels, spam, brier, seed),
        "log_loss": _measured(labels, spam, log_loss, seed),
        "by_folder": {f: _folder_metrics(labels[folders == f], spam[folders == f], seed)
                      for f in sorted(set(folders))},
    }


def compare(mails, ours, theirs, seed):
    """Ours less a baseline on the same mails: exact McNemar test and paired differences."""
    labels = np.array([m.label for m in mails])
    out = figures.mcnemar((ours > 0.5) == labels, (theirs > 0.5) == labels)
    measures = {"accuracy": lambda y, p: np.mean((p > 0.5) == y),
                "f1": lambda y, p: f1(y, (p > 0.5).astype(int)), "brier": brier,
                "log_loss": log_loss, "calibration_error": calibration_error}
    for name, measure in measures.items():
        out[name + "_difference"] = figures.difference(
            len(labels), lambda i, m=measure: m(labels[i], ours[i]),
            lambda i, m=measure: m(labels[i], theirs[i]), seed)
    return out


def risk_coverage(mails, spam):
    labels = np.array([m.label for m in mails])
    return figures.risk_coverage(np.maximum(spam, 1 - spam), (spam > 0.5) != labels, THRESHOLDS)


def calibration(mails, spam, temperature, fitted, seed):
    """The calibration document's content: measured on `mails`, fitted on other ones."""
    labels = np.array([m.label for m in mails])
    return figures.calibration(_measured(labels, spam, calibration_error, seed),
                               brier(labels, spam), temperature, fitted,
                               risk_coverage(mails, spam))
