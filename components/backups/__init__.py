"""Backups: vaults, plans and restore tests; buckets of dumps and of WAL; the jobs that make and test dumps."""
