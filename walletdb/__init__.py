"""Fashion Wallet's runtime library: what is inside the databases, for people on call and for services.

Holds the command `walletdb` (`python -m walletdb`) and what it is made of. Reads one file, walletdb.json, and talks to
real servers over TLS 1.3; knows nothing of Pulumi, starts no server and changes no configuration.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
