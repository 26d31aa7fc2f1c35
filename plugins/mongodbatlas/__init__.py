"""Stand-in for the official `mongodbatlas` provider plugin 4.18.0, for rehearsals of the cloud without one.

It serves the unchanged `pulumi_mongodbatlas` SDK with the same tokens, property names, ids and replacement rules, over
Atlas's Admin API as published, and it refuses to talk to anything but an emulator on this machine. What it does not
have it refuses by name; it never accepts a property and ignores it.
"""
