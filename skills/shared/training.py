# SPDX-License-Identifier: Apache-2.0
"""One step of training, AdamW with a cosine rate and a running average of the weights, and padding.

`settings` is a recipe's own dataclass; read are rate, weight_decay, warmup, dropout and ema.
"""

import jax
import jax.numpy as jnp
import numpy as np

from shared.model import classify
from shared.wordpiece import CLS, PAD, SEP

jax.config.update("jax_default_prng_impl", "rbg")  # dropout masks dominate the step otherwise

forward = jax.jit(classify, static_argnums=1)


def pad_rows(rows, lengths):
    """[CLS] content [SEP], padded to the next of a few lengths so that few shapes are compiled."""
    longest = max(len(r) for r in rows) + 2
    length = next(n for n in lengths if n >= longest)
    out = np.full((len(rows), length), PAD, dtype=np.int32)
    for i, row in enumerate(rows):
        out[i, :len(row) + 2] = [CLS, *row, SEP]
    return out


def _adamw(settings, total):
    def rate_at(step):
        warm = jnp.minimum(1.0, (step + 1) / (settings.warmup * total))
        return settings.rate * warm * (0.02 + 0.98 * 0.5 * (1 + jnp.cos(jnp.pi * step / total)))

    def update(parameters, gradients, first, second, step):
        norm = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(gradients)))
        clip = jnp.minimum(1.0, 1.0 / (norm + 1e-9))
        gradients = jax.tree.map(lambda g: g * clip, gradients)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
        second = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, second, gradients)
        rate = rate_at(step)

        def moved(p, m, v):
            m_hat, v_hat = m / (1 - 0.9 ** (step + 1)), v / (1 - 0.99 ** (step + 1))
            decay = settings.weight_decay if p.ndim == 2 else 0.0
            return p - rate * (m_hat / (jnp.sqrt(v_hat) + 1e-8) + decay * p)
        return jax.tree.map(moved, parameters, first, second), first, second
    return update


def make_step(shape, settings, total):
    update = _adamw(settings, total)

    def loss(parameters, ids, targets, key):
        logits = classify(parameters, shape, ids, settings.dropout, key)
        return -(targets * jax.nn.log_softmax(logits)).sum(-1).mean()

    @jax.jit
    def step(parameters, average, first, second, ids, targets, key, number):
        value, gradients = jax.value_and_grad(loss)(parameters, ids, targets, key)
        parameters, first, second = update(parameters, gradients, first, second, number)
        keep = jnp.minimum(settings.ema, (number + 1.0) / (number + 10.0))
        average = jax.tree.map(lambda a, p: keep * a + (1 - keep) * p, average, parameters)
        return parameters, average, first, second, value
    return step
