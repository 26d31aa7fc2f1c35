"""Cases of mongo-collection-require-validation: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.names import secret

FIRES: list[tuple[str, str, object]] = [
    ("MongoCollection:designs", "validationAction", "warn"),
    ("MongoCollection:designs", "validationAction", "Error"),
    ("MongoCollection:designs", "validationAction", ""),
    ("MongoCollection:designs", "validationAction", 0),
    ("MongoCollection:designs", "validationAction", UNSET),
    ("MongoCollection:designs", "validationLevel", "off"),
    ("MongoCollection:designs", "validationLevel", ""),
    ("MongoCollection:designs", "validationLevel", False),
    ("MongoCollection:designs", "validationLevel", UNSET),
    ("MongoCollection:designs", "schema", {}),
    ("MongoCollection:designs", "schema", UNSET),
    ("MongoCollection:designs", "schema", ""),
    ("MongoCollection:designs", "schema", []),
    ("MongoCollection:designs", "schema", "{required: [userId]}"),
    ("MongoCollection:designs", "schema", {"bsonType": "object"}),
    ("MongoCollection:designs", "schema.required", []),
    ("MongoCollection:designs", "schema.required", [""]),
    ("MongoCollection:designs", "schema.required", ["_id"]),
    ("MongoCollection:designs", "schema.required", "userId"),
    ("MongoCollection:designs", "schema.required", 0),
    ("MongoCollection:designs", "", {"validationAction": "warn", "validationLevel": UNKNOWN}),
]
PASSES: list[tuple[str, str, object]] = [
    ("MongoCollection:designs", "validationLevel", "strict"),
    ("MongoCollection:designs", "validationAction", secret("error")),
    ("MongoCollection:designs", "schema.required", ["_id", "name"]),
    ("MongoCollection:designs", "schema.required", ["userId", UNKNOWN]),
    ("MongoCollection:designs", "schema.properties", UNKNOWN),
    ("MongoCollection:designs", "allowDrop", True),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("MongoCollection:designs", "validationAction", UNKNOWN),
    ("MongoCollection:designs", "validationLevel", UNKNOWN),
    ("MongoCollection:designs", "schema", UNKNOWN),
    ("MongoCollection:designs", "schema.required", UNKNOWN),
    ("MongoCollection:designs", "schema.required", ["_id", UNKNOWN]),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("MongoCollection:designs", "validationAction", "warn", "validationAction is warn; allowed: error."),
    ("MongoCollection:designs", "validationLevel", "off", "validationLevel is off; allowed: moderate or strict."),
    ("MongoCollection:designs", "schema", UNSET, "schema is unset; allowed: MongoDB's $jsonSchema, with `required`"),
    ("MongoCollection:designs", "schema.required", ["_id"], "schema.required is _id alone; allowed: the names of"),
]
SAYS += [("MongoCollection:designs", "schema", "{hunter2}", "schema is a text of another form (not printed")]
