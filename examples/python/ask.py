#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a skill about mails, over the C interface, with nothing but Python's standard library.

    SKILLET_LIBRARY=/usr/lib/libskillet.so.0 python3 ask.py PACKAGE.skill ROOT < mails.jsonl

All mails are submitted at once; the runtime's own threads answer them, and the answers are printed
in the order of the mails.
"""
import ctypes
import json
import os
import sys
from ctypes import POINTER, byref, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p

OK = 0
NO_TIMEOUT = 0xFFFFFFFF


class Handle(ctypes.Structure):
    """Every handle of the library: a number in a struct, passed by value. Zero is none."""
    _fields_ = [("id", c_uint64)]


PROGRESS = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, c_uint64, c_uint64)
DONE = ctypes.CFUNCTYPE(None, c_void_p, Handle)


class RuntimeOptions(ctypes.Structure):
    """skl_runtime_options: zero means the default. struct_size tells the library which members."""
    _fields_ = [("struct_size", c_uint32), ("flags", c_uint32), ("root", c_char_p),
                ("actor", c_char_p), ("budget_bytes", c_uint64), ("config", c_char_p),
                ("log", c_void_p), ("log_user", c_void_p), ("log_level", c_int32),
                ("reserved", c_uint32)]


class WorkOptions(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("flags", c_uint32), ("deadline_ms", c_uint32),
                ("reserved", c_uint32), ("cancel", Handle), ("progress", PROGRESS),
                ("user", c_void_p)]


# Parameters of the functions we use. Those in FALLIBLE end with an error's address and return a
# status; the others return what stands first.
FALLIBLE = {
    "skl_runtime_open": [POINTER(RuntimeOptions), POINTER(Handle)],
    "skl_package_install": [Handle, c_char_p, POINTER(WorkOptions), POINTER(Handle)],
    "skl_module_open": [Handle, c_char_p, POINTER(WorkOptions), POINTER(Handle)],
    "skl_module_submit": [Handle, c_char_p, c_size_t, c_void_p, DONE, c_void_p, POINTER(Handle)],
    "skl_request_wait": [Handle, c_uint32, POINTER(Handle)],
    "skl_result_document": [Handle, c_int32, POINTER(Handle)],
}
OTHERS = {
    "skl_document_text": (c_char_p, Handle),
    "skl_error_json": (c_char_p, Handle),
    "skl_status_name": (c_char_p, c_int32),
    **{f"skl_{noun}_{verb}": (None, Handle) for noun, verb in (
        ("document", "free"), ("error", "free"), ("request", "free"), ("result", "free"),
        ("module", "close"), ("runtime", "close"))},
}


class SkilletError(Exception):
    """A failed call: `code` is its stable name, `details` the library's document about it."""

    def __init__(self, code, details):
        super().__init__(f"{code}: {details.get('message', '')}")
        self.code, self.details = code, details


class Library:
    def __init__(self, path):
        self.functions = ctypes.CDLL(path)
        for name, parameters in FALLIBLE.items():
            function = getattr(self.functions, name)
            function.restype, function.argtypes = c_int32, [*parameters, POINTER(Handle)]
        for name, (result, *parameters) in OTHERS.items():
            function = getattr(self.functions, name)
            function.restype, function.argtypes = result, parameters

    def __getattr__(self, name):
        return getattr(self.functions, f"skl_{name}")

    def get(self, name, *arguments):
        """Calls a fallible function and gives the handle that it makes."""
        made, error = Handle(), Handle()
        status = getattr(self.functions, f"skl_{name}")(*arguments, byref(made), byref(error))
        if status == OK:
            return made
        details = json.loads(self.error_json(error) or "{}").get("error", {})
        self.error_free(error)
        raise SkilletError(self.status_name(status).decode(), details)

    def take_document(self, document):
        """The document's content; frees it."""
        try:
            return json.loads(self.document_text(document))
        finally:
            self.document_free(document)


def install(library, runtime, package):
    """Installs the package, and reports how far that has come."""
    def progress(_, phase, done, total):
        if done == total:
            print(f"{phase.decode()}: {total} bytes", file=sys.stderr)

    options = WorkOptions(struct_size=ctypes.sizeof(WorkOptions), progress=PROGRESS(progress))
    return library.take_document(library.get("package_install", runtime, package.encode(),
                                             byref(options)))


def print_answer(library, request):
    try:
        result = library.get("request_wait", request, NO_TIMEOUT)
    except SkilletError as error:
        print(f"{error}\n  try: {error.details.get('hint', '')}", file=sys.stderr)
        return False
    answer = library.take_document(library.get("result_document", result, 0))
    library.result_free(result)
    label = "undecided" if answer["abstained"] else answer["output"]["label"]
    print(f"{label}  confidence {answer['confidence']:.3f}")
    return True


def ask_all(library, module, mails):
    """Whether every mail got an answer."""
    requests = []
    try:
        for mail in mails:
            requests.append(library.get("module_submit", module, mail, len(mail), None, DONE(0),
                                        None))
        return all([print_answer(library, request) for request in requests])
    finally:
        for request in requests:
            library.request_free(request)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: ask.py PACKAGE.skill ROOT < mails.jsonl")
    library = Library(os.environ.get("SKILLET_LIBRARY", "libskillet.so.0"))
    options = RuntimeOptions(struct_size=ctypes.sizeof(RuntimeOptions), root=sys.argv[2].encode())
    try:
        runtime = library.get("runtime_open", byref(options))
        installed = install(library, runtime, sys.argv[1])
        module = library.get("module_open", runtime, installed["id"].encode(), None)
    except SkilletError as error:
        sys.exit(f"{error}\n  try: {error.details.get('hint', '')}")
    answered = ask_all(library, module, [line.strip() for line in sys.stdin.buffer])
    library.module_close(module)
    library.runtime_close(runtime)
    sys.exit(0 if answered else 1)


if __name__ == "__main__":
    main()
