"""One rule a file, named like the rule's id. `policies.registry` lists them all."""
