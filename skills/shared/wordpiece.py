# SPDX-License-Identifier: Apache-2.0
"""The engine's WordPiece tokeniser, and the training of its vocabulary.

`Tokenizer` follows the engine's own rules, not those of other BERT libraries; ids must be equal.
The vocabulary is built by byte-pair merges over word counts, with ties broken by the text of the
pair, so the same texts always give the same vocabulary.
"""

import heapq
import unicodedata
from collections import Counter, defaultdict

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNK, CLS, SEP, MASK = range(5)
# The engine writes the start of a word as this mark; there is no "##" for the rest of a word.
WORD_START = "\u2581"

_WHITESPACE = frozenset(
    list(range(0x09, 0x0E)) + list(range(0x2000, 0x200B))
    + [0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000])
_CHINESE = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
            (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


def _character_action(char, strip_accents):
    """What the engine does with one character: " " splits, "" drops, (c,) stands alone, c joins."""
    if strip_accents:
        char = unicodedata.normalize("NFD", char)[0]
    point = ord(char)
    if point in _WHITESPACE:
        return " "
    category = unicodedata.category(char)
    # Unassigned code points (Cn) are kept by the engine; other "C" classes are controls.
    if point in (0, 0xFFFD) or category in ("Cc", "Cf", "Co", "Cs"):
        return ""
    if strip_accents and category[0] == "M":
        return ""
    # Only the dotted capital I becomes two characters; the engine keeps the first.
    lower = char.lower()[0]
    alone = (category[0] == "P" or (point < 0x7F and category[0] == "S")
             or any(first <= point <= last for first, last in _CHINESE))
    return (lower,) if alone else lower


_actions = {True: {}, False: {}}


def split_words(text, strip_accents=True):
    """The engine's pre-tokenisation: lower-cased words and single punctuation characters."""
    actions = _actions[strip_accents]
    words, word = [], []
    for char in text:
        action = actions.get(char)
        if action is None:
            action = actions.setdefault(char, _character_action(char, strip_accents))
        if action == " " or isinstance(action, tuple):
            if word:
                words.append("".join(word))
                word = []
            if action != " ":
                words.append(action[0])
        else:
            word.append(action)
    if word:
        words.append("".join(word))
    # A character that is dropped leaves an empty string in the word, never an empty word.
    return [w for w in words if w]


class Tokenizer:
    """Greedy longest match over a fixed vocabulary."""

    def __init__(self, tokens, strip_accents=True):
        self.tokens = list(tokens)
        self.strip_accents = strip_accents
        self._ids = {t: i for i, t in enumerate(self.tokens)}
        self._longest = max(len(t) for t in self.tokens)
        self._cache = {}

    def encode(self, text):
        """Content ids, without special tokens."""
        ids = []
        for word in split_words(text, self.strip_accents):
            found = self._cache.get(word)
            if found is None:
                found = self._cache.setdefault(word, self.encode_word(word))
            ids.extend(found)
        return ids

    def encode_word(self, word):
        """Content ids of one word of `split_words`."""
        word = WORD_START + word
        ids, start = [], 0
        while start < len(word):
            for end in range(min(len(word), start + self._longest), start, -1):
                match = self._ids.get(word[start:end])
                if match is not None:
                    break
            else:
                # One piece that does not match makes the whole word unknown.
                return [UNK]
            ids.append(match)
            start = end
        return ids


def _merge_word(pieces, pair):
    merged, i = [], 0
    while i < len(pieces):
        if i + 1 < len(pieces) and (pieces[i], pieces[i + 1]) == pair:
            merged.append(pieces[i] + pieces[i + 1])
            i += 2
        else:
            merged.append(pieces[i])
            i += 1
    return merged


class _MergeState:
    """Pair counts over the distinct words, kept up to date merge by merge."""

    def __init__(self, word_counts, join_start):
        self.counts = [count for _, count in word_counts]
        self.words = [[WORD_START + w[0]] + list(w[1:]) if join_start else [WORD_START, *w]
                      for w, _ in word_counts]
        self.pairs = Counter()
        self.where = defaultdict(set)
        for index, pieces in enumerate(self.words):
            self._add(index, pieces, 1, set())
        self.heap = [(-n, p) for p, n in self.pairs.items()]
        heapq.heapify(self.heap)

    def _add(self, index, pieces, sign, changed):
        for pair in zip(pieces, pieces[1:]):
            self.pairs[pair] += sign * self.counts[index]
            changed.add(pair)
            if sign > 0:
                self.where[pair].add(index)

    def best(self):
        """The most frequent pair; heap entries with an old count are dropped on the way."""
        while self.heap:
            negative, pair = heapq.heappop(self.heap)
            if self.pairs.get(pair, 0) == -negative and negative < 0:
                return pair
        return None

    def merge(self, pair):
        changed = set()
        for index in sorted(self.where.pop(pair)):
            self._add(index, self.words[index], -1, changed)
            self.words[index] = _merge_word(self.words[index], pair)
            self._add(index, self.words[index], 1, changed)
        for other in changed:
            if self.pairs[other] > 0:
                heapq.heappush(self.heap, (-self.pairs[other], other))


def grow_vocabulary(tokens, size, word_counts, join_start=True):
    """`tokens` and then merges by frequency, `size` in all; a count may be any number above 0.

    Without `join_start` the mark of a word's start is a piece of its own at first, so that one form
    of each character is enough.
    """
    tokens, known = list(tokens), set(tokens)
    state = _MergeState(word_counts, join_start)
    while len(tokens) < size:
        pair = state.best()
        if pair is None:
            break
        state.merge(pair)
        piece = pair[0] + pair[1]
        if piece not in known:
            known.add(piece)
            tokens.append(piece)
    return tokens


def train_vocabulary(texts, size, alphabet_min=20, word_chars_max=30):
    """Tokens for the engine: specials, characters seen often enough, then merges by frequency."""
    counts = Counter()
    for text in texts:
        # A text counts a word once: one long listing must not buy vocabulary for itself.
        counts.update(set(split_words(text)))
    characters = Counter()
    for word, count in counts.items():
        for char in word:
            characters[char] += count
    alphabet = sorted(c for c, n in characters.items() if n >= alphabet_min)
    tokens = list(SPECIALS) + [WORD_START + c for c in alphabet] + alphabet
    allowed = set(alphabet)
    return grow_vocabulary(tokens, size, sorted(
        (w, n) for w, n in counts.items() if len(w) <= word_chars_max and allowed.issuperset(w)))
