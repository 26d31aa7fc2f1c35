"""Reports of what the pack said: a table, JSON, JUnit or SARIF, made of the engine's own events.

`python -m policies.report --format table < events` reads what `pulumi preview --json` prints with
PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true, `pulumi up --json`, or `pulumi policy analyze --json`: one event a line.
Several files are several stacks, or several runs; one report covers them all.
"""
