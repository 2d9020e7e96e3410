# SPDX-License-Identifier: Apache-2.0
"""What the rules of tidy look at: the files of the repository, and what a C++ file says.

A Tree can also be made of texts in memory, which is how the rules test themselves.
"""
from __future__ import annotations

import os
import posixpath
import re
import subprocess

# Larger files are data: their size is checked, their text is not read.
TEXT_BYTES_MAX = 1 << 20

# Comments, raw strings, strings and characters; an apostrophe after a digit separates digits.
_CPP_TOKEN = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<text>"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])*')""", re.S | re.X)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', re.M)
_LINK = re.compile(r"\]\(([^)\s]+)")
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)


def blank(text):
    """Spaces instead of text, with the lines kept."""
    return re.sub(r"[^\n]", " ", text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def _without(text, keep_strings):
    def replace(match):
        token = match.group()
        if match.lastgroup == "text" and keep_strings:
            return token
        if match.lastgroup == "text":
            return token[0] + blank(token[1:-1]) + token[-1]
        return blank(token)
    return _CPP_TOKEN.sub(replace, text)


def _kind_of_brace(header):
    """What a brace opens at namespace or class level: "scope", "function" or "other"."""
    header = re.sub(r"^(\s*(public|private|protected)\s*:|\s)+", "", header)
    if re.match(r"(inline\s+)?namespace\b", header) or re.fullmatch(r'extern\s*"\s*"\s*', header):
        return "scope"
    plain = header
    while re.search(r"<[^<>]*>", plain):
        plain = re.sub(r"<[^<>]*>", "", plain)
    if re.match(r"(template\s*)?(class|struct|union)\b", plain) and "(" not in plain:
        return "scope"
    if "(" not in plain:
        return "other"
    while re.search(r"\([^()]*\)", plain):
        plain = re.sub(r"\([^()]*\)", "", plain)
    is_initialiser = "=" in plain and "operator" not in plain and "[" not in plain
    return "other" if is_initialiser else "function"


def cpp_functions(code):
    """(first line, last line, head) of every function at namespace or class level.

    Brace matching over text without comments and strings; preprocessor lines do not count.
    """
    code = _DIRECTIVE.sub(lambda match: blank(match.group()), code)
    stack = []       # what each open brace opened
    start = parens = 0  # of the declaration being read
    for match in re.finditer(r"[{}();]", code):
        token, position = match.group(), match.start()
        outside = all(kind == "scope" for kind in stack)
        if token == "}":
            kind = stack.pop() if stack else "scope"
            if kind == "other" or not all(k == "scope" for k in stack):
                continue
            # After `: member_{value}` the constructor goes on; after a body nothing does.
            if kind == "function" and not re.match(r"\s*[,{]", code[position + 1:]):
                head = re.sub(r"^(\s*(public|private|protected)\s*:|\s)+", "", code[start:])
                first = len(code) - len(head)
                name = " ".join(head.split("{")[0].split())
                yield line_of(code, first), line_of(code, position), name[:60]
            if kind == "scope" or not re.match(r"\s*[,{]", code[position + 1:]):
                start, parens = position + 1, 0
        elif token == "{":
            kind = "other" if not outside or parens else _kind_of_brace(code[start:position])
            stack.append(kind)
            if kind == "scope":
                start = position + 1
        elif outside and token == ";":
            start, parens = position + 1, 0
        elif outside:
            parens += 1 if token == "(" else -1


class Tree:
    """Files by path (with / and relative to the root), and cached views of them."""

    def __init__(self, texts, sizes=None):
        self.texts = texts  # path -> text, or None if it is not text
        self.sizes = sizes or {path: len(text) for path, text in texts.items()}
        self._code = {}

    @classmethod
    def of_repository(cls, root):
        texts, sizes = {}, {}
        for path in _paths(root):
            full = os.path.join(root, path)
            if os.path.islink(full) or not os.path.isfile(full):
                continue
            sizes[path] = os.path.getsize(full)
            texts[path] = None
            if sizes[path] <= TEXT_BYTES_MAX:
                with open(full, "rb") as file:
                    content = file.read()
                try:
                    texts[path] = None if b"\0" in content else content.decode("utf-8")
                except UnicodeDecodeError:
                    pass
        return cls(texts, sizes)

    def files(self, wanted=lambda path: True):
        """(path, text) of the wanted text files, sorted."""
        return [(path, self.texts[path]) for path in sorted(self.texts)
                if self.texts[path] is not None and wanted(path)]

    def code(self, path):
        """A C++ file without comments and string contents."""
        if path not in self._code:
            self._code[path] = _without(self.texts[path], keep_strings=False)
        return self._code[path]

    def includes(self, path):
        """(line, included path, is quoted) of a C++ file."""
        text = _without(self.texts[path], keep_strings=True)
        return [(line_of(text, match.start(1)), match.group(2), match.group(1) == '"')
                for match in _INCLUDE.finditer(text)]

    def links(self, path):
        """(line, target path) of the links of a Markdown file that stay in the repository."""
        for match in _LINK.finditer(self.texts[path]):
            target = match.group(1).split("#")[0]
            if target and not re.match(r"[a-z]+:", target):
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
                yield line_of(self.texts[path], match.start()), target

    def folders(self):
        return {path[:index] for path in self.texts for index, character in enumerate(path)
                if character == "/"}

    def modules(self):
        """The modules of src/, lowest first."""
        text = re.sub(r"#.*", "", self.texts.get("src/CMakeLists.txt") or "")
        return re.findall(r"^\s*add_subdirectory\((\w+)\)", text, re.M)


def _paths(root):
    command = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        answer = subprocess.run(command, capture_output=True, check=True).stdout
        return sorted(set(answer.decode("utf-8").split("\0")) - {""})
    except (OSError, subprocess.CalledProcessError):
        pass  # an unpacked release has no .git
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders
                      if name not in (".git", ".deps", "build", "__pycache__")]
        relative = os.path.relpath(folder, root)
        found += [os.path.normpath(os.path.join(relative, name)).replace(os.sep, "/")
                  for name in names]
    return sorted(found)
