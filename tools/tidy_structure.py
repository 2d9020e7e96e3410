# SPDX-License-Identifier: Apache-2.0
"""Rules about how files hang together: who includes whom, what is built, linked and described."""
from __future__ import annotations

import posixpath
import re

from tidy_rules import TEST_FOLDERS, Finding, is_cpp, is_header, is_test, rule

SOURCE_FOLDERS = ("src/", "apps/") + TEST_FOLDERS

# Includes ---------------------------------------------------------------------------------------

MODULES = "add_subdirectory(base)\nadd_subdirectory(store)\n"
C_HEADERS = {name + ".h" for name in (
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal "
    "stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath "
    "threads time uchar wchar wctype").split()}


@rule("include-order", "modules form one list, so that reading and changing go one way",
      {"src/CMakeLists.txt": MODULES, "src/base/a.cpp": '#include "store/store.h"\n'},
      {"src/CMakeLists.txt": MODULES, "src/base/a.cpp": '#include "a.h"\n'},
      {"src/base/a.cpp": ""})
def include_order(tree):
    modules = tree.modules()
    for path, _ in tree.files(lambda path: path.startswith("src/") and is_cpp(path)):
        here = path.split("/")[1]
        if here not in modules:
            yield Finding(path, 1, f"add add_subdirectory({here}) to src/CMakeLists.txt")
            continue
        for line, name, quoted in tree.includes(path):
            target = name.split("/")[0]
            if target in modules[modules.index(here) + 1:]:
                yield Finding(path, line, f"{name}: {here} comes before {target} in "
                              "src/CMakeLists.txt: move the code up, or invert it by an interface")
            elif quoted and target not in modules and not is_fenced(name):
                fake = is_test(path) and f"testing/{name.removeprefix('testing/')}" in tree.texts
                if not fake:
                    yield Finding(path, line, f'{name}: write it as "module/file.h"')


@rule("one-door", "our own programs see only the public headers, which proves that they suffice",
      {"src/CMakeLists.txt": MODULES, "apps/cli/main.cpp": '#include "store/store.h"\n'},
      {"apps/cli/main.cpp": '#include "../../src/a.h"\n'},
      {"testing/fake.h": "", "bindings/node/addon.cpp": '#include "testing/fake.h"\n'})
def one_door(tree):
    for path, _ in tree.files(lambda path: path.startswith(("apps/", "bindings/"))
                              and is_cpp(path)):
        folders = path.split("/")[:-1]
        for line, name, _ in tree.includes(path):
            own = any("/".join(folders[:depth] + [name]) in tree.texts
                      for depth in range(1, len(folders) + 1))
            inside = name.split("/")[0] in tree.modules() + ["src", "testing"]
            if ".." in name or (inside and not own):
                yield Finding(path, line, f"{name}: use <skillet/...>; if it lacks something, "
                              "extend the ABI")


@rule("public-includes", "a public header compiles alone, as C, on a machine without our source",
      {"include/skillet/a.h": "#include <sys/types.h>\n"},
      {"include/skillet/a.h": '#include "base/error.h"\n'})
def public_includes(tree):
    for path, _ in tree.files(lambda path: path.startswith("include/") and is_header(path)):
        for line, name, quoted in tree.includes(path):
            standard = name in C_HEADERS or (path.endswith(".hpp") and "." not in name)
            if quoted or not (standard or name.startswith("skillet/")):
                yield Finding(path, line, f"{name}: only <skillet/...> and C standard headers")


# What, the only folders that may include it, and what the others do instead.
FENCES = (
    (r"(llama|ggml)[\w-]*\.h|gguf\.h|(llama|ggml)/.*", ("src/engine_llama/",) + TEST_FOLDERS,
     "the engine is behind engine/; files are read by gguf/"),
    (r"sqlite3.*\.h", ("src/journal/",) + TEST_FOLDERS, "use journal/database.h"),
    (r"jsoncons.*", ("src/json/", "src/schema/") + TEST_FOLDERS, "use json/ and schema/"),
    (r"openssl/.*", ("src/base/",) + TEST_FOLDERS, "use base/digest.h"),
    (r"re2/.*", ("src/pattern/",) + TEST_FOLDERS, "use pattern/pattern.h"),
    (r"curl/.*", ("src/remote/",) + TEST_FOLDERS, "use remote/"),
    (r"sys/socket\.h|sys/un\.h|netinet/.*|arpa/.*|netdb\.h",
     ("apps/", "bindings/") + TEST_FOLDERS, "the library's network is libcurl, in remote/"),
    (r"nlohmann/.*", ("apps/", "tests/"), "use json/; the ABI carries JSON as text"),
    (r"CLI/.*", ("apps/",), "command lines belong to programs"))


def is_fenced(name):
    return any(re.fullmatch(pattern, name) for pattern, _, _ in FENCES)


@rule("fences", "each foreign library is seen by one folder, so that it can be replaced",
      *({"src/author/a.cpp": f"#include <{name}>\n"} for name in (
          "llama.h", "ggml-backend.h", "gguf.h", "sqlite3.h", "jsoncons/json.hpp",
          "openssl/evp.h", "sys/socket.h", "re2/re2.h",
          "curl/curl.h", "nlohmann/json.hpp", "CLI/CLI.hpp")))
