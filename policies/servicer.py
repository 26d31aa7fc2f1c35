"""Serves the engine: the protocol of an analyzer, over the pack.

`pulumi_policy` has a servicer of its own. It reads the properties of a resource anew for every policy, so a resource
costs more with every rule; it hides which values are secret (pulumi/pulumi-policy 241); a value that is not known yet
ends a policy with everything else it had to say (258); and a policy cannot see the stack's name. This one reads each
resource once and tells the rules all of that. What a policy is, and its levels, are `pulumi_policy`'s.
"""

from collections.abc import Callable, Iterable
from functools import partial
from threading import Lock
from typing import Any, Final

from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from policies import info, remedies
from policies.decode import decode
from policies.message import cannot_tell, defect, exempted, hide, violation
from policies.resources import Options, Provider, Resource, Stack
from policies.rule import Finding, Limits, NotApplicableError, ResourceRule, Rule, StackRule
from policies.ruleset import RuleSet

__all__ = ["NAME", "VERSION", "Servicer", "resource_of"]

NAME: Final = "fashion-wallet"
VERSION: Final = "0.1.0"

_Request = analyzer_pb2.AnalyzeRequest | analyzer_pb2.AnalyzerResource


class Servicer(analyzer_pb2_grpc.AnalyzerServicer):
    """The pack behind the engine's protocol."""

    def __init__(self, make: Callable[[str], RuleSet]) -> None:
        """Serve the pack that `make` gives for a stack's name; the name is empty until the engine has said it."""
        self._make = make
        self.pack = make("")
        self._lock = Lock()

    def Handshake(self, _request: Any, _context: Any = None) -> Any:  # noqa: N802 - gRPC's names
        """Answer the engine's first call."""
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, _request: Any, _context: Any = None) -> Any:  # noqa: N802
        """Return the version of the pack."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def ConfigureStack(self, request: Any, _context: Any = None) -> Any:  # noqa: N802
        """Take the stack's name, which says what its environment is held to."""
        with self._lock:
            self.pack = self._make(request.stack)
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def GetAnalyzerInfo(self, _request: Any, _context: Any = None) -> Any:  # noqa: N802
        """List the rules, with the levels and limits of the stack's environment."""
        return info.analyzer_info(NAME, VERSION, self.pack)

    def Configure(self, request: Any, _context: Any = None) -> Any:  # noqa: N802
        """Take levels and limits as the engine has merged them: the environment's, then the command line's."""
        self.pack.configure(
            {
                rule_id: (info.level_of(config.enforcementLevel), decode(config.properties)[0])
                for rule_id, config in request.policyConfig.items()
            }
        )
        return empty_pb2.Empty()

    def Cancel(self, _request: Any, _context: Any = None) -> Any:  # noqa: N802
        """Do nothing: a call takes milliseconds, and the engine ends the process anyway."""
        return empty_pb2.Empty()

    def Analyze(self, request: Any, _context: Any = None) -> Any:  # noqa: N802
        """Judge one resource before it is touched."""
        response = analyzer_pb2.AnalyzeResponse()
        rules, not_applicable = self.pack.judging(request.type)
        response.not_applicable.extend(not_applicable)
        if rules:
            resource = resource_of(request)
            for rule in rules:
                self._judge(response, rule, [resource], partial(rule.check, resource))
        return response

    def AnalyzeStack(self, request: Any, _context: Any = None) -> Any:  # noqa: N802
        """Judge all resources together, and the exemptions."""
        return self.judge_stack([resource_of(resource) for resource in request.resources])

    def judge_stack(self, resources: list[Resource]) -> analyzer_pb2.AnalyzeResponse:
        """Judge all resources together."""
        response = analyzer_pb2.AnalyzeResponse()
        stack = Stack(resources, list(self.pack.notes()))
        for rule in self.pack.stack_rules:
            self._judge(response, rule, resources, partial(rule.check, stack))
        return response

    def Remediate(self, request: Any, _context: Any = None) -> Any:  # noqa: N802
        """Mend one resource, by the rules whose level says so."""
        response = analyzer_pb2.RemediateResponse(not_applicable=self.pack.never_mending)
        properties = request.properties
        for rule in self.pack.mending(request.type):
            resource = resource_of(request, properties)
            wanted = rule.remedy(resource, self.pack.limits(rule)) if rule.remedy else {}
            mended = remedies.apply(properties, wanted)
            if mended is not None:
                properties = mended
                response.remediations.append(
                    analyzer_pb2.Remediation(
                        policyName=rule.id,
                        policyPackName=NAME,
                        policyPackVersion=VERSION,
                        description=rule.title,
                        properties=mended,
                    )
                )
        return response

    def _judge(
        self,
        response: Any,
        rule: ResourceRule | StackRule,
        seen: Iterable[Resource],
        check: Callable[[Limits], Iterable[Finding]],
    ) -> None:
        """Report what a rule finds. A rule that breaks is a violation of its own: a defect must not let things pass."""
        try:
            for finding in check(self.pack.limits(rule)):
                self._report(response, rule, finding)
        except NotApplicableError as error:
            note = analyzer_pb2.PolicyNotApplicable(policy_name=rule.id, reason=str(error))
            response.not_applicable.append(note)
        except Exception as error:  # noqa: BLE001 - whatever broke, the update must not go on unjudged
            first = next(iter(seen), None)
            _add(response, rule, info.MANDATORY, defect(rule, error), first.urn if first else "")

    def _report(self, response: Any, rule: Rule, finding: Finding) -> None:
        resource = finding.resource
        urn = resource.urn if resource else ""
        exemption = self.pack.exemption(rule, resource)
        if finding.cannot_tell:
            level, text = info.ADVISORY, cannot_tell(rule, finding)
        elif exemption is not None:
            level, text = info.ADVISORY, exempted(rule, finding, exemption.says())
        else:
            level, text = info.number_of(self.pack.level(rule), reporting=True), violation(rule, finding)
        _add(response, rule, level, hide(text, resource), urn)


def _add(response: Any, rule: Rule, level: Any, text: str, urn: str) -> None:
    response.diagnostics.append(
        analyzer_pb2.AnalyzeDiagnostic(
            policyName=rule.id,
            policyPackName=NAME,
            policyPackVersion=VERSION,
            description=rule.title,
            message=f"{rule.title}\n{text}",
            enforcementLevel=level,
            urn=urn,
            severity=info.severity_of(rule),
        )
    )


def resource_of(request: Any, properties: Any = None) -> Resource:
    """Read a resource off the wire."""
    values, secrets = decode(request.properties if properties is None else properties)
    provider = None
    if request.HasField("provider"):
        provider = Provider(name=request.provider.name, properties=decode(request.provider.properties)[0])
    of_stack = isinstance(request, analyzer_pb2.AnalyzerResource)
    return Resource(
        type=request.type,
        name=request.name,
        urn=request.urn,
        properties=values,
        secrets=secrets,
        options=Options(protect=request.options.protect, ignore_changes=tuple(request.options.ignoreChanges)),
        provider=provider,
        parent=(request.parent if of_stack else "") or request.options.parent,
        dependencies=tuple(request.dependencies) if of_stack else (),
        depends_on={key: tuple(one.urns) for key, one in request.propertyDependencies.items()} if of_stack else {},
    )
