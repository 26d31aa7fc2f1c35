"""The keys in AWS KMS: one a domain of data, each with a replica in the recovery region.

Owns: keys, replicas, aliases, and who may do what with them. Does not own: what they encrypt. A replica has the key
material of its primary, so that a copy in the recovery region can be read when the first region is gone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pulumi
import pulumi_aws
from pulumi_aws import kms

from components.encryption.aws_policies import DOMAINS, Scope, key_policy
from components.tags import tags
from settings.cloud.keys import KeySettings
from settings.cloud.network import NetworkSettings
from settings.cloud.tags import TagSettings

__all__ = ["DOMAINS", "Key", "Keys", "KeysArgs"]

_COMPONENT = "encryption"


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A key, as others name it."""

    arn: pulumi.Output[str]
    id: pulumi.Output[str]
    alias: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class KeysArgs:
    """Arguments of `Keys`.

    Raises:
        ValueError: users of a domain that there is not.
    """

    stack: str
    settings: KeySettings
    network: NetworkSettings
    """Says the account and the two regions."""
    tags: TagSettings
    recovery: pulumi_aws.Provider
    """Of the recovery region."""
    users: Mapping[str, Sequence[pulumi.Input[str]]] = field(default_factory=dict)
    """By domain: ARNs of roles that use the key itself and not through a service of AWS, as Atlas does."""
    protect: bool = True

    def __post_init__(self) -> None:
        """Check the domains."""
        unknown = sorted(set(self.users) - set(DOMAINS))
        if unknown:
            raise ValueError(f"users: got the domain {unknown[0]}, allowed are {', '.join(DOMAINS)}")


class Keys(pulumi.ComponentResource):
    """The keys of all domains. Their names are published (`DataGuard`): `<name>-<domain>`."""

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare keys, replicas and aliases."""
        super().__init__("fashionwallet:encryption:Keys", name, None, opts)
        self._component_name = name
        self._args = args
        primaries = {domain: self._create_key(domain) for domain in DOMAINS}
        self._keys = {domain: self._create_alias(domain, key) for domain, key in primaries.items()}
        replicas = {domain: self._create_replica(domain, key) for domain, key in primaries.items()}
        self._recovery_keys = {domain: self._create_recovery_alias(domain, key) for domain, key in replicas.items()}
        self.register_outputs({"arns": {domain: key.arn for domain, key in self._keys.items()}})

    def key(self, domain: str) -> Key:
        """Return the key of one of `DOMAINS`."""
        return self._keys[domain]

    def recovery_key(self, domain: str) -> Key:
        """Return its replica in the recovery region."""
        return self._recovery_keys[domain]

    def _create_key(self, domain: str) -> kms.Key:
        return kms.Key(
            f"{self._component_name}-{domain}",
            description=self._description(domain),
            enable_key_rotation=True,
            rotation_period_in_days=self._args.settings.rotation_period_days,
            deletion_window_in_days=self._args.settings.deletion_window_days,
            multi_region=True,
            policy=self._policy(domain, self._args.network.region),
            tags=self._tags(),
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.protect),
        )

    def _create_replica(self, domain: str, primary: kms.Key) -> kms.ReplicaKey:
        return kms.ReplicaKey(
            f"{self._component_name}-{domain}-recovery",
            primary_key_arn=primary.arn,
            description=self._description(domain),
            deletion_window_in_days=self._args.settings.deletion_window_days,
            policy=self._policy(domain, self._args.network.recovery_region),
            tags=self._tags(),
            opts=pulumi.ResourceOptions(parent=self, provider=self._args.recovery, protect=self._args.protect),
        )

    def _create_alias(self, domain: str, key: kms.Key) -> Key:
        alias = kms.Alias(
            f"{self._component_name}-{domain}-alias",
            name=self._alias(domain),
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return Key(arn=key.arn, id=key.key_id, alias=alias.name)

    def _create_recovery_alias(self, domain: str, key: kms.ReplicaKey) -> Key:
        alias = kms.Alias(
            f"{self._component_name}-{domain}-recovery-alias",
            name=self._alias(domain),
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self, provider=self._args.recovery),
        )
        return Key(arn=key.arn, id=key.key_id, alias=alias.name)

    def _alias(self, domain: str) -> str:
        return f"alias/fashion-wallet-{self._args.stack}-{domain}"

    def _description(self, domain: str) -> str:
        return f"Fashion Wallet, stack {self._args.stack}: {domain}"

    def _policy(self, domain: str, region: str) -> pulumi.Input[str]:
        users = self._args.users.get(domain, ())
        known = Scope(
            account=self._args.network.account_id,
            region=region,
            administrators=self._args.settings.administrators,
        )
        if not users:
            return json.dumps(key_policy(domain, known))
        return pulumi.Output.all(*users).apply(lambda arns: json.dumps(key_policy(domain, replace(known, users=arns))))

    def _tags(self) -> dict[str, str]:
        return tags(self._args.stack, self._args.tags, component=_COMPONENT)
