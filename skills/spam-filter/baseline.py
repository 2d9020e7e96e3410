# SPDX-License-Identifier: Apache-2.0
"""The baseline to beat: logistic regression over the words of the whole mail.

It reads everything the mail says, with no limit on its length, and its form and strength are
chosen on the validation split, as the model's are. Cross-fitted, it can also be a teacher.
"""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

WORDS = r"(?u)\b\w\w+\b|[!$%?]"
# (longest n-gram, inverse strength of the penalty)
CANDIDATES = [(n, c) for n in (1, 2) for c in (10.0, 100.0, 300.0, 1000.0)]


def _vectoriser(ngram):
    return TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, ngram),
                           token_pattern=WORDS)


def _weights(mails):
    """A near-duplicate cluster weighs as much as one mail, as in the model's training."""
    return np.array([1.0 / m.cluster_size for m in mails])


def _fit(matrix, mails, strength):
    labels = np.array([m.label for m in mails])
    model = LogisticRegression(C=strength, max_iter=500)
    return model.fit(matrix, labels, sample_weight=_weights(mails))


def _log_loss(labels, spam):
    spam = np.clip(spam, 1e-6, 1 - 1e-6)
    return float(-np.mean(labels * np.log(spam) + (1 - labels) * np.log(1 - spam)))


def fit_and_predict(train, validation, others):
    """Chosen setting, and P(spam) for validation and each further list of mails."""
    labels = np.array([m.label for m in validation])
    best = None
    for ngram in sorted({n for n, _ in CANDIDATES}):
        vectoriser = _vectoriser(ngram)
        matrix = vectoriser.fit_transform([m.text for m in train])
        seen = vectoriser.transform([m.text for m in validation])
        for strength in [c for n, c in CANDIDATES if n == ngram]:
            model = _fit(matrix, train, strength)
            loss = _log_loss(labels, model.predict_proba(seen)[:, 1])
            if best is None or loss < best[0]:
                best = (loss, ngram, strength, vectoriser, model)
    loss, ngram, strength, vectoriser, model = best
    spam = [model.predict_proba(vectoriser.transform([m.text for m in mails]))[:, 1]
            for mails in [validation, *others]]
    chosen = {"ngram_max": ngram, "C": strength, "features": len(vectoriser.vocabulary_),
              "validation_log_loss": loss}
    return chosen, spam


def cross_fitted(train, ngram, strength, folds, seed):
    """P(spam) of each training mail from a model that saw no mail of its cluster."""
    clusters = sorted({m.cluster for m in train})
    rng = np.random.default_rng(seed)
    fold_of = dict(zip(clusters, rng.permutation(len(clusters)) % folds))
    spam = np.zeros(len(train))
    for fold in range(folds):
        seen = [i for i, m in enumerate(train) if fold_of[m.cluster] != fold]
        held = [i for i, m in enumerate(train) if fold_of[m.cluster] == fold]
        vectoriser = _vectoriser(ngram)
        matrix = vectoriser.fit_transform([train[i].text for i in seen])
        model = _fit(matrix, [train[i] for i in seen], strength)
        spam[held] = model.predict_proba(vectoriser.transform([train[i].text for i in held]))[:, 1]
    return spam
