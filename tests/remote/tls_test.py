# SPDX-License-Identifier: Apache-2.0
"""A registry with TLS behind the proxy that the environment names, as users of curl expect it."""
import os
import socket
import threading

from cutting_proxy import CuttingProxy
from registry_case import ID, REMOTE, RegistryCase, main, shipped_package

NAME = "registry.example.org"


class ConnectProxy(CuttingProxy):
    """An HTTP proxy that leads every CONNECT to one port of this machine."""

    def __init__(self, port):
        self.asked = []
        super().__init__(port)

    def join(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(1)
        self.asked.append(head.split(b"\r\n")[0].decode())
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        super().join(client)


class Tls(RegistryCase):
    def setUp(self):
        super().setUp()
        self.certificate = self.scratch / "certificate.pem"
        key = self.scratch / "key.pem"
        self.run_tool("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                      "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
                      "-keyout", key, "-out", self.certificate)
        registry = self.registry(tls=f"{{certificate: {self.certificate}, key: {key}}}")
        self.proxy = ConnectProxy(registry.port)
        self.addCleanup(self.proxy.close)
        self.remote = f"{NAME}/skills/spam:1"
        self.environment = {**os.environ, "HTTPS_PROXY": f"http://127.0.0.1:{self.proxy.port}"}
        for name in ("https_proxy", "SSL_CERT_FILE", "CURL_CA_BUNDLE"):
            self.environment.pop(name, None)

    def test_a_certificate_must_be_trusted(self):
        error = self.error_of(REMOTE, "remote_invalid", "push", shipped_package(), self.remote,
                              env=self.environment)
        self.assertIn("SSL_CERT_FILE", error["hint"])
        self.environment["SSL_CERT_FILE"] = str(self.certificate)
        self.json_of("push", shipped_package(), self.remote, env=self.environment)
        pulled = self.json_of("pull", self.remote, env=self.environment)
        self.assertEqual(pulled["id"], ID)
        self.assertEqual(set(self.proxy.asked), {f"CONNECT {NAME}:443 HTTP/1.1"})

    def test_a_certificate_must_be_for_the_host(self):
        self.environment["SSL_CERT_FILE"] = str(self.certificate)
        self.error_of(REMOTE, "remote_invalid", "pull", "other.example.org/skills/spam:1",
                      env=self.environment)

    def test_a_server_that_goes_away_does_not_end_the_process(self):
        """Writing to a connection that TLS believes to be open would raise SIGPIPE."""
        self.environment["SSL_CERT_FILE"] = str(self.certificate)
        self.proxy.cut_after("up", 600_000)
        self.json_of("push", shipped_package(), self.remote, env=self.environment)
        self.assertTrue(self.proxy.reached.is_set())

    def test_no_tls_is_spoken_where_none_is_answered(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def answer():
                client, _ = listener.accept()
                with client:
                    client.recv(1)
                    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            threading.Thread(target=answer, daemon=True).start()
            self.proxy.target = listener.getsockname()
            error = self.error_of(REMOTE, "remote_invalid", "pull", self.remote,
                                  env=self.environment)
            self.assertIn("--plain-http", error["hint"])


if __name__ == "__main__":
    main()
