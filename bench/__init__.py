"""The benchmarks: `make bench`, or `.venv/bin/python -m bench`.

One module a part (`up`, `replication`, `pooler`, `failover`, `mongodb`), each with a function `measure(session)` that
gives a `Result`; `figures` is what a result is made of, `session` brings up the stacks that the parts share. The stacks
are throw-away ones, made by the same helpers as those of the live tests
(`tests/fixtures/{live_stack,cluster,writer,mongo_set,mongo_writer}.py`), so that a benchmark and a test hurt a cluster
in the same way. A running `dev` stack is never touched.

Nothing here asserts a limit: a timing is a record, and a test asserts generous deadlines only.
"""
