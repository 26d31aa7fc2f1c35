"""Applications of the Serverless Application Repository: the one that rotates passwords of PostgreSQL.

moto knows nothing of them, so they are kept here, with the outputs that AWS's own template has.
"""

from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws
from plugins.aws.entity import Entity, KeptEntity
from plugins.aws.tags import TAGS
from plugins.base import CheckFailure, Context, Props, contains_unknown
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "CloudFormationStack"]

_OWNER: Final = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/"
_APPLICATIONS: Final = frozenset({f"{_OWNER}SecretsManagerRDSPostgreSQLRotationSingleUser"})
_CAPABILITIES: Final = ("CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY")
_REQUIRED: Final = ("endpoint", "functionName")
_OPTIONAL: Final = ("excludeCharacters", "kmsKeyArn", "vpcSecurityGroupIds", "vpcSubnetIds")
_LONGEST: Final = 64  # of a function's name


class CloudFormationStack(KeptEntity):
    """`aws:serverlessrepository/cloudFormationStack:CloudFormationStack`. Its id is an ARN."""

    token = "aws:serverlessrepository/cloudFormationStack:CloudFormationStack"
    noun = "application"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "applicationId": Field(kind="text", required=True, replaces=True),
        "capabilities": Field(kind="set", required=True, allowed=("CAPABILITY_NAMED_IAM", *_CAPABILITIES)),
        "name": Field(kind="text", replaces=True),
        "parameters": Field(kind="map", unset={}),
        "semanticVersion": Field(kind="text"),
        "tags": TAGS,
    }
    outputs: ClassVar = {"outputs": "map"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check against the application's template: which there is, what it needs, what it is told."""
        failures = []
        application = inputs["applicationId"]
        if isinstance(application, str) and application not in _APPLICATIONS:
            reason = f"applicationId: got {application}, the stand-in knows {', '.join(sorted(_APPLICATIONS))}"
            failures.append(CheckFailure("applicationId", reason))
        missing = [one for one in _CAPABILITIES if one not in (inputs["capabilities"] or [])]
        if missing and not contains_unknown(inputs["capabilities"]):
            reason = f"capabilities: the application needs {' and '.join(missing)}, or it is not deployed"
            failures.append(CheckFailure("capabilities", reason))
        return failures + _check_parameters(inputs.get("parameters") or {})

    def identity(self, aws: Aws, inputs: Props) -> str:
        """Return the ARN of the stack, after a look at the network that its function is to be in."""
        _look_at_network(aws, inputs.get("parameters") or {})
        return aws.arn("cloudformation", f"stack/serverlessrepo-{inputs['name']}/0")

    def computed(self, aws: Aws, id_: str, inputs: Props) -> Props:  # noqa: ARG002
        """Return the function's ARN under the template's own name for it."""
        function = (inputs.get("parameters") or {}).get("functionName", inputs["name"])
        return {"outputs": {"RotationLambdaARN": aws.arn("lambda", f"function:{function}")}}


def _check_parameters(parameters: Any) -> list[CheckFailure]:
    if not isinstance(parameters, dict):
        return []
    reasons = [f"{name}: missing, and the application needs it" for name in _REQUIRED if name not in parameters]
    known = (*_REQUIRED, *_OPTIONAL)
    reasons += [
        f"{name}: the application has no such parameter (it has: {', '.join(known)})"
        for name in sorted(parameters)
        if name not in known
    ]
    function = parameters.get("functionName")
    if isinstance(function, str) and len(function) > _LONGEST:
        reasons.append(f"functionName: got {len(function)} letters, allowed are {_LONGEST}")
    if ("vpcSubnetIds" in parameters) != ("vpcSecurityGroupIds" in parameters):
        reasons.append("vpcSubnetIds: goes with vpcSecurityGroupIds, set both or neither")
    return [CheckFailure("parameters", f"parameters.{reason}") for reason in reasons]


def _look_at_network(aws: Aws, parameters: dict[str, str]) -> None:
    ec2 = aws.client("ec2")
    if parameters.get("vpcSubnetIds"):
        ec2.describe_subnets(SubnetIds=parameters["vpcSubnetIds"].split(","))
        ec2.describe_security_groups(GroupIds=parameters["vpcSecurityGroupIds"].split(","))


ENTITIES: Final[tuple[type[Entity], ...]] = (CloudFormationStack,)
