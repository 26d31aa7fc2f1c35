"""The one list of rules. A new rule is a file in `rules/` and a line here; a test finds a file that has no line."""

from policies.rule import Rule
from policies.rules import (
    dataguard_cover_stateful,
    dataguard_forbid_data_loss,
    dataguard_forbid_stale_allowance,
    mongo_collection_require_validation,
    mongo_replica_set_keep_majority,
    mongo_replica_set_keep_oplog,
    mongo_role_forbid_structure_changes,
    mongo_user_forbid_elevated_roles,
    patroni_cluster_keep_replicas,
    patroni_cluster_keep_synchronous_standby,
    patroni_member_enable_checksums,
    postgresql_provider_verify_server,
    postgresql_public_forbid_privileges,
    postgresql_role_forbid_elevated_attributes,
    postgresql_role_forbid_superuser_membership,
    postgresql_schema_forbid_create,
    walletdb_listen_on_loopback,
    walletdb_require_tls_1_3,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    dataguard_cover_stateful.RULE,
    dataguard_forbid_data_loss.RULE,
    dataguard_forbid_stale_allowance.RULE,
    mongo_collection_require_validation.RULE,
    mongo_replica_set_keep_majority.RULE,
    mongo_replica_set_keep_oplog.RULE,
    mongo_role_forbid_structure_changes.RULE,
    mongo_user_forbid_elevated_roles.RULE,
    patroni_cluster_keep_replicas.RULE,
    patroni_cluster_keep_synchronous_standby.RULE,
    patroni_member_enable_checksums.RULE,
    postgresql_provider_verify_server.RULE,
    postgresql_public_forbid_privileges.RULE,
    postgresql_role_forbid_elevated_attributes.RULE,
    postgresql_role_forbid_superuser_membership.RULE,
    postgresql_schema_forbid_create.RULE,
    walletdb_listen_on_loopback.RULE,
    walletdb_require_tls_1_3.RULE,
)
