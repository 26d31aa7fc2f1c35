"""The Atlas project, and how Atlas gets at what is ours in AWS.

Owns: the project with its settings, the IAM role that Atlas takes on, who may connect from where, auditing, the
maintenance window. Does not own: the cluster (`atlas.py`), users (`atlas_access.py`), alerts (`atlas_alerts.py`), the
key (`components/encryption/aws.py`), whose policy must allow `role_arn`: that is why the project comes before the keys,
and the cluster after.
"""

import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_mongodbatlas as atlas

from components.mongodb.atlas_names import NAME, atlas_tags, maintenance_day
from components.tags import tags
from settings.cloud.atlas import AtlasSettings
from settings.cloud.tags import TagSettings

__all__ = ["AtlasProject", "AtlasProjectArgs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasProjectArgs:
    """Arguments of `AtlasProject`."""

    stack: str
    settings: AtlasSettings
    tags: TagSettings
    protect: bool


class AtlasProject(pulumi.ComponentResource):
    """A project that holds one stack's cluster."""

    project: atlas.Project
    project_id: pulumi.Output[str]
    role_id: pulumi.Output[str]
    """Atlas's own id of the authorized role."""
    role_arn: pulumi.Output[str]
    """The role that Atlas takes on: the principal that the policy of the documents' key must allow."""
    authorization: pulumi.Resource
    """Atlas can use the role once this is there."""

    def __init__(self, name: str, args: AtlasProjectArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the project."""
        super().__init__("fashionwallet:mongodb:AtlasProject", name, None, opts)
        self._component_name = name
        self._args = args
        self._tags = tags(args.stack, args.tags, component=NAME)
        self.project = self._create_project()
        self.project_id = self.project.id
        setup = self._create_access_setup()
        role = self._create_role(setup)
        self.role_arn = role.arn
        authorization = self._create_authorization(setup, role)
        self.authorization = authorization
        self.role_id = authorization.role_id
        self._create_access_list()
        self._create_auditing()
        self._create_maintenance_window()
        self.register_outputs({"project_id": self.project_id, "role_id": self.role_id, "role_arn": self.role_arn})

    def _create_project(self) -> atlas.Project:
        settings = self._args.settings
        return atlas.Project(
            f"{self._component_name}-project",
            org_id=settings.organization_id,
            name=settings.project_name,
            # Alerts are declared, each with its threshold and its addressees.
            with_default_alerts_settings=False,
            is_collect_database_specifics_statistics_enabled=True,
            is_performance_advisor_enabled=True,
            is_realtime_performance_panel_enabled=True,
            is_schema_advisor_enabled=True,
            # Documents are read through the databases' own users, whose acts are audited.
            is_data_explorer_enabled=False,
            is_data_explorer_gen_ai_features_enabled=False,
            is_data_explorer_gen_ai_sample_document_passing_enabled=False,
            is_cluster_ai_assistant_enabled=False,
            is_extended_storage_sizes_enabled=False,
            tags=atlas_tags(self._tags),
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.protect),
        )

    def _create_access_setup(self) -> atlas.CloudProviderAccessSetup:
        return atlas.CloudProviderAccessSetup(
            f"{self._component_name}-access-setup",
            project_id=self.project_id,
            provider_name="AWS",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_role(self, setup: atlas.CloudProviderAccessSetup) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self._component_name}-atlas",
            description="What MongoDB Atlas takes on to use the key of the documents; the key's policy says for what.",
            assume_role_policy=setup.aws_configs.apply(_trust_policy),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_authorization(
        self, setup: atlas.CloudProviderAccessSetup, role: aws.iam.Role
    ) -> atlas.CloudProviderAccessAuthorization:
        return atlas.CloudProviderAccessAuthorization(
            f"{self._component_name}-access-authorization",
            project_id=self.project_id,
            role_id=setup.role_id,
            aws={"iam_assumed_role_arn": role.arn},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_access_list(self) -> None:
        for cidr in self._args.settings.access_cidrs:
            network = ipaddress.IPv4Network(cidr)
            atlas.ProjectIpAccessList(
                f"{self._component_name}-access-{network.network_address}-{network.prefixlen}",
                project_id=self.project_id,
                cidr_block=cidr,
                comment="fashion-wallet: cloud.atlas.accessCidrs",
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _create_auditing(self) -> atlas.Auditing:
        settings = self._args.settings
        return atlas.Auditing(
            f"{self._component_name}-auditing",
            project_id=self.project_id,
            enabled=True,
            audit_filter=settings.audit_filter,
            audit_authorization_success=settings.audit_authorization_success,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_maintenance_window(self) -> atlas.MaintenanceWindow:
        settings = self._args.settings
        return atlas.MaintenanceWindow(
            f"{self._component_name}-maintenance-window",
            project_id=self.project_id,
            day_of_week=maintenance_day(settings.maintenance_day),
            hour_of_day=settings.maintenance_hour,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _trust_policy(configs: Sequence[atlas.outputs.CloudProviderAccessSetupAwsConfig]) -> str:
    (config,) = configs
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": config.atlas_aws_account_arn},
        "Action": "sts:AssumeRole",
        # Atlas takes on roles of many customers: the id makes sure that it does so for this project.
        "Condition": {"StringEquals": {"sts:ExternalId": config.atlas_assumed_role_external_id}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
