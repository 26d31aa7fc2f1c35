"""The rehearsal of stack prod: from nothing to destroy, on the real engine, over emulators and real local servers.

It takes prod's program and settings as they are. `world` brings up what stands for the clouds (`servers`, `emulators`,
`kubernetes_server`), `environment` says what the engine is told about them, `engine` runs it, `steps` are what is
rehearsed, `report` shows and keeps what came of it. Nothing is left behind, and no cloud can be reached.
"""
