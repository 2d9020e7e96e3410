# SPDX-License-Identifier: Apache-2.0
"""The BERT encoder with its classification head, in the engine's convention.

Parameters carry the names and layouts ([out, in]) of the GGUF tensors, so export is a copy. The
engine adds layer norms after each sublayer, uses the tanh form of GELU, and feeds the row of
[CLS] through `cls`, tanh and `cls.output`; the result is raw logits.

An extra entry `rounded` among the parameters makes every matrix product round its activations as
the engine does for Q8_0 weights, so the shipped file can be measured here.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

NORM_EPSILON = 1e-12
MASKED = -1e9


@dataclass(frozen=True)
class Shape:
    """Sizes of the model; `context` is [CLS] + content + [SEP]."""
    vocabulary: int
    width: int
    layers: int
    heads: int
    feed_forward: int
    context: int
    labels: int = 2


def tensor_shapes(shape):
    """Every tensor of the file, in the order in which it is written."""
    d, f = shape.width, shape.feed_forward
    out = {"token_embd.weight": (shape.vocabulary, d), "position_embd.weight": (shape.context, d),
           "token_types.weight": (1, d),
           "token_embd_norm.weight": (d,), "token_embd_norm.bias": (d,)}
    for i in range(shape.layers):
        block = f"blk.{i}."
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            out[block + name + ".weight"], out[block + name + ".bias"] = (d, d), (d,)
        out[block + "attn_output_norm.weight"] = out[block + "attn_output_norm.bias"] = (d,)
        out[block + "ffn_up.weight"], out[block + "ffn_up.bias"] = (f, d), (f,)
        out[block + "ffn_down.weight"], out[block + "ffn_down.bias"] = (d, f), (d,)
        out[block + "layer_output_norm.weight"] = out[block + "layer_output_norm.bias"] = (d,)
    out["cls.weight"], out["cls.bias"] = (d, d), (d,)
    out["cls.output.weight"], out["cls.output.bias"] = (shape.labels, d), (shape.labels,)
    return out


def initial_parameters(shape, seed):
    rng = np.random.default_rng(seed)
    parameters = {}
    for name, size in tensor_shapes(shape).items():
        if name.endswith("norm.weight"):
            value = np.ones(size)
        elif name.endswith("bias"):
            value = np.zeros(size)
        elif name.endswith("embd.weight") or name == "token_types.weight":
            value = rng.normal(0.0, 0.02 if name != "token_embd.weight" else 0.05, size)
        else:
            value = rng.normal(0.0, (1.0 / size[1]) ** 0.5 * 0.7, size)
        parameters[name] = jnp.asarray(value, dtype=jnp.float32)
    return parameters


def _round_activations(x):
    """What the engine multiplies with a Q8_0 weight: blocks of 32 as int8 and a half scale."""
    blocks = x.reshape(*x.shape[:-1], -1, 32)
    scale = jnp.abs(blocks).max(-1, keepdims=True) / 127.0
    whole = jnp.round(blocks / jnp.where(scale == 0.0, 1.0, scale))
    return (whole * scale.astype(jnp.float16).astype(jnp.float32)).reshape(x.shape)


def _linear(parameters, name, x):
    if "rounded" in parameters:
        x = _round_activations(x)
    return x @ parameters[name + ".weight"].T + parameters[name + ".bias"]


def _norm(parameters, name, x):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    normal = (x - mean) * jax.lax.rsqrt(variance + NORM_EPSILON)
    return normal * parameters[name + ".weight"] + parameters[name + ".bias"]


def _dropout(x, rate, key):
    if key is None or rate == 0.0:
        return x
    return jnp.where(jax.random.bernoulli(key, 1.0 - rate, x.shape), x / (1.0 - rate), 0.0)


def _attention(parameters, block, x, queries, visible, heads):
    """`queries` may be fewer rows than `x`: the last layer needs only [CLS]."""
    def split(y):
        return y.reshape(y.shape[0], y.shape[1], heads, -1).transpose(0, 2, 1, 3)
    q = split(_linear(parameters, block + "attn_q", queries))
    k = split(_linear(parameters, block + "attn_k", x))
    v = split(_linear(parameters, block + "attn_v", x))
    scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(q.shape[-1])
    weights = jax.nn.softmax(jnp.where(visible[:, None, None, :], scores, MASKED), axis=-1)
    mixed = (weights @ v).transpose(0, 2, 1, 3).reshape(queries.shape)
    return _linear(parameters, block + "attn_output", mixed)


def encode(parameters, shape, ids, dropout=0.0, key=None, cls_only=True):
    """Hidden states of a padded batch; with `cls_only` just the row of [CLS], at less cost."""
    keys = [None] * (2 * shape.layers + 1)
    if key is not None:
        keys = jax.random.split(key, len(keys))
    visible = ids != 0
    x = (parameters["token_embd.weight"][ids] + parameters["token_types.weight"][0]
         + parameters["position_embd.weight"][:ids.shape[1]])
    x = _dropout(_norm(parameters, "token_embd_norm", x), dropout, keys[0])
    for i in range(shape.layers):
        block = f"blk.{i}."
        last = cls_only and i == shape.layers - 1
        queries = x[:, :1] if last else x
        mixed = _attention(parameters, block, x, queries, visible, shape.heads)
        mixed = _dropout(mixed, dropout, keys[2 * i + 1])
        queries = _norm(parameters, block + "attn_output_norm", queries + mixed)
        hidden = jax.nn.gelu(_linear(parameters, block + "ffn_up", queries), approximate=True)
        hidden = _dropout(_linear(parameters, block + "ffn_down", hidden), dropout, keys[2 * i + 2])
        x = _norm(parameters, block + "layer_output_norm", queries + hidden)
    return x


def classify(parameters, shape, ids, dropout=0.0, key=None):
    """Raw logits [batch, labels]."""
    encode_key = head_key = None
    if key is not None:
        encode_key, head_key = jax.random.split(key)
    first = encode(parameters, shape, ids, dropout, encode_key)[:, 0]
    pooled = jnp.tanh(_linear(parameters, "cls", first))
    return _linear(parameters, "cls.output", _dropout(pooled, dropout, head_key))
