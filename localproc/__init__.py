"""Start, identify, watch and stop real servers on one machine.

Owns the processes, files and folders of a local stack. Knows nothing of Pulumi; the plugin `walletdb` is a thin
adapter over it.
"""
