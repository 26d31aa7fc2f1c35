"""A Pulumi program with nothing of this project: registers what the file in `BENCH_CALLS` says (`bench/bare.py`)."""

import importlib
import json
import os
from pathlib import Path

import pulumi

providers: dict[str, pulumi.ProviderResource] = {}
for call in json.loads(Path(os.environ["BENCH_CALLS"]).read_text(encoding="utf-8")):
    name, token, inputs = call["name"], call["token"], call["inputs"]
    options = pulumi.ResourceOptions(provider=providers.get(call["provider"]), protect=call["protect"])
    if token.startswith("pulumi:providers:"):
        providers[name] = pulumi.ProviderResource(token.rpartition(":")[2], name, inputs, options)
    elif call["module"]:
        getattr(importlib.import_module(call["module"]), call["kind"])(name, opts=options, **inputs)
    else:
        pulumi.CustomResource(token, name, inputs, options)
