# SPDX-License-Identifier: Apache-2.0
"""A registry on loopback that serves one package, and gets one thing wrong.

    misbehaving_registry.py ARCHIVE SCENARIO LOG

Serves the package of ARCHIVE as skills/test:1 and takes uploads. Prints its port when it listens,
writes a line of JSON to LOG for each request that it has read, and ends when its input is closed.
SCENARIO is the name of a function of scenarios_of_*.py.
"""
import http.server
import json
import pathlib
import re
import socket
import struct
import sys
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))
from skill_archive import SkillArchive, digest_of  # noqa: E402
import scenarios_of_access  # noqa: E402
import scenarios_of_bytes  # noqa: E402
import scenarios_of_documents  # noqa: E402

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


class Registry:
    """What all connections share."""

    def __init__(self, archive, log):
        package = SkillArchive(archive)
        self.blobs = dict(package.blobs)
        self.entries = package.index["manifests"]
        self.package = package.package_entry()["digest"]
        self.model = max(package.manifest()["layers"], key=lambda layer: layer["size"])["digest"]
        self.tags = {"1": self.package}
        self.uploads = {}
        self.counts = {}
        self.log = log
        self.lock = threading.Lock()
        self.ports = []

    def count(self, what):
        """How often this was asked, now included."""
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1
            return self.counts[what]

    def note(self, **facts):
        with self.lock, open(self.log, "a", encoding="utf-8") as file:
            file.write(json.dumps(facts) + "\n")

    def referrers(self):
        others = [entry for entry in self.entries if entry["digest"] != self.package]
        return {"schemaVersion": 2, "mediaType": INDEX, "manifests": others}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "misbehaving"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):  # the log is elsewhere
        pass

    @property
    def registry(self):
        return self.server.registry

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status, content=b"", headers=(), length=None):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def refuse(self, status, code, headers=()):
        text = json.dumps({"errors": [{"code": code, "message": "as the scenario says"}]})
        self.answer(status, text.encode(), headers)

    def cut(self, reset=False):
        """Ends the connection here and now."""
        self.wfile.flush()
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()
        self.close_connection = True

    def handle_any(self):
        path = urllib.parse.urlsplit(self.path)
        self.place = path.path
        self.query = urllib.parse.parse_qs(path.query)
        self.registry.note(method=self.command, path=self.path, port=self.server.server_port,
                           authorization=self.headers.get("Authorization"),
                           range=self.headers.get("Range"),
                           content_range=self.headers.get("Content-Range"),
                           length=int(self.headers.get("Content-Length") or 0))
        try:
            if not self.server.scenario(self):
                self.behave()
        except (BrokenPipeError, ConnectionResetError, ValueError):
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = handle_any

    # How it should be ----------------------------------------------------------------------------

    def behave(self):
        for pattern, action in ((r"/v2/skills/test/manifests/(.+)", self.manifest),
                                (r"/v2/skills/test/blobs/(sha256:[0-9a-f]+)", self.blob),
                                (r"/v2/skills/test/blobs/uploads/(\d*)", self.upload),
                                (r"/v2/skills/test/referrers/(.+)", self.list_referrers)):
            found = re.fullmatch(pattern, self.place)
            if found:
                action(found[1])
                return
        self.refuse(404, "NOT_FOUND")

    def manifest(self, reference):
        if self.command == "PUT":
            content = self.body()
            self.registry.blobs[digest_of(content)] = content
            self.registry.tags[reference] = digest_of(content)
            self.answer(201, headers={"Docker-Content-Digest": digest_of(content)})
            return
        digest = self.registry.tags.get(reference, reference)
        if digest not in self.registry.blobs:
            self.refuse(404, "MANIFEST_UNKNOWN")
            return
        content = self.registry.blobs[digest]
        kind = json.loads(content).get("mediaType", MANIFEST)
        self.answer(200, content, {"Content-Type": kind, "Docker-Content-Digest": digest})

    def range_begin(self):
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        return int(found[1]) if found else 0

    def blob(self, digest):
        if digest not in self.registry.blobs:
            self.refuse(404, "BLOB_UNKNOWN")
            return
        content = self.registry.blobs[digest]
        begin = self.range_begin()
        if begin == 0:
            self.answer(200, content)
        elif begin >= len(content):
            self.refuse(416, "RANGE_INVALID")
        else:
            self.answer(206, content[begin:], {
                "Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"})

    def list_referrers(self, digest):
        found = self.registry.referrers() if digest == self.registry.package else {
            "schemaVersion": 2, "manifests": []}
        self.answer(200, json.dumps(found).encode(), {"Content-Type": INDEX})

    def place_of(self, number, status, content=None):
        headers = {"Location": f"/v2/skills/test/blobs/uploads/{number}?state=it+is%3D"}
        if content is not None:
            headers["Range"] = f"0-{max(len(content) - 1, 0)}"
        self.answer(status, headers=headers)

    def upload(self, number):
        uploads = self.registry.uploads
        if self.command == "POST":
            number = str(self.registry.count("upload"))
            uploads[number] = b""
            self.place_of(number, 202, b"")
            return
        if number not in uploads:
            self.body()
            self.refuse(404, "BLOB_UPLOAD_UNKNOWN")
            return
        if self.command == "PATCH":
            found = re.fullmatch(r"(\d+)-(\d+)", self.headers.get("Content-Range") or "")
            content = self.body()
            if not found or int(found[1]) != len(uploads[number]):
                self.refuse(416, "RANGE_INVALID")
                return
            uploads[number] += content
            self.place_of(number, 202, uploads[number])
        elif self.command == "PUT":
            content = uploads[number] + self.body()
            if [digest_of(content)] != self.query.get("digest"):
                self.refuse(400, "DIGEST_INVALID")
                return
            del uploads[number]
            self.registry.blobs[digest_of(content)] = content
            self.answer(201)
        else:
            self.place_of(number, 204, uploads[number])


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, registry, scenario):
        super().__init__(("127.0.0.1", 0), Handler)
        self.registry = registry
        self.scenario = scenario
        registry.ports.append(self.server_port)

    def handle_error(self, *arguments):  # clients that hang up are the point
        pass


def scenario_named(name):
    modules = (scenarios_of_access, scenarios_of_bytes, scenarios_of_documents)
    return next(getattr(module, name) for module in modules if hasattr(module, name))


def main(archive, scenario, log):
    registry = Registry(archive, log)
    # A second one, for scenarios that send clients elsewhere.
    for serve in (scenario_named(scenario), scenarios_of_access.elsewhere):
        threading.Thread(target=Server(registry, serve).serve_forever, daemon=True).start()
    print(registry.ports[0], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:4])
