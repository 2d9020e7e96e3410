# SPDX-License-Identifier: Apache-2.0
"""Text preparation, exactly as the runtime does it: `strip-html@1`, `truncate@1`, `window@1`.

The runtime has its own implementation; both are held to the same test vectors. The steps here must
stay byte for byte equal to it, because the model is trained on what they produce.
"""

import math
import re

# A tag: its name must be followed by a byte that can end a name, so "<b@x.org>" stays text.
_TAG = re.compile(r"<(?:(/?)([A-Za-z][A-Za-z0-9]*)(?=[>/ \t\n\r\f])|[!?][A-Za-z])")
_ENTITY = re.compile(
    r"&(?:(amp|lt|gt|quot|apos|nbsp)|#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6}));")
_CLOSE_SCRIPT = re.compile(r"</script", re.IGNORECASE | re.ASCII)
_CLOSE_STYLE = re.compile(r"</style", re.IGNORECASE | re.ASCII)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}


def _entity_text(match):
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    point = int(decimal) if decimal else int(hexadecimal, 16)
    if point == 160:
        return " "
    if point == 0 or 0xD800 <= point <= 0xDFFF or point > 0x10FFFF:
        return "\ufffd"
    return chr(point)


class _Ahead:
    """Forward search that remembers its last answer, so that hostile text stays linear."""

    def __init__(self, text):
        self._text = text
        self._answers = {}

    def find(self, needle, start):
        asked, found = self._answers.get(needle, (len(self._text) + 1, -1))
        if asked <= start and (found < 0 or found >= start):
            return found
        if isinstance(needle, str):
            found = self._text.find(needle, start)
        else:
            match = needle.search(self._text, start)
            found = match.start() if match else -1
        self._answers[needle] = (start, found)
        return found


def _markup_end(text, start, ahead):
    """Where the markup that opens at `start` ends, or -1 if its `<` is literal text."""
    if text.startswith("<!--", start):
        close = ahead.find("-->", start + 4)
        return close + 3 if close >= 0 else -1
    tag = _TAG.match(text, start)
    if not tag:
        return -1
    end = ahead.find(">", tag.end()) + 1
    if end == 0:
        return -1
    name = (tag.group(2) or "").lower()
    if tag.group(1) == "" and name in ("script", "style"):
        close = ahead.find(_CLOSE_SCRIPT if name == "script" else _CLOSE_STYLE, end)
        close_end = ahead.find(">", close) + 1 if close >= 0 else 0
        if close_end > 0:
            return close_end
    return end


def strip_html(text):
    """`strip-html@1`: each comment, tag, script and style becomes one space; entities decode."""
    out = []
    position = 0
    ahead = _Ahead(text)
    for special in re.finditer("[<&]", text):
        start = special.start()
        if start < position:
            continue
        if text[start] == "&":
            entity = _ENTITY.match(text, start)
            end, emit = (entity.end(), _entity_text(entity)) if entity else (-1, "")
        else:
            end, emit = _markup_end(text, start, ahead), " "
        if end < 0:
            continue
        out.append(text[position:start])
        out.append(emit)
        position = end
    out.append(text[position:])
    return "".join(out)


def mail_text(subject, body):
    """The one text that is tokenised."""
    return subject + "\n" + strip_html(body)


def window_starts(count, content, stride):
    """`window@1`: where the windows over `count` content ids start; the last ends at the end."""
    if count <= content:
        return [0]
    windows = 1 + math.ceil((count - content) / stride)
    return [i * stride for i in range(windows - 1)] + [count - content]


def truncate_tokens(content, stride, max_windows):
    """`truncate@1`: the most content ids that `max_windows` windows can hold."""
    return content + (max_windows - 1) * stride


def windows(ids, content, stride, max_windows):
    """The content ids of each window of a mail, first to last."""
    kept = ids[:truncate_tokens(content, stride, max_windows)]
    return [kept[s:s + content] for s in window_starts(len(kept), content, stride)]
