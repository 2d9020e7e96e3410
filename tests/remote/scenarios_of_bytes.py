# SPDX-License-Identifier: Apache-2.0
"""Blobs: what misbehaving_registry.py can do to their bytes, and to who asks for them.

Each function gets a request and answers it, or returns a false value to let the registry behave.
"""
from request_facts import is_manifest, is_model, model_of
from scenarios_of_access import wants_basic


def part_of_model(request, reset, length=True):
    """Half of what was asked for, and then no connection."""
    content = model_of(request)
    begin = request.range_begin()
    request.send_response(206 if begin else 200)
    if begin:
        request.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
    if length:
        request.send_header("Content-Length", str(len(content) - begin))
    else:
        request.send_header("Connection", "close")
    request.end_headers()
    request.wfile.write(content[begin:begin + (len(content) - begin) // 2])
    if length:
        request.cut(reset)
    else:
        request.close_connection = True
    return True


def ends_in_mid_body_twice(request):
    if not is_model(request) or request.registry.count("model") > 2:
        return False
    return part_of_model(request, reset=False)


def always_ends_in_mid_body(request):
    return is_model(request) and part_of_model(request, reset=False)


def resets_once(request):
    if not is_model(request) or request.registry.count("model") > 1:
        return False
    return part_of_model(request, reset=True)


def ends_without_saying_how_much(request):
    if not is_model(request) or request.registry.count("model") > 1:
        return False
    return part_of_model(request, reset=False, length=False)


def ignores_range(request):
    if not is_model(request):
        return False
    if request.registry.count("model") == 1:
        return part_of_model(request, reset=False)
    request.answer(200, model_of(request))
    return True


def sends_another_range(request):
    if not is_model(request) or not request.range_begin():
        return ends_in_mid_body_twice(request)
    content = model_of(request)
    request.answer(206, content[1:], {
        "Content-Range": f"bytes 1-{len(content) - 1}/{len(content)}"})
    return True


def knows_no_range(request):
    if not is_model(request):
        return False
    if request.range_begin():
        request.refuse(416, "RANGE_INVALID")
        return True
    return request.registry.count("model") == 1 and part_of_model(request, reset=False)


def wrong_bytes(request):
    if not is_model(request):
        return False
    content = bytearray(model_of(request))
    content[len(content) // 2] ^= 1
    request.answer(200, bytes(content)[request.range_begin():])
    return True


def too_long(request):
    if not is_model(request):
        return False
    request.answer(200, model_of(request) + b"!")
    return True


def too_short(request):
    if not is_model(request):
        return False
    request.answer(200, model_of(request)[:-1])
    return True


def pour(request, wanted):
    """Never says how much is coming, and never ends."""
    if not wanted:
        return False
    request.send_response(200)
    request.send_header("Connection", "close")
    request.end_headers()
    request.close_connection = True
    sent = 0
    try:
        while True:
            request.wfile.write(b"[" * 65536)
            sent += 65536
    except OSError:
        request.registry.note(poured=sent)
    return True


def endless_blob(request):
    return pour(request, is_model(request))


def endless_manifest(request):
    return pour(request, is_manifest(request))


def endless_error(request):
    if not is_manifest(request):
        return False
    request.send_response(404)
    request.send_header("Connection", "close")
    request.end_headers()
    request.close_connection = True
    try:
        while True:
            request.wfile.write(b"no" * 65536)
    except OSError:
        return True


def redirects_blobs(request):
    """To another port and another name of this machine: another host."""
    if wants_basic(request):
        return True
    if request.command != "GET" or "/blobs/" not in request.place:
        return False
    request.answer(307, headers={
        "Location": f"http://localhost:{request.registry.ports[1]}{request.place}?sign=a%2Fb"})
    return True


def redirects_for_ever(request):
    if not is_model(request):
        return False
    request.answer(307, headers={"Location": request.path})
    return True


def redirects_without_tls(request):
    if not is_model(request):
        return False
    request.answer(307, headers={"Location": "http://registry.example.invalid/blob"})
    return True


def redirects_to_a_file(request):
    if not is_model(request):
        return False
    request.answer(307, headers={"Location": "file:///etc/passwd"})
    return True
