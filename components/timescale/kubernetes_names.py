"""Names of what the time-series cluster consists of in Kubernetes, and the labels by which its pods are found."""

__all__ = [
    "BACKUPS",
    "CLUSTER",
    "CLUSTER_LABEL",
    "INSTANCE",
    "JOB_LABEL",
    "MANAGED_BY",
    "POOLER",
    "POOLER_LABEL",
    "POSTGRES_PORT",
    "QUERIES",
    "QUERIES_KEY",
    "ROLE_LABEL",
    "SECRETS",
    "wait_for",
]

CLUSTER = "timescale"
POOLER = f"{CLUSTER}-pool"
BACKUPS = f"{CLUSTER}-backups"
"""The object store, and the scheduled backups."""
POSTGRES_PORT = 5432
QUERIES, QUERIES_KEY = f"{CLUSTER}-monitoring", "queries.yaml"
"""The ConfigMap of what the exporter asks beyond its own queries, and the key in it."""
SECRETS = {
    "server-ca": f"{CLUSTER}-server-ca",
    "server": f"{CLUSTER}-server",
    "client-ca": f"{CLUSTER}-client-ca",
    "replication": f"{CLUSTER}-replication",
    "pooler": f"{CLUSTER}-pooler-client",
}
"""By purpose, the secrets that hold certificates and keys."""

CLUSTER_LABEL = {"cnpg.io/cluster": CLUSTER}
"""What the operator gives to all pods of the cluster, its jobs and the pooler included."""
ROLE_LABEL = "cnpg.io/podRole"
INSTANCE = {**CLUSTER_LABEL, ROLE_LABEL: "instance"}
POOLER_LABEL = {"cnpg.io/poolerName": POOLER}
JOB_LABEL = {"app.kubernetes.io/component": "backups"}
"""Of the jobs that dump, which have to reach the servers."""
MANAGED_BY = {"app.kubernetes.io/managed-by": "pulumi", "app.kubernetes.io/part-of": "fashion-wallet"}


def wait_for(condition: str, timeout_s: int) -> dict[str, str]:
    """Return the annotations by which the provider waits for a condition, and only for that."""
    return {"pulumi.com/waitFor": condition, "pulumi.com/timeoutSeconds": str(timeout_s)}
