"""Stand-in for the official `postgresql` provider plugin 3.18.2, for machines where that one cannot be installed.

It serves the unchanged `pulumi_postgresql` SDK with the same tokens, property names, ids and replacement rules, over a
real server. What it does not have it refuses by name; it never accepts a property and ignores it. Where the official
plugin is known to go wrong it differs on purpose: privileges are read with the server's built-in defaults, a replaced
grant is revoked before it is granted anew, passwords leave this process only as SCRAM verifiers.
Source of the semantics: terraform-provider-postgresql 1.26, which the official plugin wraps.
"""
