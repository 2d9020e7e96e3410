# SPDX-License-Identifier: Apache-2.0
"""Writes the model as GGUF, and gives back the weights as the file holds them.

Only two-dimensional weights are quantised: the engine stops the process on a bias, a norm or token
types that are not F32.
"""

import hashlib
from dataclasses import dataclass

import gguf
import numpy as np

from shared.model import NORM_EPSILON, tensor_shapes
from shared.wordpiece import CLS, MASK, PAD, SEP, UNK

_CONTROL, _NORMAL, _UNKNOWN = 3, 1, 2


@dataclass(frozen=True)
class Names:
    """What the file says besides numbers; the tokeniser strips accents unless told otherwise."""
    title: str
    labels: tuple
    strip_accents: bool = True


def _is_matrix(name, value):
    return value.ndim == 2 and name != "token_types.weight"


def _write_keys(writer, shape, tokens, names, file_type):
    writer.add_name(names.title)
    writer.add_license("Apache-2.0")
    writer.add_file_type(int(file_type))
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_layer_norm_eps(NORM_EPSILON)
    writer.add_causal_attention(False)
    # RANK: without it the engine pools nothing and the head is never run.
    writer.add_pooling_type(gguf.PoolingType.RANK)
    writer.add_array("bert.classifier.output_labels", list(names.labels))
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    types = [_NORMAL] * len(tokens)
    types[UNK] = _UNKNOWN
    for special in (PAD, CLS, SEP, MASK):
        types[special] = _CONTROL
    writer.add_token_types(types)
    writer.add_token_type_count(1)
    writer.add_bos_token_id(CLS)
    writer.add_sep_token_id(SEP)
    writer.add_unk_token_id(UNK)
    writer.add_pad_token_id(PAD)
    writer.add_mask_token_id(MASK)
    if not names.strip_accents:
        writer.add_bool("tokenizer.ggml.normalizer.strip_accents", False)


def export(path, shape, parameters, tokens, names, quantised):
    """Writes the file and returns its SHA-256."""
    file_type = gguf.LlamaFileType.MOSTLY_Q8_0 if quantised else gguf.LlamaFileType.ALL_F32
    writer = gguf.GGUFWriter(str(path), "bert")
    _write_keys(writer, shape, tokens, names, file_type)
    for name, size in tensor_shapes(shape).items():
        value = np.ascontiguousarray(np.asarray(parameters[name], dtype=np.float32))
        assert value.shape == tuple(size), name
        if quantised and _is_matrix(name, value):
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(value, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def quantised_weights(parameters):
    """The F32 values that the quantised file stands for."""
    kind = gguf.GGMLQuantizationType.Q8_0
    out = {}
    for name, value in parameters.items():
        value = np.asarray(value, dtype=np.float32)
        if _is_matrix(name, value):
            value = gguf.quants.dequantize(gguf.quants.quantize(value, kind), kind)
        out[name] = value
    return out


def read_weights(path):
    """Weights and tokens of an F32 file written by `export`, bit for bit."""
    reader = gguf.GGUFReader(str(path))
    field = reader.fields["tokenizer.ggml.tokens"]
    tokens = [bytes(field.parts[i]).decode("utf-8") for i in field.data]
    return {t.name: np.array(t.data, dtype=np.float32) for t in reader.tensors}, tokens
