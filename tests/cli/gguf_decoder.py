# SPDX-License-Identifier: Apache-2.0
"""A tiny decoder with random weights as a GGUF file, written byte by byte."""
import random
import struct

from gguf_adapter import F32, F32_VALUE, STRING, padded

U32, I32, ARRAY = 4, 5, 9
CONTROL, NORMAL, USER_DEFINED = 3, 1, 4


def text(content):
    encoded = content.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def value(entry):
    if isinstance(entry, str):
        return struct.pack("<I", STRING) + text(entry)
    if isinstance(entry, int):
        return struct.pack("<II", U32, entry)
    if isinstance(entry, float):
        return struct.pack("<If", F32_VALUE, entry)
    if isinstance(entry[0], str):
        return struct.pack("<IIQ", ARRAY, STRING, len(entry)) + b"".join(map(text, entry))
    return struct.pack(f"<IIQ{len(entry)}i", ARRAY, I32, len(entry), *entry)


def vocabulary(more=()):
    """One token for each byte of ASCII text, and others with their kinds."""
    letters = [chr(byte) if byte > 32 else chr(0x100 + byte) for byte in range(127)]
    named = [("<s>", CONTROL), ("</s>", CONTROL), *more]
    return ([name for name, _ in named] + letters,
            [kind for _, kind in named] + [NORMAL] * len(letters))


def decoder(more=(), context=256, embedding=32, feed_forward=64, seed=1):
    tokens, kinds = vocabulary(more)
    entries = {
        "general.architecture": "llama", "general.name": "tiny decoder",
        "llama.context_length": context, "llama.embedding_length": embedding,
        "llama.block_count": 1, "llama.feed_forward_length": feed_forward,
        "llama.attention.head_count": 2, "llama.attention.head_count_kv": 1,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.merges": ["a b"],
        "tokenizer.ggml.bos_token_id": 0, "tokenizer.ggml.eos_token_id": 1,
        "tokenizer.chat_template": "{{ messages[0].content }}"}
    half = embedding // 2
    shapes = {
        "token_embd.weight": (embedding, len(tokens)), "output_norm.weight": (embedding,),
        "blk.0.attn_norm.weight": (embedding,), "blk.0.ffn_norm.weight": (embedding,),
        "blk.0.attn_q.weight": (embedding, embedding), "blk.0.attn_k.weight": (embedding, half),
        "blk.0.attn_v.weight": (embedding, half),
        "blk.0.attn_output.weight": (embedding, embedding),
        "blk.0.ffn_gate.weight": (embedding, feed_forward),
        "blk.0.ffn_up.weight": (embedding, feed_forward),
        "blk.0.ffn_down.weight": (feed_forward, embedding)}
    numbers = random.Random(seed)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(shapes), len(entries))
    head += b"".join(text(name) + value(entry) for name, entry in entries.items())
    data = b""
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) == 2 else 1)
        head += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, F32, len(data))
        data += padded(struct.pack(f"<{count}f", *(numbers.gauss(0, 0.3) for _ in range(count))))
    return padded(head) + data