def fences(tree):
    for path, _ in tree.files(is_cpp):
        for line, name, _ in tree.includes(path):
            for pattern, folders, instead in FENCES:
                if re.fullmatch(pattern, name) and not path.startswith(folders):
                    yield Finding(path, line, f"{name} stays in {', '.join(folders)}: {instead}")


# Dead files -------------------------------------------------------------------------------------

@rule("dead-source", "a source or test in no target looks alive and is not",
      {"src/base/a.cpp": "", "src/base/CMakeLists.txt": "# a.cpp\nskillet_module(base)\n"})
def dead_source(tree):
    for path, _ in tree.files(lambda path: path.startswith(SOURCE_FOLDERS)
                              and path.endswith((".cpp", ".c"))):
        if not any(names(tree, folder, path) for folder in parents(path)):
            yield Finding(path, 1, "name it in a CMakeLists.txt of its folder or a parent, "
                          "or delete it")


def parents(path):
    while path:
        path = posixpath.dirname(path)
        yield path


def names(tree, folder, path):
    """Whether the folder's CMakeLists.txt names the file, maybe as `${name}.c` of a list."""
    text = re.sub(r"#.*", "", tree.texts.get(posixpath.join(folder, "CMakeLists.txt")) or "")
    relative = posixpath.relpath(path, folder or ".")
    stem, suffix = posixpath.splitext(posixpath.basename(path))
    words = [re.escape(relative)]
    if re.search(r"\$\{\w+\}\w*" + re.escape(suffix), text):
        words.append(re.escape(stem))
    return re.search(rf"(?<![\w./-])({'|'.join(words)})(?![\w.-])", text)


@rule("dead-header", "a header nobody includes is not used",
      {"src/base/a.h": ""},
      {"include/skillet/a.h": "", "tests/a.c": "#include <skillet/a.h>\n"})
def dead_header(tree):
    included = {}
    for path, _ in tree.files(is_cpp):
        for _, name, _ in tree.includes(path):
            included.setdefault(posixpath.basename(name), []).append((path, name))
    for path, _ in tree.files(is_header):
        # include/skillet/authoring/ is experimental: a program includes it by name.
        public = posixpath.dirname(path) == "include/skillet" and path.endswith(".h")
        if path == "include/skillet/skillet.h":
            continue
        if not any(f"/{path}".endswith(f"/{name.lstrip('./')}") and user != path
                   and (not public or user.startswith("include/"))
                   for user, name in included.get(posixpath.basename(path), [])):
            yield Finding(path, 1, "include it in <skillet/skillet.h>" if public
                          else "nothing includes it: delete it")


# Errors -----------------------------------------------------------------------------------------

ERROR_CODE = re.compile(r"^ *(SKL_E_[A-Z_]+) = \d+", re.M)


@rule("provoked-errors", "an error that no test provokes may be one that nobody ever gets",
      {"include/skillet/error.h": "    SKL_E_LOST = 7,\n", "src/base/error_test.cpp": "SKL_E_LOST"})
def provoked_errors(tree):
    header = "include/skillet/error.h"
    # The table's own test names all of them.
    tests = "".join(text for path, text in tree.files(is_test) if path != "src/base/error_test.cpp")
    expected = set(re.findall(r"\bSKL_E_[A-Z_]+\b", tests))
    expected |= {f"SKL_E_{name.upper()}" for name in re.findall(r'"([a-z_]+)"', tests)}
    for match in ERROR_CODE.finditer(tree.texts.get(header, "")):
        if match.group(1) not in expected:
            line = tree.texts[header].count("\n", 0, match.start()) + 1
            yield Finding(header, line, f"{match.group(1)}: have a test bring it about")


# Documents --------------------------------------------------------------------------------------

@rule("dead-doc", "a document nothing links to is not read, and rots",
      {"docs/A.md": "# A\n", "README.md": "[b](docs/B.md)\n"})
def dead_doc(tree):
    linked = {(path, target) for path, _ in tree.files(lambda path: path.endswith(".md"))
              for _, target in tree.links(path)}
    for path, _ in tree.files(lambda path: path.startswith("docs/") and path.endswith(".md")):
        # A link to a folder counts for the documents in it.
        if not any(user != path and target in (path, posixpath.dirname(path))
                   for user, target in linked):
            yield Finding(path, 1, "link it from another document, or delete it")


@rule("dead-link", "a link inside the repository leads somewhere",
      {"README.md": "see [the design](docs/GONE.md)\n"})
def dead_link(tree):
    present = set(tree.texts) | tree.folders() | {"."}
    for path, _ in tree.files(lambda path: path.endswith(".md")):
        for line, target in tree.links(path):
            if target not in present:
                yield Finding(path, line, f"{target} does not exist: correct the link")


@rule("architecture", "docs/ARCHITECTURE.md has a table row for every module: where a change goes",
      {"src/base/a.cpp": ""},
      {"src/base/a.cpp": "", "docs/ARCHITECTURE.md": "| `store` | blobs |\n"})
def architecture(tree):
    page = "docs/ARCHITECTURE.md"
    if page not in tree.texts:
        yield Finding(page, 1, "write it: it has a table row for every folder of src/")
        return
    rows = [line for line in tree.texts[page].split("\n") if line.lstrip().startswith("|")]
    for folder in sorted(tree.folders()):
        name = folder[len("src/"):]
        if folder.startswith("src/") and "/" not in name:
            if not any(f"`{name}`" in row or f"`{folder}`" in row for row in rows):
                yield Finding(page, 1, f"add a table row that names `{name}`")
