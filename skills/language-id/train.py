# SPDX-License-Identifier: Apache-2.0
"""Training: random cuts of random texts, every language about as often as every other.

Nothing here looks at validation or test texts.
"""

import time
import unicodedata
from collections import defaultdict
from dataclasses import asdict, dataclass

import jax
import jax.numpy as jnp
import numpy as np

from languages import LABELS, UNSPACED
from shared.model import initial_parameters
from shared.training import forward, make_step, pad_rows
from shared.wordpiece import MASK, UNK
from snippets import cut
from vocabulary import weights

LENGTHS = (8, 12, 16, 24, 32, 48, 64, 96, 128)
STATISTICS_STEP = 4  # every fourth text is enough to count tokens
POOL = 16  # batches drawn at once
DIGITS_AND_MARKS = "0123456789.,:;!?()-+%/*'\""


@dataclass(frozen=True)
class Settings:
    steps: int = 4500
    batch: int = 256
    rate: float = 1.5e-3
    weight_decay: float = 0.05
    warmup: float = 0.05
    dropout: float = 0.05
    mask: float = 0.05
    smoothing: float = 0.02
    ema: float = 0.998
    shortest: float = 6.0
    longest: float = 160.0
    inside: float = 0.1
    decomposed: float = 0.03
    languageless: float = 0.01
    alone_weight: float = 0.5
    token_scale: float = 0.05
    common_scale: float = 0.15
    seed: int = 7


class Draws:
    """Endless training examples, all from one random generator."""

    def __init__(self, texts, tokenizer, settings):
        self._rng = np.random.default_rng(settings.seed)
        self._settings, self._tokenizer = settings, tokenizer
        self._texts = defaultdict(list)
        for text in texts:
            self._texts[text.label].append(text.text)
        share = np.array([1.0 if weights()[label] == 1.0 else settings.alone_weight
                          for label in LABELS])
        self._share = share / share.sum()

    def _long_enough(self, label, length):
        """Texts of one language one after another; a short one seldom stands alone."""
        pool, parts, size = self._texts[label], [], 0
        while size < length:
            parts.append(pool[self._rng.integers(len(pool))])
            size += len(parts[-1]) + 2
        glue = "" if label in UNSPACED else (" ", ". ", ", ")[self._rng.integers(3)]
        return glue.join(parts)

    def _piece(self, label):
        rng, settings = self._rng, self._settings
        length = int(np.exp(rng.uniform(np.log(settings.shortest), np.log(settings.longest))))
        text = self._long_enough(label, length)
        start = int(rng.integers(max(1, len(text) - length + 1)))
        if rng.random() < settings.inside:
            piece = text[start:start + length]
        else:
            piece = cut(label, text, start if rng.random() < 0.7 else 0, length)
        piece = piece or text[:length]
        if rng.random() < settings.decomposed:
            piece = unicodedata.normalize("NFD", piece)
        return piece

    def _nothing(self):
        """What no language can be read from: digits, and words of foreign scripts, all unknown."""
        rng = self._rng
        chosen = rng.choice(list(DIGITS_AND_MARKS), size=rng.integers(1, 20))
        ids = self._tokenizer.encode("".join(chosen))
        return [UNK if rng.random() < 0.5 else i for i in ids]

    def _example(self, index):
        """(ids, distribution over the labels) of one draw of a language."""
        rng, settings = self._rng, self._settings
        count = len(LABELS)
        if rng.random() < settings.languageless:
            return self._nothing(), np.full(count, 1.0 / count, dtype=np.float32)
        target = np.full(count, settings.smoothing / count, dtype=np.float32)
        target[index] += 1.0 - settings.smoothing
        ids = self._tokenizer.encode(self._piece(LABELS[index]))[:LENGTHS[-1] - 2]
        hidden = rng.random(len(ids)) < settings.mask
        return [MASK if h else t for t, h in zip(ids, hidden)], target

    def batches(self):
        """Endless (rows of ids, targets), each of rows of similar length: little padding."""
        size = self._settings.batch
        while True:
            drawn = [self._example(index) for index in
                     self._rng.choice(len(LABELS), size=size * POOL, p=self._share)]
            drawn.sort(key=lambda example: len(example[0]))
            for start in self._rng.permutation(POOL) * size:
                part = drawn[start:start + size]
                yield [row for row, _ in part], np.stack([target for _, target in part])


def language_vectors(texts, tokenizer, width, seed):
    """Token vectors of standard deviation 1 that say in which languages a token is usual.

    They are the logarithms of a token's share in each language, centred, in as many principal
    directions as there is room for. Training would need long to find out what counting knows.
    """
    counts = np.zeros((len(tokenizer.tokens), len(LABELS)))
    for text in texts[::STATISTICS_STEP]:
        np.add.at(counts[:, LABELS.index(text.label)], tokenizer.encode(text.text), 1.0)
    rates = np.log((counts + 0.1) / (counts.sum(0) + 0.1 * len(counts)))
    rates -= rates.mean(1, keepdims=True)
    _, directions = np.linalg.eigh(rates.T @ rates)
    vectors = rates @ directions[:, -min(width, len(LABELS)):]
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(width, width)))[0]
    vectors = vectors @ turn[:vectors.shape[1]]
    return vectors / vectors.std()


def start_parameters(shape, settings, texts, tokenizer):
    """Random, but for the tokens.

    What all tokens have in common is larger than what sets them apart. Otherwise the first norm
    would make tokens that say little about the language as loud as those that say much.
    """
    parameters = initial_parameters(shape, settings.seed)
    vectors = language_vectors(texts, tokenizer, shape.width, settings.seed)
    signs = np.random.default_rng(settings.seed).permutation(shape.width) % 2 * 2.0 - 1.0
    parameters["token_embd.weight"] = jnp.asarray(settings.token_scale * vectors,
                                                  dtype=jnp.float32)
    parameters["token_types.weight"] = jnp.asarray(settings.common_scale * signs[None],
                                                   dtype=jnp.float32)
    return parameters


def train(shape, settings, texts, tokenizer, report=None, every=1000):
    """Averaged parameters after the last step. `report(step, parameters, line)` may measure."""
    batches = Draws(texts, tokenizer, settings).batches()
    parameters = average = start_parameters(shape, settings, texts, tokenizer)
    first = second = jax.tree.map(jnp.zeros_like, parameters)
    step = make_step(shape, settings, settings.steps)
    key, losses, started = jax.random.key(settings.seed), [], time.time()
    for number in range(settings.steps):
        rows, targets = next(batches)
        ids = pad_rows(rows, LENGTHS)
        key, used = jax.random.split(key)
        parameters, average, first, second, value = step(
            parameters, average, first, second, ids, targets, used, number)
        losses.append(value)
        if (number + 1) % every == 0 or number + 1 == settings.steps:
            line = (f"step {number + 1} loss {np.mean([float(v) for v in losses]):.4f} "
                    f"{time.time() - started:.0f} s")
            losses = []
            if report:
                report(number + 1, average, line)
    return average


def predict(parameters, shape, rows):
    """Raw logits of one row of ids each; rows are cut to the context."""
    rows = [row[:shape.context - 2] for row in rows]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    logits = np.zeros((len(rows), shape.labels), dtype=np.float32)
    for start in range(0, len(order), 64):
        part = order[start:start + 64]
        padded = [rows[i] for i in part] + [[]] * (64 - len(part))
        logits[part] = np.asarray(forward(parameters, shape, pad_rows(padded, LENGTHS)))[:len(part)]
    return logits


def settings_json(settings):
    return asdict(settings)
