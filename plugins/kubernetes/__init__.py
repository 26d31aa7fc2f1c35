"""Stand-in for the official `kubernetes` provider plugin 4.34.2, for machines where that one cannot be installed.

It serves the unchanged `pulumi_kubernetes` SDK, for any kind that the server has, by server-side apply with strict
validation: what the server's schemas do not have is refused by the server itself, at preview already. Ids, automatic
names, what replaces an object, and the annotations `pulumi.com/…` are the official plugin's.

Differences, all on purpose: it talks to a server on a loopback address only; it deletes in the background, as a bare
API server has no garbage collector; it refuses kinds it would have to wait for while no controller runs them, and
everything of the SDK that is no object of the API (Helm, Kustomize, YAML files, lists and patches).
"""
