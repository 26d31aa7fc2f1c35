"""The graph of PostgreSQL on RDS, as stack `prod` declares it around its components."""

import functools
import json
from typing import Any

import pulumi_aws as aws

from components.encryption.aws import Keys, KeysArgs
from components.network.aws import Network, NetworkArgs
from components.postgres.access import Access, AccessArgs, admin_provider
from components.postgres.aws import RdsCluster, RdsClusterArgs, Recovery
from components.postgres.aws_parameters import EXTENSIONS
from components.postgres.aws_proxy import RdsProxy, RdsProxyArgs
from components.postgres.definition import postgres
from components.postgres.grants import POSTGRES
from components.postgres.urls import secret_url
from components.resources import NetworkPath, NetworkPathArgs, RandomPassword, RandomPasswordArgs
from components.secrets.aws import Rotation, RotationArgs, SecretPlace, ServiceSecrets, ServiceSecretsArgs
from settings import Settings
from settings.cloud.keys import KeySettings
from settings.cloud.network import NetworkSettings
from settings.cloud.rds import RdsSettings
from settings.cloud.secrets import SecretSettings
from settings.cloud.tags import TagSettings
from settings.derived import POOL_USERS
from tests.component.graph import Graph, record

ACCOUNT, REGION, RECOVERY_REGION = "123456789012", "eu-central-1", "eu-west-1"
STACK = "prod"
TAGS = TagSettings(owner="platform", cost_center="42")
CA_FILE = "/home/certificates/rds-global-bundle.pem"
NETWORK = NetworkSettings(
    account_id=ACCOUNT,
    region=REGION,
    recovery_region=RECOVERY_REGION,
    subnets={f"{REGION}{letter}": f"10.40.{index}.0/24" for index, letter in enumerate("abc")},
)
RECOVERY_SUBNETS = {f"{RECOVERY_REGION}{letter}": f"10.41.{index}.0/24" for index, letter in enumerate("ab")}
SECRETS = SecretSettings(reader_arns=(f"arn:aws:iam::{ACCOUNT}:role/deploy",))
WITH_RECOVERY = {"recovery_replica": True, "recovery_subnets": RECOVERY_SUBNETS}


@functools.cache
def rds_layer(rds: str = "{}", settings: str = "{}") -> Graph:
    """Return the graph for settings as JSON (so that a graph is built once for each)."""
    chosen = RdsSettings.model_validate_json(rds)
    whole = Settings.model_validate_json(settings)
    return record(lambda: _declare(chosen, whole))


def recovering() -> Graph:
    """Return the graph with a replica in the other region."""
    return rds_layer(json.dumps(WITH_RECOVERY))


def _declare(chosen: RdsSettings, whole: Settings) -> dict[str, Any]:
    recovery = aws.Provider("recovery", region=RECOVERY_REGION)
    keys = Keys("keys", KeysArgs(stack=STACK, settings=KeySettings(), network=NETWORK, tags=TAGS, recovery=recovery))
    network = _network("network", NETWORK, keys.key("logs").arn)
    place = SecretPlace(
        stack=STACK,
        settings=SECRETS,
        tags=TAGS,
        key_arn=keys.key("secrets").arn,
        recovery_region=RECOVERY_REGION,
        recovery_key_arn=keys.recovery_key("secrets").arn,
    )
    cluster = RdsCluster(
        "postgres",
        RdsClusterArgs(
            stack=STACK,
            settings=whole,
            rds=chosen,
            account_id=ACCOUNT,
            tags=TAGS,
            network=network,
            keys=keys,
            secrets=place,
            topic_arn="arn:aws:sns:eu-central-1:123456789012:alerts",
            ca_file=CA_FILE,
            recovery=_recovery(chosen, keys, recovery),
        ),
    )
    return {**_contents(chosen, whole, cluster, place, network, keys), **cluster.instances}


def _network(name: str, settings: NetworkSettings, key: Any) -> Network:
    return Network(name, NetworkArgs(stack=STACK, settings=settings, tags=TAGS, logs_key_arn=key))


def _recovery(chosen: RdsSettings, keys: Keys, provider: aws.Provider) -> Recovery | None:
    if chosen.recovery_subnets is None:
        return None
    there = NETWORK.elsewhere(vpc_cidr=chosen.recovery_vpc_cidr, subnets=chosen.recovery_subnets)
    return Recovery(provider=provider, network=_network("there", there, keys.recovery_key("logs").arn))


def _contents(
    chosen: RdsSettings, whole: Settings, cluster: RdsCluster, place: SecretPlace, network: Network, keys: Keys
) -> dict[str, Any]:
    definition = postgres(whole.postgres)
    path = NetworkPath("path", NetworkPathArgs(host=cluster.writer.host, port=cluster.writer.port))
    provider = admin_provider("postgres", cluster, cluster, after=[path])
    passwords = {
        login: RandomPassword(f"password-{login}", RandomPasswordArgs(generation=1)).result for login in POSTGRES.logins
    }
    access = Access(
        "postgres",
        AccessArgs(
            cluster=cluster,
            provider=provider,
            database=whole.postgres.database,
            table=POSTGRES,
            extensions=(*definition.extensions, *EXTENSIONS),
            passwords=passwords,
            protect=whole.protect,
        ),
    )
    secrets = ServiceSecrets(
        "postgres-secret",
        ServiceSecretsArgs(place=place, passwords=passwords, endpoint=cluster.writer, database=whole.postgres.database),
    )
    rotated = {**secrets.secrets, cluster.admin_secret.login: cluster.admin_secret}
    Rotation(
        "postgres-rotation",
        RotationArgs(
            place=place,
            region=REGION,
            subnet_ids=[network.subnet_ids[zone] for zone in sorted(network.subnet_ids)],
            security_group_id=network.client_security_group_id,
            secrets=rotated,
            logs_key_arn=keys.key("logs").arn,
            log_retention_days=chosen.log_retention_days,
            after=[access],
        ),
    )
    proxy = RdsProxy(
        "postgres-proxy",
        RdsProxyArgs(
            stack=STACK,
            account_id=ACCOUNT,
            region=REGION,
            settings=whole.postgres,
            rds=chosen,
            tags=TAGS,
            network=network,
            keys=keys,
            primary=cluster.instances["postgres-primary"],
            secrets={login: secrets.secrets[login] for login in POOL_USERS},
        ),
    )
    password = secrets.secrets["operator"].current_password()

    def url(endpoint: Any) -> Any:
        return secret_url(
            user="operator",
            password=password,
            endpoint=endpoint,
            database=whole.postgres.database,
            ca_file=cluster.admin.ca_file,
            minimum_tls_version=whole.tls.minimum_version,
        )

    return {"writer": url(cluster.writer), "reader": url(cluster.reader), "pool": url(proxy.endpoint)}
