# SPDX-License-Identifier: Apache-2.0
"""Rules about single files: sizes, licence, names, content; and what a rule is.

A rule is a function from a Tree to findings, with a reason and bad samples.
The samples are canaries: `tidy.py --self-test` fails if a rule does not fire on each of its own.
"""
from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from tidy_tree import cpp_functions

CPP = (".cpp", ".h", ".hpp", ".c")
CODE = CPP + (".py", ".sh", ".cmake", "CMakeLists.txt")
PROSE = (".md", ".yml", ".yaml", ".toml", ".txt")
TEST_FOLDERS = ("tests/", "testing/", "fuzz/", "bench/")
DATA_FOLDERS = ("skills/", "fuzz/corpus/", "tests/vectors/", "tests/cases/")
SPDX = "SPDX-License-Identifier: Apache-2.0"


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    message: str
    number: int = 0  # a size, where the rule limits one


@dataclass(frozen=True)
class Rule:
    name: str
    reason: str
    check: object
    samples: tuple


RULES = []


def rule(name, reason, *samples):
    def add(check):
        RULES.append(Rule(name, reason, check, samples))
        return check
    return add


def line_rule(name, reason, wanted, pattern, advice, sample, view=lambda tree, path, text: text):
    """A rule that no line of the wanted files matches the pattern."""
    def check(tree):
        for path, text in tree.files(wanted):
            for number, line in enumerate(view(tree, path, text).split("\n"), 1):
                match = re.search(pattern, line)
                if match:
                    yield Finding(path, number, f"{match.group().strip() or 'here'}: {advice}")
    RULES.append(Rule(name, reason, check, (sample,)))


def is_code(path):
    return path.endswith(CODE)


def is_cpp(path):
    return path.endswith(CPP)


def is_header(path):
    return path.endswith((".h", ".hpp"))


def is_test(path):
    return path.startswith("tests/") or "_test." in path


def is_library(path):
    """Code that is part of the product, which is not the test beside it."""
    return path.startswith("src/") and is_cpp(path) and not is_test(path)


def code_without_comments(tree, path, text):
    return tree.code(path) if is_cpp(path) else text


def code_of_library(tree, path, text):
    """Without the lines that are a stated exception to the ban on throwing."""
    marked = [number for number, line in enumerate(text.split("\n"))
              if "// tidy: allow-throw" in line]
    lines = tree.code(path).split("\n")
    for number in marked:
        lines[number] = re.sub(r"\bthrow\b", "", lines[number])
    return "\n".join(lines)


# Sizes ------------------------------------------------------------------------------------------

def lines_max(path):
    if path.endswith(".py"):
        return 300
    if is_header(path):
        return 200
    return 800 if is_test(path) else 500


@rule("file-lines", "a file is read in one sitting: header 200, source 500, test 800, Python 300",
      {"src/base/a.h": "\n" * 201}, {"src/base/a.cpp": "\n" * 501},
      {"src/base/a_test.cpp": "\n" * 801}, {"tools/a.py": "\n" * 301})
def file_lines(tree):
    for path, text in tree.files(lambda path: path.endswith(CPP + (".py",))):
        lines = text.count("\n")
        if lines > lines_max(path):
            yield Finding(path, 1, f"{lines} lines of at most {lines_max(path)}: split by noun",
                          lines)


@rule("line-columns", "100 columns fit beside a second window",
      {"src/base/a.cpp": "int a;  " * 13 + "\n"}, {"tools/a.sh": "a " * 51 + "\n"})
def line_columns(tree):
    for path, text in tree.files(is_code):
        for number, line in enumerate(text.split("\n"), 1):
            unbreakable = re.search(r"\S{80}", line)  # an address or a digest
            if len(line) > 100 and not unbreakable:
                yield Finding(path, number, f"{len(line)} columns of at most 100: break the line",
                              len(line))


@rule("function-lines", "a function fits on a screen (70 lines)",
      {"src/base/a.cpp": "namespace a {\nint f(int b) {\n" + "b++;\n" * 69 + "}\n}\n"},
      {"src/base/a.h": "struct A {\n    A() : b{0} {" + "\n" * 71 + "    }\n    int b;\n};\n"},
      {"tools/a.py": "class A:\n    def f():\n" + "        f()\n" * 70})
def function_lines(tree):
    for path, text in tree.files(lambda path: path.endswith(CPP + (".py",))):
        functions = cpp_functions(tree.code(path)) if is_cpp(path) else python_functions(text)
        for first, last, name in functions:
            lines = last - first + 1
            if lines > 70:
                yield Finding(path, first, f"{name}: {lines} lines of at most 70: name its steps",
                              lines)


