# SPDX-License-Identifier: Apache-2.0
"""Manifests, lists of referrers and uploads: what misbehaving_registry.py can get wrong.

Each function gets a request and answers it, or returns a false value to let the registry behave.
"""
import json

from request_facts import is_manifest


def manifest_is_no_json(request):
    if not is_manifest(request):
        return False
    request.answer(200, b'{"schemaVersion": 2,')
    return True


def manifest_of_another_digest(request):
    if not is_manifest(request):
        return False
    other = "sha256:" + 64 * "0"
    request.answer(200, request.registry.blobs[request.registry.package],
                   {"Docker-Content-Digest": other})
    return True


def tag_is_an_index(request):
    if not is_manifest(request):
        return False
    request.answer(200, json.dumps(request.registry.referrers()).encode(),
                   {"Content-Type": "application/vnd.oci.image.index.v1+json"})
    return True


def any_digest_is_the_package(request):
    """Serves the package whatever manifest is asked for."""
    if request.command != "GET" or "/manifests/" not in request.place:
        return False
    request.answer(200, request.registry.blobs[request.registry.package])
    return True


def no_referrers_interface(request):
    if "/referrers/" in request.place:
        request.answer(404, b"404 page not found\n")
        return True
    tag = "sha256-" + request.registry.package.split(":")[1]
    if request.command != "GET" or not request.place.endswith(tag):
        return False
    request.answer(200, json.dumps(request.registry.referrers()).encode())
    return True


def no_referrers_at_all(request):
    """As a registry without the interface, and nobody has kept a list."""
    if "/referrers/" not in request.place:
        return False
    request.answer(404, b"404 page not found\n")
    return True


def referrers_in_pages(request):
    if "/referrers/" not in request.place:
        return False
    index = request.registry.referrers()
    page = int(request.query.get("page", ["0"])[0])
    index["manifests"] = index["manifests"][page:page + 1]
    request.answer(200, json.dumps(index).encode(),
                   {"Link": f'<{request.place}?page={page + 1}>; rel="next"'} if page == 0 else {})
    return True


def referrers_without_end(request):
    if "/referrers/" not in request.place:
        return False
    request.answer(200, json.dumps({"schemaVersion": 2, "manifests": []}).encode(),
                   {"Link": f'<{request.place}?page=1>; rel="next"'})
    return True


def referrers_are_no_json(request):
    if "/referrers/" not in request.place:
        return False
    request.answer(200, b"<html>hello</html>")
    return True


def too_many_referrers(request):
    if "/referrers/" not in request.place:
        return False
    index = request.registry.referrers()
    index["manifests"] = index["manifests"][:1] * 1000
    request.answer(200, json.dumps(index).encode())
    return True


def speaks_no_http(request):
    request.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    request.cut()
    return True


def cuts_an_upload(request):
    """Takes half of the second piece, keeps it, and hangs up."""
    if request.command != "PATCH" or request.registry.count("piece") != 2:
        return no_referrers_at_all(request)
    number = request.place.rsplit("/", 1)[1]
    half = int(request.headers["Content-Length"]) // 2
    request.registry.uploads[number] += request.rfile.read(half)
    request.registry.note(kept=len(request.registry.uploads[number]))
    request.cut(reset=True)
    return True


def forgets_an_upload(request):
    if request.command != "PATCH" or request.registry.count("piece") != 2:
        return no_referrers_at_all(request)
    request.registry.uploads.clear()
    request.cut(reset=True)
    return True


def has_more_than_was_sent(request):
    if request.command != "PATCH":
        return False
    length = len(request.body())
    request.answer(202, headers={"Location": request.path, "Range": f"0-{10 ** 12 + length}"})
    return True


def never_gets_further(request):
    if request.command != "PATCH":
        return False
    request.body()
    request.answer(202, headers={"Location": request.path, "Range": "0-0"})
    return True


def takes_no_blob(request):
    if request.command not in ("PUT", "PATCH") or "/uploads/" not in request.place:
        return False
    request.body()
    request.refuse(413, "SIZE_INVALID")
    return True


def takes_another_manifest(request):
    if request.command != "PUT" or "/manifests/" not in request.place:
        return False
    request.body()
    request.answer(201, headers={"Docker-Content-Digest": "sha256:" + 64 * "0"})
    return True


def uploads_elsewhere_without_tls(request):
    if request.command != "POST":
        return False
    request.answer(202, headers={"Location": "http://registry.example.invalid/upload"})
    return True


def names_no_place(request):
    if request.command != "POST":
        return False
    request.answer(202)
    return True


def lists_referrers_itself(request):
    if request.command != "PUT" or "/manifests/sha256:" not in request.place:
        return False
    content = request.body()
    request.answer(201, headers={"OCI-Subject": json.loads(content)["subject"]["digest"]})
    return True
