# SPDX-License-Identifier: Apache-2.0
"""The labels, how sources name them, and the scripts they are written in.

One row a label: BCP 47 tag | script | locales of the catalogues | files of the declaration.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

_TABLE = """
af | LATIN | af | afr
am | ETHIOPIC | am | amh
ar | ARABIC | ar | arb
az | LATIN | az | azj_latn
be | CYRILLIC | be be_tarask | bel
bg | CYRILLIC | bg | bul
bn | BENGALI | bn | ben
ca | LATIN | ca ca@valencia | cat
cs | LATIN | cs | ces
cy | LATIN | cy | cym
da | LATIN | da | dan
de | LATIN | de | deu_1996
el | GREEK | el | ell_monotonic
en | LATIN | en | eng
eo | LATIN | eo | epo
es | LATIN | es | spa
et | LATIN | et | est
eu | LATIN | eu | eus
fa | ARABIC | fa | pes_1
fi | LATIN | fi | fin
fr | LATIN | fr | fra
ga | LATIN | ga | gle
gl | LATIN | gl | glg
gu | GUJARATI | gu | guj
he | HEBREW | he | heb
hi | DEVANAGARI | hi | hin
hu | LATIN | hu | hun
hy | ARMENIAN | hy | hye
id | LATIN | id | ind
is | LATIN | is | isl
it | LATIN | it | ita
ja | CJK HIRAGANA KATAKANA KATAKANA-HIRAGANA | ja | jpn
ka | GEORGIAN | ka | kat
kk | CYRILLIC | kk kk_cyrl | kaz
km | KHMER | km | khm
kn | KANNADA | kn | kan
ko | HANGUL | ko | kor
lt | LATIN | lt | lit
lv | LATIN | lv | lav
mk | CYRILLIC | mk | mkd
ml | MALAYALAM | ml | mal
mn | CYRILLIC | mn | khk
mr | DEVANAGARI | mr | mar
ms | LATIN | ms | mly_latn
my | MYANMAR | my | mya
nb | LATIN | nb no | nob
ne | DEVANAGARI | ne | nep
nl | LATIN | nl | nld
nn | LATIN | nn | nno
pa | GURMUKHI | pa | pan
pl | LATIN | pl | pol
pt | LATIN | pt pt_br | por_PT por_BR
ro | LATIN | ro | ron_2006
ru | CYRILLIC | ru | rus
sh | LATIN | hr bs sr@latin sr_el sh_latn | hrv bos_latn srp_latn
si | SINHALA | si | sin
sk | LATIN | sk | slk
sl | LATIN | sl | slv
sq | LATIN | sq | als
sr | CYRILLIC | sr sr_ec | srp_cyrl
sv | LATIN | sv | swe
sw | LATIN | sw | swh
ta | TAMIL | ta | tam
te | TELUGU | te | tel
th | THAI | th | tha
tl | LATIN | tl fil | tgl
tr | LATIN | tr | tur
uk | CYRILLIC | uk | ukr
ur | ARABIC | ur | urd
vi | LATIN | vi | vie
zh-Hans | CJK | zh_cn zh_hans | cmn_hans
zh-Hant | CJK | zh_tw zh_hk zh_hant | cmn_hant
"""
# Written without spaces between words, so that a text may be cut anywhere.
UNSPACED = frozenset(("ja", "km", "my", "th", "zh-Hans", "zh-Hant"))


@dataclass(frozen=True)
class Language:
    label: str
    scripts: tuple
    locales: tuple
    declarations: tuple


def _row(line):
    label, scripts, locales, declarations = (part.split() for part in line.split("|"))
    return Language(label[0], tuple(scripts), tuple(locales), tuple(declarations))


LANGUAGES = [_row(line) for line in _TABLE.strip().splitlines()]
LABELS = [language.label for language in LANGUAGES]
_LABEL_OF = {locale: each.label for each in LANGUAGES for locale in each.locales}
_SCRIPTS_OF = {each.label: each.scripts for each in LANGUAGES}
_script_of = {}


def label_of(locale):
    """The label of a catalogue's locale such as pt_BR, or None."""
    name = locale.lower().replace("-", "_")
    if name in _LABEL_OF:
        return _LABEL_OF[name]
    region = re.fullmatch(r"([a-z]{2,3})_[a-z]{2}", name)
    return _LABEL_OF.get(region.group(1)) if region and region.group(1) != "zh" else None


def script(char):
    """The first word of a letter's Unicode name, which is its script; "" for what is no letter."""
    found = _script_of.get(char)
    if found is None:
        letter = unicodedata.category(char)[0] in "LM"
        found = unicodedata.name(char, "").split(" ")[0] if letter else ""
        _script_of[char] = found
    return found


def share_in_script(label, text):
    """How much of the text's letters is in the script of the language."""
    scripts = Counter(map(script, text))
    total = scripts.total() - scripts[""] - scripts["COMBINING"]
    return sum(scripts[s] for s in _SCRIPTS_OF[label]) / max(1, total)
