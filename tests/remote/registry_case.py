# SPDX-License-Identifier: Apache-2.0
"""docker-registry on loopback, and what tests with it need besides."""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from cli_case import PROGRAM, REMOTE, CliCase, main, shipped_package  # noqa: E402,F401

ID = "org.skillet.spam-filter"
CONFIG = """\
version: 0.1
log: {{level: info, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:0", secret: "of a test"{tls}}}
{auth}"""

# Loopback needs no proxy, whatever the machine has.
for name in ("no_proxy", "NO_PROXY"):
    os.environ[name] = "127.0.0.1,localhost"


class DockerRegistry:
    def __init__(self, folder, auth="", tls=""):
        folder.mkdir()
        config = folder / "config.yml"
        config.write_text(CONFIG.format(folder=folder / "data", auth=auth,
                                        tls=f", tls: {tls}" if tls else ""))
        # It says where it listens once it does.
        self.process = subprocess.Popen(["docker-registry", "serve", config], text=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        log = []
        for line in self.process.stderr:
            log.append(line)
            found = re.search(r"listening on 127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found[1])
                break
        else:
            raise AssertionError("docker-registry does not start: " + "".join(log))
        self.host = f"127.0.0.1:{self.port}"
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stderr,
                                      stdout=subprocess.DEVNULL)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self.drain.wait()


class RegistryCase(CliCase):
    def setUp(self):
        super().setUp()
        self.home = self.scratch / "home"
        self.home.mkdir()
        os.environ["DOCKER_CONFIG"] = str(self.home)

    def registry(self, **options):
        registry = DockerRegistry(self.scratch / "registry", **options)
        self.addCleanup(registry.close)
        return registry

    def run_tool(self, *command, fails=False):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False,
                              timeout=120)
        self.assertEqual(done.returncode != 0, fails, f"{command}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def skopeo_copy(self, source, target, **options):
        return self.run_tool("skopeo", "--insecure-policy", "copy", "--src-tls-verify=false",
                             "--dest-tls-verify=false", source, target, **options)

    def in_another_root(self, name="other"):
        """A case like this one, with an empty root."""
        self.root = self.scratch / name
        return self.root
