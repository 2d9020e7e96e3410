# SPDX-License-Identifier: Apache-2.0
"""Takes .skill files apart and puts them together again, with correct hashes and wrong content.

Written from docs/formats/store.md alone, so that it also checks that the document is enough.
"""
import hashlib
import io
import json
import tarfile

SKILL = "application/vnd.skillet.skill.v1+json"
WEIGHT = "application/vnd.cncf.model.weight.v1.raw"
MODEL = "application/vnd.cncf.model.manifest.v1+json"


def canonical(value):
    """RFC 8785 for documents without fractions and without names beyond ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class SkillArchive:
    """One package: its blobs by digest, its index, and ways to change them."""

    def __init__(self, path):
        with tarfile.open(path) as tar:
            files = {m.name: tar.extractfile(m).read() for m in tar.getmembers() if m.isfile()}
        self.index = json.loads(files["index.json"])
        self.blobs = {"sha256:" + name.rsplit("/", 1)[1]: content
                      for name, content in files.items() if name.startswith("blobs/sha256/")}

    def package_entry(self):
        return next(e for e in self.index["manifests"] if e["artifactType"] == MODEL)

    def manifest(self):
        return json.loads(self.blobs[self.package_entry()["digest"]])

    def layer(self, media_type):
        return next(l for l in self.manifest()["layers"] if l["mediaType"] == media_type)

    def skill(self):
        return json.loads(self.blobs[self.layer(SKILL)["digest"]])

    def replace_layer(self, media_type, content):
        """New content under its own correct digest, and a manifest and index that name it."""
        manifest = self.manifest()
        layer = next(l for l in manifest["layers"] if l["mediaType"] == media_type)
        self.replace_blob(layer, content)
        # A config that says nothing contradicts nothing.
        self.replace_blob(manifest["config"], b"{}")
        text = canonical(manifest)
        entry = self.package_entry()
        del self.blobs[entry["digest"]]
        entry["digest"], entry["size"] = digest_of(text), len(text)
        self.blobs[entry["digest"]] = text
        # What was attached is about another package now.
        self.index["manifests"] = [entry]

    def replace_blob(self, descriptor, content):
        self.blobs.pop(descriptor["digest"], None)
        descriptor["digest"], descriptor["size"] = digest_of(content), len(content)
        self.blobs[descriptor["digest"]] = content

    def replace_skill(self, skill):
        self.replace_layer(SKILL, canonical(skill))

    def write(self, path):
        files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
                 "index.json": canonical(self.index)}
        for digest in sorted(self.blobs):
            files["blobs/sha256/" + digest.split(":")[1]] = self.blobs[digest]
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), 0o444
                tar.addfile(member, io.BytesIO(content))
        return str(path)
