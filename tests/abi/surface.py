# SPDX-License-Identifier: Apache-2.0
"""The public headers' types as one small library, for libabigail to look at.

Of our own library's debug information the greater part is internal, and changes daily. Here is a
C file that holds one variable for each struct, one pointer for each function, and one array for
each enumerator, as long as its value says: all that a compiled client relies on, and nothing else.
"""
import pathlib
import re
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = SOURCE / "include"
# Negative enumerators need a length too.
LENGTH_OF_ZERO = 2


def header_text():
    text = "".join(path.read_text() for path in sorted(INCLUDE.rglob("*.h")))
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def names():
    """(structs, functions, enumerators) that the headers declare."""
    text = header_text()
    structs = re.findall(r"^\} (skl_\w+);", text, re.M)
    functions = re.findall(r"^SKL_API [^;(]*?\b(skl_\w+)\(", text, re.M)
    enumerators = re.findall(r"^\s+(SKL_\w+) = -?\d+", text, re.M)
    return sorted(structs), sorted(functions), sorted(enumerators)


def surface_source():
    structs, functions, enumerators = names()
    lines = ["#include <skillet/skillet.h>"]
    lines += [f"#include <skillet/authoring/{path.name}>"
              for path in sorted((INCLUDE / "skillet" / "authoring").glob("*.h"))]
    lines += [f"{name} layout_of_{name};" for name in structs]
    lines += [f"__typeof__(&{name}) type_of_{name};" for name in functions]
    lines += [f"char value_of_{name}[{name} + {LENGTH_OF_ZERO}];" for name in enumerators]
    return "\n".join(lines) + "\n"


def build(folder):
    """Compiles the surface with debug information; gives the library's path."""
    source = pathlib.Path(folder) / "surface.c"
    library = pathlib.Path(folder) / "surface.so"
    source.write_text(surface_source())
    subprocess.run(["cc", "-std=gnu99", "-g", "-shared", "-fPIC", f"-I{INCLUDE}", "-o", library,
                    source], check=True)
    return library
