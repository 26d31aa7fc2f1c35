"""Field-level encryption on a real server: what is stored, what can be asked, and what a wrong or lost key does."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest
from bson import ObjectId
from bson.binary import Binary
from pymongo.asynchronous.encryption import AsyncClientEncryption
from pymongo.errors import PyMongoError, WriteError

from components.mongodb import documents
from tests.fixtures.event_loop import run_async
from tests.fixtures.half_made_connections import half_made_connections  # noqa: F401 - an autouse fixture
from tests.fixtures.scratch_mongod import ScratchMongod, scratch_mongod
from walletdb import FieldEncryption, MongoOptions, MongoService
from walletdb.services.errors import CiphertextError, DataKeyError, EncryptionError, FieldQueryError, MasterKeyError
from walletdb.services.field_encryption import AwsKms, LocalKey

pytestmark = pytest.mark.live

WITHIN_S = 60
SMALL = MongoOptions(min_pool_size=0, max_pool_size=5)
MASTER = LocalKey(os.urandom(96))
VAULT = "encryption.__keyVault"
FIELDS = {"people": {"email": "deterministic", "homes.street": "random", "heightCm": "random"}}
SCHEMA = {
    "bsonType": "object",
    "properties": {
        "email": {"encrypt": {"bsonType": "string", "algorithm": "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic"}},
        "heightCm": {"encrypt": {"bsonType": ["double", "int"], "algorithm": "AEAD_AES_256_CBC_HMAC_SHA_512-Random"}},
        "homes": {
            "bsonType": "array",
            "items": {
                "bsonType": "object",
                "properties": {
                    "street": {"encrypt": {"bsonType": "string", "algorithm": "AEAD_AES_256_CBC_HMAC_SHA_512-Random"}}
                },
            },
        },
    },
}
PERSON = {"email": "ada@example.org", "heightCm": 170.5, "homes": [{"street": "Lane 1", "city": "X"}], "name": "Ada"}

Test = Callable[["World"], Coroutine[Any, Any, None]]


class World:
    """An empty collection with a validator, a vault with one data key, and a way to other keys."""

    def __init__(self, mongo: MongoService) -> None:
        self.mongo = mongo
        self.people = mongo.get_collection("people")
        self.vault = mongo.get_db("encryption")["__keyVault"]

    async def prepare(self) -> None:
        await self.people.drop()
        await self.vault.delete_many({})
        await self.mongo.get_db().create_collection("people", validator={"$jsonSchema": SCHEMA})
        await self.make_key("personal")

    async def make_key(self, name: str, master: LocalKey = MASTER) -> Binary:
        async with self.driver(master) as driver:
            return await driver.create_data_key(master.provider, master.made_with(), key_alt_names=[name])

    @contextlib.asynccontextmanager
    async def driver(self, *masters: LocalKey) -> AsyncIterator[AsyncClientEncryption[Any]]:
        client = self.mongo.client
        async with AsyncClientEncryption(masters[0].for_driver(), VAULT, client, client.codec_options) as driver:
            yield driver

    def fields(self, master: LocalKey = MASTER, **more: Any) -> FieldEncryption:
        return FieldEncryption(self.mongo, master, fields=FIELDS, **more)


@pytest.fixture(scope="module")
def server() -> Iterator[ScratchMongod]:
    """A replica set of one member."""
    with scratch_mongod(1) as running:
        yield running


@pytest.fixture
def run(server: ScratchMongod) -> Callable[[Test], None]:
    """Run a coroutine in a fresh world."""

    async def whole(test: Test) -> None:
        async with asyncio.timeout(WITHIN_S), MongoService(server.uri(), SMALL) as mongo:
            world = World(mongo)
            await world.prepare()
            await test(world)

    return lambda test: run_async(whole(test))


def test_personal_fields_are_stored_as_ciphertexts_and_read_back(run: Callable[[Test], None]) -> None:
    async def test(world: World) -> None:
        async with world.fields() as fields:
            await fields.verify()
            await world.people.insert_one(await fields.encrypt("people", PERSON))
            stored = await world.people.find_one({"name": "Ada"})
            assert stored is not None
            for value in (stored["email"], stored["heightCm"], stored["homes"][0]["street"]):
                assert isinstance(value, Binary)
                assert value.subtype == 6
            assert stored["homes"][0]["city"] == "X"
            assert b"ada@" not in bytes(stored["email"])
            assert await world.people.count_documents({"email": {"$type": "binData"}}) == 1
            assert await fields.decrypt(stored) == {**PERSON, "_id": stored["_id"]}

    run(test)


def test_a_deterministic_field_is_found_by_equality_and_a_random_one_is_not(run: Callable[[Test], None]) -> None:
    async def test(world: World) -> None:
        async with world.fields() as fields:
            await world.people.insert_many([await fields.encrypt("people", PERSON) for _ in range(2)])
            one, other = await world.people.find().to_list()
            assert one["email"] == other["email"]
            assert one["heightCm"] != other["heightCm"]
            for query in ({"email": "ada@example.org"}, {"$or": [{"email": {"$in": ["ada@example.org"]}}]}):
                assert await world.people.count_documents(await fields.encrypt_query("people", query)) == 2
            other_query = await fields.encrypt_query("people", {"email": "Ada@example.org"})
            assert await world.people.count_documents(other_query) == 0
            with pytest.raises(FieldQueryError, match="heightCm"):
                await fields.encrypt_query("people", {"heightCm": 170.5})
            # What the refusal spares its caller: even the right ciphertext finds nothing.
            hidden = await fields.encrypt("people", {"heightCm": 170.5})
            assert await world.people.count_documents(hidden) == 0

    run(test)


def test_updates_are_encrypted_too(run: Callable[[Test], None]) -> None:
    async def test(world: World) -> None:
        async with world.fields() as fields:
            await world.people.insert_one(await fields.encrypt("people", PERSON))
            change = {"$set": {"email": "new@example.org", "homes.0.street": "Lane 2"}, "$inc": {"logins": 1}}
            await world.people.update_one({"name": "Ada"}, await fields.encrypt("people", change))
            found = await fields.decrypt(await world.people.find_one({"name": "Ada"}) or {})
            assert (found["email"], found["homes"][0]["street"], found["logins"]) == ("new@example.org", "Lane 2", 1)

    run(test)


@pytest.mark.parametrize("clear", [{"email": "a@b.example"}, {"email": None}, {"homes": [{"street": "Lane 1"}]}])
def test_the_validator_refuses_clear_text_and_null(run: Callable[[Test], None], clear: dict[str, Any]) -> None:
    async def test(world: World) -> None:
        with pytest.raises(WriteError, match="failed validation"):
            await world.people.insert_one(dict(clear))

    run(test)


def test_the_validator_refuses_another_type_below_the_cipher(run: Callable[[Test], None]) -> None:
    async def test(world: World) -> None:
        async with world.fields() as fields:
            with pytest.raises(WriteError, match="failed validation"):
                await world.people.insert_one(await fields.encrypt("people", {"email": 5}))

    run(test)


def test_another_master_key_reads_and_writes_nothing(run: Callable[[Test], None]) -> None:
    other = LocalKey(os.urandom(96))

    async def test(world: World) -> None:
        async with world.fields() as fields:
            hidden = await fields.encrypt("people", PERSON)
        async with world.fields(other) as fields:
            for attempt in (fields.decrypt(hidden), fields.encrypt("people", PERSON), fields.verify()):
                with pytest.raises(MasterKeyError, match="does not open data key") as refused:
                    await attempt
                said = f"{refused.value} {refused.value.__cause__!r}"
                assert "ada@example.org" not in said
                assert other.key.hex() not in said

    run(test)


def test_a_data_key_of_another_provider_is_refused(
    run: Callable[[Test], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "geheim")
    kms = AwsKms(key_arn="arn:aws:kms:eu-central-1:123456789012:key/1234abcd", region="eu-central-1")

    async def test(world: World) -> None:
        async with FieldEncryption(world.mongo, kms, fields=FIELDS) as fields:
            with pytest.raises(MasterKeyError, match=r"\(aws\) does not open data key personal") as refused:
                await fields.verify()
            assert "geheim" not in f"{refused.value} {refused.value.__cause__!r}"

    run(test)


def test_a_missing_data_key_is_named(run: Callable[[Test], None]) -> None:
    async def test(world: World) -> None:
        async with world.fields(key_name={"people": "people-key"}) as fields:
            with pytest.raises(DataKeyError, match=r"people-key is not in the key vault encryption\.__keyVault"):
                await fields.verify()
            await world.make_key("people-key")
            await fields.verify()
            hidden = await fields.encrypt("people", PERSON)
        await world.vault.delete_one({"keyAltNames": "people-key"})
        async with world.fields() as fields:
            with pytest.raises(DataKeyError, match=r"with id [0-9a-f]{32} is not in the key vault"):
                await fields.decrypt(hidden)

    run(test)


@pytest.mark.parametrize(
    "place, kind",
    [(-1, CiphertextError), (40, CiphertextError), (17, CiphertextError), (0, CiphertextError), (5, DataKeyError)],
)
def test_a_changed_ciphertext_is_told_from_a_wrong_key(
    run: Callable[[Test], None], place: int, kind: type[EncryptionError]
) -> None:
    async def test(world: World) -> None:
        async with world.fields() as fields:
            hidden = await fields.encrypt("people", PERSON)
            changed = bytearray(hidden["email"])
            changed[place] ^= 0x40
            with pytest.raises(kind):
                await fields.decrypt({**hidden, "email": Binary(bytes(changed), 6)})
            for length in (0, 5, 30):
                with pytest.raises(CiphertextError, match="changed or cut"):
                    await fields.decrypt({"email": Binary(bytes(hidden["email"][:length]), 6)})
            assert await fields.decrypt(hidden) == PERSON

    run(test)


def test_a_new_master_key_reads_everything_once_the_data_keys_are_rewrapped(run: Callable[[Test], None]) -> None:
    new = LocalKey(os.urandom(96))

    async def test(world: World) -> None:
        async with world.fields() as fields:
            hidden = await fields.encrypt("people", PERSON)
        client = world.mongo.client
        # One driver can hold both keys only under two names: the data key goes from "local" to "local:new" and back.
        providers = {**MASTER.for_driver(), "local:new": {"key": new.key}}
        async with AsyncClientEncryption(providers, VAULT, client, client.codec_options) as driver:
            await driver.rewrap_many_data_key({}, provider="local:new")
        await world.vault.update_many({}, {"$set": {"masterKey.provider": "local"}})
        async with world.fields(new) as fields:
            assert await fields.decrypt(hidden) == PERSON
        async with world.fields() as fields:
            with pytest.raises(MasterKeyError):
                await fields.decrypt(hidden)

    run(test)


def test_after_a_new_data_key_old_values_are_read_and_new_ones_differ(run: Callable[[Test], None]) -> None:
    async def test(world: World) -> None:
        async with world.fields() as fields:
            old = await fields.encrypt("people", PERSON)
        await world.vault.update_one({"keyAltNames": "personal"}, {"$set": {"keyAltNames": ["personal-retired"]}})
        await world.make_key("personal")
        async with world.fields() as fields:
            new = await fields.encrypt("people", PERSON)
            assert await fields.decrypt(old) == await fields.decrypt(new) == PERSON
            assert old["email"] != new["email"]
            again = await fields.encrypt("people", await fields.decrypt(old))
            assert again["email"] == new["email"]

    run(test)


def test_the_projects_own_collections_take_what_the_declared_fields_encrypt(run: Callable[[Test], None]) -> None:
    """`fields` left out: those of walletdb.documents, against the validator of documents/user-preferences.yaml."""
    (definition,) = [one for one in documents.load() if one.name == "user-preferences"]
    now = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    contact = {"email": "ada@example.org", "phone": "+436641234567"}
    user = {"userId": "6f1c1f0e-4d6b-4a1e-9b1e-0123456789ab", "version": 1, "createdAt": now, "updatedAt": now}

    async def test(world: World) -> None:
        await world.mongo.get_db().drop_collection(definition.name)
        schema = {"$jsonSchema": definition.schema}
        await world.mongo.get_db().create_collection(definition.name, validator=schema, validationLevel="strict")
        preferences = world.mongo.get_collection(definition.name)
        with pytest.raises(WriteError, match="failed validation"):
            await preferences.insert_one({**user, "contact": dict(contact)})
        async with FieldEncryption(world.mongo, MASTER) as fields:
            await fields.verify()
            await preferences.insert_one(await fields.encrypt(definition.name, {**user, "contact": contact}))
            query = await fields.encrypt_query(definition.name, {"contact.email": contact["email"]})
            found = await preferences.find_one(query)
            assert found is not None
            assert await fields.decrypt(found) == {"_id": found["_id"], **user, "contact": contact}

    run(test)


def test_an_unreachable_vault_is_the_drivers_error(server: ScratchMongod) -> None:
    async def whole() -> None:
        options = MongoOptions(min_pool_size=0, server_selection_timeout_ms=200)
        async with (
            MongoService("mongodb://127.0.0.1:1/?directConnection=true", options) as mongo,
            FieldEncryption(mongo, MASTER, fields=FIELDS) as fields,
        ):
            with pytest.raises(PyMongoError, match=r"127\.0\.0\.1:1"):
                await fields.encrypt("people", {"email": "a@b.example"})

    run_async(whole())


def test_a_value_that_bson_has_not_is_refused_without_showing_it(run: Callable[[Test], None]) -> None:
    async def test(world: World) -> None:
        async with world.fields() as fields:
            for value in ({"geheim"}, 2**70, object()):
                with pytest.raises(EncryptionError, match="heightCm") as refused:
                    await fields.encrypt("people", {"heightCm": value})
                assert "geheim" not in f"{refused.value} {refused.value.__cause__!r} {refused.value.__context__!r}"
            kept = ObjectId()
            assert await fields.decrypt(await fields.encrypt("people", {"heightCm": kept})) == {"heightCm": kept}

    run(test)
