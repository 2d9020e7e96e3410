# SPDX-License-Identifier: Apache-2.0
"""Training: random windows of mails, masked tokens, AdamW and an average of the weights.

Nothing here looks at the test split. Each epoch draws one mail of every near-duplicate cluster and
one window of that mail, so that a mail-shot sent forty times counts as one example.
"""

import time
from dataclasses import asdict, dataclass

import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from prepare import windows
from shared.model import initial_parameters
from shared.training import forward, make_step, pad_rows
from shared.wordpiece import MASK

LENGTHS = (64, 128, 192, 256)
SHORT_CONTENT = 126


@dataclass(frozen=True)
class Settings:
    epochs: int = 8
    batch: int = 32
    rate: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 0.1
    dropout: float = 0.1
    mask: float = 0.15
    smoothing: float = 0.0
    teacher_weight: float = 0.0
    ema: float = 0.995
    first_window: float = 0.5
    short_window: float = 0.0
    svd_init: float = 0.0
    seed: int = 7


def embedding_from_cooccurrence(mails_ids, vocabulary, width, scale, seed):
    """Directions of the positive pointwise mutual information of tokens that share a mail's lines.

    A random start has to learn from 3300 labels which words are alike; the mails' own text says so.
    """
    rows, columns = [], []
    for ids in mails_ids:
        ids = np.asarray(ids[:2000], dtype=np.int64)
        for gap in range(1, 9):
            rows.append(ids[:-gap])
            columns.append(ids[gap:])
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    counts = scipy.sparse.coo_matrix((np.ones(rows.size), (rows, columns)),
                                     shape=(vocabulary, vocabulary)).tocsr()
    counts = (counts + counts.T).tocoo()
    sums = np.asarray(counts.tocsr().sum(1)).ravel() + 1e-9
    smoothed = sums ** 0.75
    smoothed /= smoothed.sum()
    value = np.log(counts.data / (sums[counts.row] * smoothed[counts.col]))
    keep = value > 0
    ppmi = scipy.sparse.csr_matrix((value[keep], (counts.row[keep], counts.col[keep])),
                                   shape=counts.shape)
    start = np.random.default_rng(seed).normal(size=vocabulary)
    left, singular, _ = scipy.sparse.linalg.svds(ppmi, k=width, v0=start)
    vectors = left * np.sqrt(singular)
    return vectors / vectors.std() * scale


def _draw_epoch(clusters, mails_ids, content, settings, rng):
    """One window of one member of every cluster, as (mail index, ids), in random order."""
    drawn = []
    for members in clusters:
        index = members[rng.integers(len(members))]
        ids = mails_ids[index]
        # A shorter window costs half, and makes the model read less of a mail with more care.
        size = SHORT_CONTENT if rng.random() < settings.short_window else content
        start = 0
        if len(ids) > size and rng.random() >= settings.first_window:
            start = int(rng.integers(len(ids) - size + 1))
        window = np.asarray(ids[start:start + size], dtype=np.int32)
        hidden = rng.random(window.size) < settings.mask * rng.random() * 2
        drawn.append((index, np.where(hidden, MASK, window)))
    order = rng.permutation(len(drawn))
    return [drawn[i] for i in order]


def _batches(drawn, size, rng):
    """Batches of similar length, in random order: little padding, and still mixed mails."""
    chunk = size * 12
    out = []
    for start in range(0, len(drawn), chunk):
        part = sorted(drawn[start:start + chunk], key=lambda d: len(d[1]))
        out += [part[i:i + size] for i in range(0, len(part), size)]
    out = [b for b in out if len(b) == size]
    return [out[i] for i in rng.permutation(len(out))]


def targets_for(labels, settings, teacher=None):
    """Label distribution per mail; the teacher's cross-fitted probability may be mixed in."""
    spam = labels * (1 - settings.smoothing) + 0.5 * settings.smoothing
    if teacher is not None:
        spam = (1 - settings.teacher_weight) * spam + settings.teacher_weight * teacher
    return np.stack([1 - spam, spam], axis=1).astype(np.float32)


def predict(parameters, shape, mails_ids, stride, max_windows):
    """Raw logits of every window, per mail."""
    content = shape.context - 2
    pieces = [(m, w) for m, ids in enumerate(mails_ids)
              for w in windows(ids, content, stride, max_windows)]
    order = sorted(range(len(pieces)), key=lambda i: len(pieces[i][1]))
    logits = np.zeros((len(pieces), shape.labels), dtype=np.float32)
    for start in range(0, len(order), 32):
        part = order[start:start + 32]
        rows = [pieces[i][1] for i in part]
        rows += [[]] * (32 - len(part))
        logits[part] = np.asarray(forward(parameters, shape, pad_rows(rows, LENGTHS)))[:len(part)]
    out = [[] for _ in mails_ids]
    for (mail, _), value in zip(pieces, logits):
        out[mail].append(value)
    return [np.stack(w) for w in out]


def train(shape, settings, mails_ids, targets, clusters, report=None):
    """Averaged parameters after the last epoch. `report(epoch, parameters, line)` may measure."""
    rng = np.random.default_rng(settings.seed)
    parameters = initial_parameters(shape, settings.seed)
    if settings.svd_init:
        parameters["token_embd.weight"] = jnp.asarray(embedding_from_cooccurrence(
            mails_ids, shape.vocabulary, shape.width, settings.svd_init, settings.seed),
            dtype=jnp.float32)
    average = parameters
    first = second = jax.tree.map(jnp.zeros_like, parameters)
    per_epoch = len(clusters) // settings.batch
    step = make_step(shape, settings, per_epoch * settings.epochs)
    key, number, started = jax.random.key(settings.seed), 0, time.time()
    for epoch in range(settings.epochs):
        losses = []
        drawn = _draw_epoch(clusters, mails_ids, shape.context - 2, settings, rng)
        for batch in _batches(drawn, settings.batch, rng):
            key, used = jax.random.split(key)
            ids = pad_rows([list(window) for _, window in batch], LENGTHS)
            parameters, average, first, second, value = step(
                parameters, average, first, second, ids,
                targets[[index for index, _ in batch]], used, number)
            losses.append(float(value))
            number += 1
        line = f"epoch {epoch + 1} loss {np.mean(losses):.4f} {time.time() - started:.0f} s"
        if report:
            report(epoch, average, line)
    return average


def settings_json(settings):
    return asdict(settings)
