"""What lies inside MongoDB: collections, indexes, roles, users and data keys, brought to what is declared.

Synchronous, for tools that provision; a service uses the asynchronous client of `walletdb` itself. Every function looks
before it acts, so that it may be called again after any failure.
"""
