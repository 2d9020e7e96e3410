# SPDX-License-Identifier: Apache-2.0
"""Numbers with intervals. Label 1 is spam; "positive" always means spam.

Shares carry Wilson intervals, everything else a bootstrap over mails; one mail stands for each
near-duplicate cluster, since copies would make the intervals too narrow. Bootstrap intervals are
shifted by the bootstrap's own bias: resampling alone raises a calibration error, and an interval
that misses its value would be the result.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest, rankdata

BOOTSTRAP_ROUNDS = 2000
BINS = 10
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)


def share(hits, count):
    """A share with its 95 % Wilson interval, or None where there is nothing to count."""
    if count == 0:
        return None
    low, high = binomtest(int(hits), int(count)).proportion_ci(method="wilson")
    return {"value": _round(hits / count), "hits": int(hits), "n": int(count),
            "interval": [_round(low), _round(high)]}


def _round(value):
    return round(float(value), 5)


def spam_probability(logits, temperature=1.0):
    return 1.0 / (1.0 + np.exp(-(logits[:, 1] - logits[:, 0]).astype(float) / temperature))


def log_loss(labels, spam):
    spam = np.clip(spam, 1e-7, 1 - 1e-7)
    return float(-np.mean(labels * np.log(spam) + (1 - labels) * np.log(1 - spam)))


def fit_temperature(labels, logits):
    """The temperature with the least log loss; fitted on validation only."""
    found = minimize_scalar(lambda t: log_loss(labels, spam_probability(logits, np.exp(t))),
                            bounds=(-2.0, 2.0), method="bounded")
    return float(np.exp(found.x))


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
    """Area under the ROC curve by ranks, ties counted half."""
    ranks = rankdata(spam)
    positive = int(labels.sum())
    return (ranks[labels == 1].sum() - positive * (positive + 1) / 2) / (
        positive * (len(labels) - positive))


def _bootstrap(labels, spam, measure, seed):
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(BOOTSTRAP_ROUNDS):
        drawn = rng.integers(len(labels), size=len(labels))
        if measure is not ranking or 0 < labels[drawn].sum() < len(labels):
            values.append(measure(labels[drawn], spam[drawn]))
    bias = np.mean(values) - measure(labels, spam)
    low, high = np.quantile(values, [0.025, 0.975]) - bias
    return [_round(max(0.0, low)), _round(high)]


def _measured(labels, spam, measure, seed):
    return {"value": _round(measure(labels, spam)), "n": len(labels),
            "interval": _bootstrap(labels, spam, measure, seed)}


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
    right, other = (ours > 0.5) == labels, (theirs > 0.5) == labels
    only_ours, only_theirs = int((right & ~other).sum()), int((other & ~right).sum())
    unequal = only_ours + only_theirs
    out = {"only_ours_right": only_ours, "only_theirs_right": only_theirs,
           "mcnemar_p": _round(binomtest(only_ours, unequal).pvalue) if unequal else 1.0}
    measures = {"accuracy": lambda y, p: np.mean((p > 0.5) == y),
                "f1": lambda y, p: f1(y, (p > 0.5).astype(int)), "brier": brier,
                "log_loss": log_loss, "calibration_error": calibration_error}
    for name, measure in measures.items():
        rng = np.random.default_rng(seed)
        values = []
        for _ in range(BOOTSTRAP_ROUNDS):
            drawn = rng.integers(len(labels), size=len(labels))
            values.append(measure(labels[drawn], ours[drawn])
                          - measure(labels[drawn], theirs[drawn]))
        out[name + "_difference"] = {
            "value": _round(measure(labels, ours) - measure(labels, theirs)),
            "interval": [_round(v) for v in np.quantile(values, [0.025, 0.975])]}
    return out


def risk_coverage(mails, spam):
    """What is answered, and how often wrongly, if answers below a confidence are withheld."""
    labels = np.array([m.label for m in mails])
    confidence = np.maximum(spam, 1 - spam)
    wrong = (spam > 0.5) != labels
    points = []
    for threshold in THRESHOLDS:
        answered = confidence >= threshold
        points.append({"threshold": threshold, "coverage": _round(answered.mean()),
                       "answered": int(answered.sum()),
                       "risk": _round(wrong[answered].mean()) if answered.any() else None})
    return points


def calibration(mails, spam, temperature, fitted, seed):
    """The calibration document's content: measured on `mails`, fitted on other ones."""
    labels = np.array([m.label for m in mails])
    error = _measured(labels, spam, calibration_error, seed)
    return {"method": "temperature", "temperature": temperature,
            "fitted_on": {"split": "validation", "n": fitted},
            "measured_on": {"split": "test", "n": len(mails)}, "n": len(mails),
            "ece": error["value"], "ece_interval": error["interval"], "ece_bins": BINS,
            "brier": _round(brier(labels, spam)), "risk_coverage": risk_coverage(mails, spam)}
