"""`python -m walletdb` is the command `walletdb`."""

from walletdb.cli import main

if __name__ == "__main__":
    main()
