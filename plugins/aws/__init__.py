"""Stand-in for the official `aws` provider plugin 7.51.1, for rehearsals of the cloud without one.

It serves the unchanged `pulumi_aws` SDK with the same tokens, property names, ids and replacement rules, over an
emulator of AWS on this machine, and it refuses to talk to anything else. What it does not have it refuses by name; it
never accepts a property and ignores it. What the emulator cannot do is kept by the stand-in itself (`KeptEntity`).
Source of the semantics: terraform-provider-aws 6, which the official plugin wraps.
"""
