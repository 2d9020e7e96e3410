# SPDX-License-Identifier: Apache-2.0
"""Numbers with intervals, of whatever is measured: shares, bootstrapped figures, withheld answers.

Shares carry Wilson intervals, everything else a bootstrap over cases. Bootstrap intervals are
shifted by the bootstrap's own bias: resampling alone raises a calibration error, and an interval
that misses its value would be the result.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest

BOOTSTRAP_ROUNDS = 2000
BINS = 10


def rounded(value):
    return round(float(value), 5)


def share(hits, count):
    """A share with its 95 % Wilson interval, or None where there is nothing to count."""
    if count == 0:
        return None
    low, high = binomtest(int(hits), int(count)).proportion_ci(method="wilson")
    return {"value": rounded(hits / count), "hits": int(hits), "n": int(count),
            "interval": [rounded(low), rounded(high)]}


def _draws(count, seed):
    rng = np.random.default_rng(seed)
    for _ in range(BOOTSTRAP_ROUNDS):
        yield rng.integers(count, size=count)


def measured(count, measure, seed):
    """`measure(indexes)` of all cases with its interval; a draw without a value is dropped."""
    value = measure(np.arange(count))
    values = [v for v in map(measure, _draws(count, seed)) if v is not None]
    low, high = np.quantile(values, [0.025, 0.975]) - (np.mean(values) - value)
    return {"value": rounded(value), "n": count,
            "interval": [rounded(max(0.0, low)), rounded(high)]}


def difference(count, ours, theirs, seed):
    """`ours(indexes)` less `theirs(indexes)` on the same draws."""
    everything = np.arange(count)
    values = [ours(drawn) - theirs(drawn) for drawn in _draws(count, seed)]
    return {"value": rounded(ours(everything) - theirs(everything)),
            "interval": [rounded(v) for v in np.quantile(values, [0.025, 0.975])]}


def mcnemar(right, other):
    """Cases that only one of two is right on, and McNemar's exact test."""
    only_ours, only_theirs = int((right & ~other).sum()), int((other & ~right).sum())
    unequal = only_ours + only_theirs
    return {"only_ours_right": only_ours, "only_theirs_right": only_theirs,
            "mcnemar_p": rounded(binomtest(only_ours, unequal).pvalue) if unequal else 1.0}


def best_temperature(loss_at):
    """The temperature with the least loss."""
    found = minimize_scalar(lambda t: loss_at(np.exp(t)), bounds=(-2.0, 2.0), method="bounded")
    return float(np.exp(found.x))


def risk_coverage(confidence, wrong, thresholds):
    """What is answered, and how often wrongly, if answers below a confidence are withheld."""
    points = []
    for threshold in thresholds:
        answered = confidence >= threshold
        points.append({"threshold": threshold, "coverage": rounded(answered.mean()),
                       "answered": int(answered.sum()),
                       "risk": rounded(wrong[answered].mean()) if answered.any() else None})
    return points


def calibration(error, brier, temperature, fitted, coverage):
    """The calibration document's content: measured on the test cases, fitted on `fitted` others."""
    return {"method": "temperature", "temperature": temperature,
            "fitted_on": {"split": "validation", "n": fitted},
            "measured_on": {"split": "test", "n": error["n"]}, "n": error["n"],
            "ece": error["value"], "ece_interval": error["interval"], "ece_bins": BINS,
            "brier": rounded(brier), "risk_coverage": coverage}
