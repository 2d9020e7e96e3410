# SPDX-License-Identifier: Apache-2.0
"""A LoRA adapter as a GGUF file, written byte by byte: it shares no code with what reads it."""
import struct

STRING, F32_VALUE, F32 = 8, 6, 0
ALIGNMENT = 32


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def key(name, value):
    if isinstance(value, str):
        return text(name) + struct.pack("<I", STRING) + text(value)
    return text(name) + struct.pack("<If", F32_VALUE, value)


def padded(content):
    return content + bytes(-len(content) % ALIGNMENT)


def adapter(pairs, rank=4, alpha=8.0, architecture="bert", value=0.01, keys=()):
    """`pairs` maps a tensor of the base to (inputs, outputs)."""
    entries = {"general.architecture": architecture, "general.type": "adapter",
               "adapter.type": "lora", "adapter.lora.alpha": alpha, **dict(keys)}
    tensors = []
    for target, (inputs, outputs) in pairs.items():
        tensors += [(target + ".lora_a", (inputs, rank)), (target + ".lora_b", (rank, outputs))]
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(entries))
    head += b"".join(key(name, entry) for name, entry in entries.items())
    data = b""
    for name, shape in tensors:
        head += text(name) + struct.pack("<IQQIQ", len(shape), *shape, F32, len(data))
        data += padded(struct.pack("<f", value) * (shape[0] * shape[1]))
    return padded(head) + data
