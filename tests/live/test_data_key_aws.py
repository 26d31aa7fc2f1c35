"""The data key of encrypted fields under a key of AWS KMS: made, adopted, and used, through an endpoint of our own."""

import datetime as dt
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pymongo.encryption import Algorithm, ClientEncryption

from localproc import pki
from plugins.base import ProviderError
from tests.fixtures.mongo_plugin import MongoPlugin
from tests.fixtures.ports import free_port_base
from tests.fixtures.scratch_mongod import ScratchMongod, scratch_mongod
from walletdb.mongodb.connection import close_clients

pytestmark = pytest.mark.live

REGION = "eu-central-1"
HERE = "127.0.0.1"
UP_WITHIN_S = 60


@pytest.fixture(scope="module")
def server() -> Iterator[ScratchMongod]:
    with scratch_mongod(1) as running:
        yield running
        close_clients()


@pytest.fixture(scope="module")
def moto() -> Iterator[int]:
    running = ThreadedMotoServer(ip_address=HERE, port=0, verbose=False)
    running.start()
    _, port = running.get_host_and_port()
    yield port
    running.stop()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    authority = pki.new_authority("test", day, now)
    issued = pki.issue(authority, "kms", ip_addresses=[HERE], validity=day, now=now)
    for name, text in (("ca.crt", authority.certificate), ("kms.crt", issued.certificate), ("kms.key", issued.key)):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text)
    return folder


@pytest.fixture(scope="module")
def front(moto: int, certificates: Path) -> Iterator[int]:
    """TLS in front of the emulator of AWS."""
    port = free_port_base()
    files = ["--certificate", str(certificates / "kms.crt"), "--key", str(certificates / "kms.key")]
    command = [sys.executable, "-m", "rehearsal.tls_front", "--port", str(port), *files, "--target", f"{HERE}:{moto}"]
    process = subprocess.Popen(command)
    deadline = time.monotonic() + UP_WITHIN_S
    while True:
        try:
            socket.create_connection((HERE, port), timeout=1).close()
            break
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
    yield port
    process.terminate()
    assert process.wait(30) in (0, -signal.SIGTERM)


@pytest.fixture
def arn(moto: int, front: int, certificates: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A key, in an environment in which KMS is found."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "emulated")
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"https://{HERE}:{front}")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.crt"))
    kms = boto3.client("kms", endpoint_url=f"http://{HERE}:{moto}", region_name=REGION)
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def _inputs(arn: str, name: str) -> dict[str, object]:
    vault = {"keyVaultDatabase": "encryption", "keyVaultCollection": "__keyVault", "name": name}
    master = {"kmsProvider": "aws", "localMasterKey": "", "awsKeyArn": arn, "awsRegion": REGION}
    return {**vault, **master, "allowDrop": True}


def test_a_data_key_is_made_under_the_key_of_kms_and_encrypts(server: ScratchMongod, arn: str) -> None:
    plugin = MongoPlugin(server.uri())
    made = plugin.create("MongoDataKey", _inputs(arn, "personal"))
    made.assert_settled()
    with server.client() as client:
        vault = client["encryption"]["__keyVault"]
        found = vault.find_one({"keyAltNames": "personal"})
        assert found is not None
        assert found["masterKey"]["key"] == arn
        with ClientEncryption({"aws": {}}, "encryption.__keyVault", client, client.codec_options) as encryption:
            secret = encryption.encrypt(
                "a@example.com", Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Random, key_alt_name="personal"
            )
            assert encryption.decrypt(secret) == "a@example.com"
    made.delete()


def test_a_key_that_there_is_not_is_refused(server: ScratchMongod, arn: str) -> None:
    gone = arn[:-4] + "0000"
    with pytest.raises(ProviderError):
        MongoPlugin(server.uri()).create("MongoDataKey", _inputs(gone, "lost"))
    with server.client() as client:
        assert client["encryption"]["__keyVault"].find_one({"keyAltNames": "lost"}) is None
