# SPDX-License-Identifier: Apache-2.0
"""What is measured of a language identifier, by length of text and by language.

Every length and language has about as many snippets as any other. A language is one document, so
intervals over its snippets do not say what another document would give; those over languages do.
"""

import numpy as np

from languages import LABELS, LANGUAGES
from shared import figures
from shared.figures import BINS, measured, rounded, share
from snippets import LENGTHS

THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
CONFUSIONS = 40


def probability(logits, temperature=1.0):
    scaled = logits.astype(float) / temperature
    scaled -= scaled.max(1, keepdims=True)
    weights = np.exp(scaled)
    return weights / weights.sum(1, keepdims=True)


def labels_of(snippets):
    return np.array([LABELS.index(s.label) for s in snippets])


def losses(labels, chances):
    return -np.log(np.clip(chances[np.arange(len(labels)), labels], 1e-7, 1.0))


def fit_temperature(snippets, logits):
    """The temperature with the least log loss; fitted on validation only."""
    labels = labels_of(snippets)
    return figures.best_temperature(lambda t: losses(labels, probability(logits, t)).mean())


def briers(labels, chances):
    """Squared distance of each row from the truth, 0 to 2."""
    truth = np.zeros_like(chances)
    truth[np.arange(len(labels)), labels] = 1.0
    return ((chances - truth) ** 2).sum(1)


def calibration_error(right, confidence):
    """Expected calibration error of the chosen label, in ten equal bins of 0 to 1."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, right - confidence, minlength=BINS)
    return np.abs(gaps).sum() / len(right)


def _part(labels, chances, seed):
    """The figures of one list of snippets."""
    right = (chances.argmax(1) == labels).astype(float)
    confidence = chances.max(1)
    loss, brier = losses(labels, chances), briers(labels, chances)
    count = len(labels)
    return {"accuracy": share(right.sum(), count),
            "calibration_error": measured(
                count, lambda i: calibration_error(right[i], confidence[i]), seed),
            "brier": measured(count, lambda i: brier[i].mean(), seed),
            "log_loss": measured(count, lambda i: loss[i].mean(), seed)}


def _confusions(labels, guess):
    """The most frequent wrong answers, as [truth, answer, count]."""
    pairs, counts = np.unique(np.stack([labels, guess])[:, labels != guess], axis=1,
                              return_counts=True)
    order = np.argsort(-counts, kind="stable")[:CONFUSIONS]
    return [[LABELS[pairs[0, i]], LABELS[pairs[1, i]], int(counts[i])] for i in order]


def over_languages(labels, right, seed):
    """Mean of the languages' accuracies; its bootstrap draws languages, not snippets."""
    means = np.array([right[labels == row].mean() for row in np.unique(labels)])
    return measured(len(means), lambda i: means[i].mean(), seed)


def metrics(snippets, chances, seed):
    """Everything the evidence says about one list of probabilities."""
    labels, guess = labels_of(snippets), chances.argmax(1)
    lengths = np.array([s.length for s in snippets])
    right = (guess == labels).astype(float)
    latin_labels = {each.label for each in LANGUAGES if "LATIN" in each.scripts}
    latin = np.array([s.label in latin_labels for s in snippets])
    out = {**_part(labels, chances, seed),
           "over_languages": over_languages(labels, right, seed),
           "latin_script": share(right[latin].sum(), latin.sum()),
           "confusions": _confusions(labels, guess), "by_length": {}, "by_language": {}}
    for length in LENGTHS:
        own = lengths == length
        out["by_length"][str(length)] = {
            **_part(labels[own], chances[own], seed),
            "over_languages": over_languages(labels[own], right[own], seed),
            "latin_script": share(right[own & latin].sum(), (own & latin).sum())}
    for row, label in enumerate(LABELS):
        own = labels == row
        out["by_language"][label] = {
            "accuracy": share(right[own].sum(), own.sum()),
            "precision": share(right[own].sum(), (guess == row).sum()),
            **{str(n): share(right[own & (lengths == n)].sum(), (own & (lengths == n)).sum())
               for n in LENGTHS}}
    return out


def compare(snippets, ours, theirs, seed):
    """Ours less the baseline's on the same snippets, in all and by length."""
    labels = labels_of(snippets)
    lengths = np.array([s.length for s in snippets])
    right, other = ours.argmax(1) == labels, theirs.argmax(1) == labels
    rows = {"accuracy": (right.astype(float), other.astype(float)),
            "brier": (briers(labels, ours), briers(labels, theirs)),
            "log_loss": (losses(labels, ours), losses(labels, theirs))}
    out = figures.mcnemar(right, other)
    for name, (mine, their) in rows.items():
        out[name + "_difference"] = figures.difference(
            len(labels), lambda i, v=mine: v[i].mean(), lambda i, v=their: v[i].mean(), seed)
    out["by_length"] = {}
    for length in LENGTHS:
        own = lengths == length
        mine, their = right[own].astype(float), other[own].astype(float)
        out["by_length"][str(length)] = figures.mcnemar(right[own], other[own])
        out["by_length"][str(length)]["accuracy_difference"] = figures.difference(
            len(mine), lambda i, v=mine: v[i].mean(), lambda i, v=their: v[i].mean(), seed)
    return out


def risk_coverage(snippets, chances):
    return figures.risk_coverage(chances.max(1), chances.argmax(1) != labels_of(snippets),
                                 THRESHOLDS)


def calibration(snippets, chances, temperature, fitted, seed):
    """The calibration document's content: measured on `snippets`, fitted on other ones."""
    labels = labels_of(snippets)
    right, confidence = (chances.argmax(1) == labels).astype(float), chances.max(1)
    error = measured(len(labels), lambda i: calibration_error(right[i], confidence[i]), seed)
    return figures.calibration(error, rounded(briers(labels, chances).mean()), temperature, fitted,
                               risk_coverage(snippets, chances))
