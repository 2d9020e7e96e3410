# SPDX-License-Identifier: Apache-2.0
"""The tokens: every character the languages use, and pieces of words where scripts are shared.

A language that is alone in its script is known by its characters; pieces are for those whose
letters others use as well. Accents and marks are kept: they tell languages apart.
"""

from collections import Counter, defaultdict

import numpy as np

from languages import LANGUAGES
from shared.wordpiece import SPECIALS, WORD_START, Tokenizer, grow_vocabulary, split_words

CHARACTER_TEXTS_MIN = 3  # texts of one language
HAN_EACH = 800
WORDS_EACH = 4_000
WORD_CHARACTERS_MAX = 24
ALONE_WEIGHT = 0.1
MARKS = "".join(map(chr, range(0x300, 0x329)))  # letters written as a base and its marks


def _is_han(char):
    return "\u3400" <= char <= "\u9fff"


def weights():
    """How much a language counts: full if others share its script."""
    users = Counter(script for each in LANGUAGES for script in each.scripts)
    return {each.label: 1.0 if max(users[s] for s in each.scripts) > 1
            and "CJK" not in each.scripts else ALONE_WEIGHT for each in LANGUAGES}


def _counts(texts):
    """label -> word -> number of texts that hold it."""
    words = defaultdict(Counter)
    for text in texts:
        words[text.label].update(set(split_words(text.text, strip_accents=False)))
    return words


def _characters(words):
    """(characters seen often enough, Han characters among the most frequent of a language)."""
    plain, han = set(MARKS), set()
    for label in sorted(words):
        seen = Counter()
        for word, count in words[label].items():
            for char in set(word):
                seen[char] += count
        plain.update(c for c, n in seen.items() if n >= CHARACTER_TEXTS_MIN and not _is_han(c))
        ranked = sorted((-n, c) for c, n in seen.items() if _is_han(c))
        if label in ("ja", "zh-Hans", "zh-Hant"):
            han.update(c for _, c in ranked[:HAN_EACH])
    return plain, han


def _kept(tokens, fixed, size, words):
    """The `fixed` first tokens and of the others those that a balanced text uses most."""
    tokenizer = Tokenizer(tokens, strip_accents=False)
    usage = np.zeros(len(tokens))
    for label, weight in weights().items():
        own = np.zeros(len(tokens))
        for word, count in words[label].items():
            np.add.at(own, tokenizer.encode_word(word), count)
        usage += weight * own / own.sum()
    order = np.argsort(-usage[fixed:], kind="stable")[:size - fixed]
    return tokens[:fixed] + [tokens[fixed + i] for i in sorted(order)]


def build(texts, size):
    """The list of tokens, specials first.

    Merging leaves many pieces that only larger ones are made of. So more are made than are kept.
    """
    words = _counts(texts)
    plain, han = _characters(words)
    tokens = [*SPECIALS, WORD_START, *sorted(plain), *(WORD_START + c for c in sorted(han))]
    fixed = len(tokens)
    weighted = Counter()
    for label, weight in weights().items():
        known = [(-n, w) for w, n in words[label].items()
                 if len(w) <= WORD_CHARACTERS_MAX and plain.issuperset(w)]
        chosen = sorted(known)[:WORDS_EACH]
        total = -sum(n for n, _ in chosen) or 1
        for negative, word in chosen:
            weighted[word] += round(-negative / total * weight * 1e9)
    grown = grow_vocabulary(tokens, size * 4 // 3, sorted(weighted.items()), join_start=False)
    return _kept(grown, fixed, size, words)