def python_functions(text):
    try:
        nodes = ast.walk(ast.parse(text))
    except SyntaxError:
        return []  # the interpreter says it better
    return [(node.lineno, node.end_lineno, node.name) for node in nodes
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


# Licence and names ------------------------------------------------------------------------------

@rule("spdx", "every file says its licence, also when it travels alone",
      {"src/base/a.cpp": "int a;\n"}, {"tools/a.py": "#!/usr/bin/env python3\nimport os\n"})
def spdx(tree):
    for path, text in tree.files(is_code):
        lines = text.split("\n")
        first = lines[1:2] if lines[0].startswith("#!") else lines[:1]
        if SPDX not in "".join(first):
            yield Finding(path, 1, f"first line: {SPDX} (in a comment; after a #! line)")


@rule("file-names", "names are snake_case and say what is inside",
      {"src/base/FileStore.cpp": ""}, {"src/store_helper/a.cpp": ""}, {"tools/a-b.py": ""})
def file_names(tree):
    vague = re.compile(r"(^|_)(utils?|helpers?|common|managers?)(_|$)")
    for path, _ in tree.files(is_code):
        folders, _, name = path.rpartition("/")
        stem = name.split(".")[0].strip("_")  # __init__.py is Python's name
        if name != "CMakeLists.txt" and not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", stem):
            yield Finding(path, 1, f"{name}: write it in snake_case")
        for part in folders.split("/") + [stem]:
            if vague.search(part):
                yield Finding(path, 1, f"{part}: name the noun it holds, not that it helps")


# Content ----------------------------------------------------------------------------------------

def is_written(path):
    """Text that people write, as against recorded inputs and outputs."""
    is_data = path.startswith(DATA_FOLDERS) and not path.endswith(".md")
    return is_code(path) or path.endswith(PROSE) and not is_data


@rule("final-newline", "a text file ends with one newline", {"src/base/a.h": "int a;"},
      {"README.md": "a\n\n"})
def final_newline(tree):
    for path, text in tree.files(is_written):
        if text and not re.search(r"[^\n]\n\Z", text):
            yield Finding(path, text.count("\n") + 1, "end the file with exactly one newline")


@rule("pragma-once", "private headers use #pragma once, not hand-made guards",
      {"src/base/a.h": "#ifndef A\n#define A\n#endif\n"})
def pragma_once(tree):
    for path, _ in tree.files(is_header):
        is_private = not path.startswith("include/")
        if is_private and not re.search(r"^#pragma once$", tree.code(path), re.M):
            yield Finding(path, 1, "add #pragma once")


@rule("file-bytes", "clones stay fast: large files belong in a package, not in the history",
      {"docs/a.svg": "a" * (1 << 20) + "a"})
def file_bytes(tree):
    for path, size in sorted(tree.sizes.items()):
        if size > 1 << 20 and not path.startswith(("skills/", "fuzz/corpus/")):
            yield Finding(path, 1, f"{size} bytes of at most {1 << 20}: fetch or generate it", size)


line_rule("todo", "work to do is in the issue list, where it is seen", is_code,
          r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b", "do it, or open an issue",
          {"src/base/a.cpp": "// TO" "DO: later\n"})
line_rule("tabs", "a tab has another width in every editor",
          lambda path: path.endswith(CPP + (".py",)), r"\t", "indent with four spaces",
          {"src/base/a.cpp": "\tint a;\n"})
line_rule("trailing-space", "invisible changes make noise in reviews", is_written, r"[ \t\r]+$",
          "delete the space at the end of the line", {"src/base/a.cpp": "int a; \n"})
line_rule("using-namespace", "a header must not decide names for those who include it", is_header,
          r"\busing\s+namespace\b", "write the names out",
          {"src/base/a.h": "using namespace std;\n"}, code_without_comments)
line_rule("machine-path", "a path of one machine is wrong on all others",
          lambda path: not path.startswith("skills/") or is_code(path),
          r"(?<![\w.$}~-])/(wo" r"rk/|tmp/" r"w\b)", "use a relative path",
          {"docs/a.md": "run /wo" "rk/skillet\n"})

# Name, pattern, what to do instead, and a line that must be found.
BANNED = (
    ("strcpy", r"\bstr(n?cpy|n?cat)\s*\(", "use std::string or std::copy", "strcpy(a, b);"),
    ("sprintf", r"\bv?sn?printf\s*\(", "use fmt::format", "sprintf(a, b);"),
    ("atoi", r"\bato(i|l|ll|f)\s*\(", "use std::from_chars, which reports errors", "atoi(a);"),
    ("strtok", r"\bstrtok(_r)?\s*\(", "use std::string_view::find", "strtok(a, b);"),
    ("system", r"(?<![\w.>])(system|popen)\s*\(", "the library starts no programs", "system(a);"),
    ("regex", r"\bstd::w?regex\b", "it recurses per byte: scan by hand", "std::regex a;"),
    ("print", r"\b(f|v|vf)?printf\s*\(|\bf?puts\s*\(|\bstd::(cout|cerr|clog)\b|\bfmt::print\b",
     "the library never prints: return an Error or call the log sink", "std::cerr << a;"),
    ("throw", r"\bthrow\b", "return an Error; at a border that must throw, say "
     "`// tidy: allow-throw`", "throw Error{};"))
for name, pattern, instead, sample in BANNED:
    line_rule(f"banned-{name}", instead, is_library, pattern, instead,
              {"src/store/a.cpp": sample + "\n"}, code_of_library)
line_rule("banned-filesystem", "what changes the disk can be made to fail by a test",
          lambda path: is_library(path) and not path.startswith("src/base/"),
          r"\bstd::filesystem::(create_\w+|remove(_all)?|rename|copy(_\w+)?|resize_file|"
          r"permissions|last_write_time)\b", "go through base/file_system.h",
          {"src/store/a.cpp": "std::filesystem::remove(a);\n"}, code_without_comments)
line_rule("banned-sleep", "a test that sleeps is slow and fails on a busy machine",
          lambda path: (is_test(path) or path.startswith("testing/")) and is_code(path),
          r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(", "wait for the event itself",
          {"src/base/a_test.cpp": "usleep(10);\n"}, code_without_comments)
