# SPDX-License-Identifier: Apache-2.0
"""Turns a catalogue's message into text as people write it: no markup, placeholders, key marks."""

import html
import re
import unicodedata

_STEPS = (
    # Chinese and Japanese menus put the key behind the word: 檔案(_F).
    (re.compile(r"\s*\([_&~]\w\)"), ""),
    (re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]"), r"\1"),
    (re.compile(r"\[(?:https?:)?//\S+ ([^\[\]]*)\]"), r"\1"),
    # {{PLURAL:$1|one|many}}: the last form; other templates say nothing in any language.
    (re.compile(r"\{\{(?:PLURAL|GENDER)[^{}|]*\|(?:[^{}|]*\|)*([^{}|]*)\}\}", re.I), r"\1"),
    (re.compile(r"\{\{[^{}]*\}\}"), " "),
    (re.compile(r"<[^<>]{0,400}>"), " "),
    (re.compile(r"(?:https?|ftp|file)://\S+|www\.\S+|\S+@\S+\.\S+"), " "),
    (re.compile(r"%\([^)]*\)[a-z]|%(?:\d+\$)?[-+ #0]*\d*(?:\.\d+)?(?:l|ll|z|h|j)*[A-Za-z]|%\d+"),
     " "),
    (re.compile(r"\$\([^)]*\)|\$\{[^}]*\}|\$[A-Za-z0-9_]+|\{[^{}]*\}|#[A-Z0-9_]+#|@[a-z_]+@?"), " "),
    (re.compile(r"\\[nrt\"']"), " "),
    # What looks like a name in a program: options, paths, files, identifiers, shouted acronyms.
    (re.compile(r"(?<!\w)--?[a-zA-Z][\w-]*|\S*/\S*/\S*|\b\w+\.(?:\w{1,4})\b(?=\W|$)|\S*\w_\w\S*"), " "),
    (re.compile(r"'''?|[_&~](?=\w)|[`*|=<>{}\[\]\\^#%~_$@]+"), ""),
    (re.compile(r"\s+([.,;:!?)])"), r"\1"),
    (re.compile(r"\(\s*[.,;:]*\s*\)|[\"“”„«»]\s*[\"“”„«»]"), " "),
    (re.compile(r"\s+"), " "),
)


def clean(text):
    """The text without what only programs read."""
    if "&" in text and ";" in text:
        text = html.unescape(text)
    for pattern, replacement in _STEPS:
        text = pattern.sub(replacement, text)
    return unicodedata.normalize("NFC", text).strip(" -–—:;,.·•\"'()/+")


def letters(text):
    """Letters and marks only, lower-cased: what two copies of one text share."""
    return re.sub(r"[\W\d_]+", "", text.lower())
