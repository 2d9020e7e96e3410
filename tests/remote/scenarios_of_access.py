# SPDX-License-Identifier: Apache-2.0
"""Who may, and when: what misbehaving_registry.py can ask for or put off.

Each function gets a request and answers it, or returns a false value to let the registry behave.
"""
import json
import threading

from request_facts import is_model, model_of

BASIC = "Basic dXNlcjpwYXNz"  # user:pass
TOKEN = "Bearer a-token"


def behaves(_):
    return False


def elsewhere(request):
    """The second server, which serves blobs to whoever asks."""
    return False


def wants_basic(request):
    if request.headers.get("Authorization") == BASIC:
        return False
    request.body()
    request.refuse(401, "UNAUTHORIZED", {"WWW-Authenticate": 'Basic realm="here"'})
    return True


def wants_token(request):
    host = f"http://127.0.0.1:{request.registry.ports[0]}"
    if request.place == "/token":
        known = request.headers.get("Authorization") == BASIC
        text = json.dumps({"token": TOKEN.split()[1]}).encode()
        request.answer(200, text) if known else request.refuse(401, "UNAUTHORIZED")
        return True
    if request.headers.get("Authorization") == TOKEN:
        return False
    request.body()
    request.refuse(401, "UNAUTHORIZED", {
        "WWW-Authenticate": f'Bearer realm="{host}/token",service="here",'
                            'scope="repository:skills/test:pull,push"'})
    return True


def token_expires(request):
    """The first token is good for one request."""
    if request.headers.get("Authorization") == TOKEN and request.registry.count("good") == 2:
        del request.headers["Authorization"]
    return wants_token(request)


def token_is_no_json(request):
    if request.place == "/token":
        request.answer(200, b'{"token": "a')
        return True
    return wants_token(request)


def token_breaks_the_header(request):
    if request.place == "/token":
        request.answer(200, b'{"token": "a\\r\\nX-Evil: 1"}')
        return True
    return wants_token(request)


def asks_for_nothing_known(request):
    request.refuse(401, "UNAUTHORIZED", {"WWW-Authenticate": "Negotiate"})
    return True


def forbids(request):
    request.refuse(403, "DENIED")
    return True


def busy_twice(request):
    if not is_model(request) or request.registry.count("busy") > 2:
        return False
    request.refuse(429, "TOOMANYREQUESTS", {"Retry-After": "7"})
    return True


def busy_for_an_hour(request):
    request.refuse(429, "TOOMANYREQUESTS", {"Retry-After": "3600"})
    return True


def fails_thrice(request):
    if request.registry.count(request.place) > 3:
        return False
    request.refuse(503, "UNAVAILABLE")
    return True


def fails(request):
    request.refuse(500, "UNKNOWN")
    return True


def says_nothing(request):
    threading.Event().wait()  # until the process ends
    return True


def stalls(request):
    if not is_model(request):
        return False
    request.send_response(200)
    request.send_header("Content-Length", str(len(model_of(request))))
    request.end_headers()
    request.wfile.write(model_of(request)[:100])
    request.wfile.flush()
    return says_nothing(request)
