"""Provider plugins that make nothing: every type of a package is accepted, and what is given comes back.

With them, a preview or an update takes the time of program and engine, and of no cloud and no emulator. The engine is
told to use a process that runs already (`PULUMI_DEBUG_PROVIDERS`), so that not even the start of plugins is in it.
"""
