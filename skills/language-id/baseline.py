# SPDX-License-Identifier: Apache-2.0
"""The baseline to beat: multinomial naive Bayes over the n-grams of characters of words.

It sees all training texts whole; the longest n-gram and the smoothing are chosen on validation, as
the model's settings are.
"""

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.naive_bayes import MultinomialNB

from languages import LABELS

FEATURES = 2**20
NGRAMS = (4, 5)
SMOOTHINGS = (0.01, 0.1, 1.0)


def _vectoriser(longest):
    return HashingVectorizer(analyzer="char_wb", ngram_range=(1, longest), n_features=FEATURES,
                             alternate_sign=False, norm=None)


def _counts(vectoriser, texts):
    """Sum of the n-grams of each label: all that naive Bayes needs."""
    out = np.zeros((len(LABELS), FEATURES))
    for row, label in enumerate(LABELS):
        own = [t.text for t in texts if t.label == label]
        for start in range(0, len(own), 4000):
            out[row] += np.asarray(vectoriser.transform(own[start:start + 4000]).sum(0)).ravel()
    return out


def _fit(counts, smoothing):
    model = MultinomialNB(alpha=smoothing, fit_prior=False)
    return model.fit(counts, np.arange(len(LABELS)))


def fit_and_predict(texts, validation, others):
    """Chosen setting, and logits for validation and each further list of snippets."""
    labels = np.array([LABELS.index(s.label) for s in validation])
    best = None
    for longest in NGRAMS:
        vectoriser = _vectoriser(longest)
        counts = _counts(vectoriser, texts)
        seen = vectoriser.transform([s.text for s in validation])
        for smoothing in SMOOTHINGS:
            model = _fit(counts, smoothing)
            logits = model.predict_joint_log_proba(seen)
            right = float(np.mean(logits.argmax(1) == labels))
            if best is None or right > best[0]:
                best = (right, longest, smoothing, vectoriser, model)
    right, longest, smoothing, vectoriser, model = best
    logits = [model.predict_joint_log_proba(vectoriser.transform([s.text for s in snippets]))
              for snippets in [validation, *others]]
    return {"ngram_max": longest, "smoothing": smoothing, "features": FEATURES,
            "validation_accuracy": right}, logits
