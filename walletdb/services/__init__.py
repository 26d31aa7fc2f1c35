"""What services import: clients that heal, fail over and never leak, and encryption of personal fields.

Asynchronous and typed. `from walletdb import MongoService` loads only what it needs.
"""
