"""The CrossGuard policy pack: what every preview and update must satisfy.

`rules/` has one rule a file; `registry.py` lists them; `crossguard.py` turns them into what the engine runs.
A rule is a pure function over plain values. The pack needs the standard library and `pulumi_policy`, nothing else.
"""
