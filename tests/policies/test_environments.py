"""Levels and limits of each kind of stack: what the files may say, and that the engine is told of them."""

from pathlib import Path

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel

from policies.environment import FOLDER, STRICTEST, Environment, environment_of, read_environment
from policies.errors import ConfigurationError
from policies.registry import RULES
from tests.policies.world import World, whole_pack

ADVISORY, MANDATORY, DISABLED, REMEDIATE = 0, 1, 2, 3
DEVELOPMENT = 'stacks = "dev"\npurpose = "development"\n'
PRODUCTION = 'stacks = "prod"\npurpose = "production"\n'


def write(folder: Path, text: str, name: str = "some") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_project_s_own_files_are_right_and_name_their_stacks() -> None:
    expected = {"dev": "dev", "prod": "prod", "test-1": "throwaway", "pr-17": "throwaway", "contest-1": "strictest"}
    assert {stack: environment_of(stack, RULES).name for stack in expected} == expected
    purposes = {stack: environment_of(stack, RULES).purpose for stack in ("dev", "prod", "test-1")}
    assert purposes == {"dev": "development", "prod": "production", "test-1": "throwaway"}


def test_a_stack_that_no_file_names_is_held_to_every_rule_as_it_stands(tmp_path: Path) -> None:
    write(tmp_path, DEVELOPMENT)
    assert environment_of("production", RULES, tmp_path) is STRICTEST
    assert all(STRICTEST.level(rule) is rule.level and STRICTEST.values(rule) == rule.defaults for rule in RULES)


def test_two_files_for_one_stack_are_refused(tmp_path: Path) -> None:
    write(tmp_path, DEVELOPMENT, "one")
    write(tmp_path, DEVELOPMENT.replace('"dev"', '"d.*"'), "two")
    with pytest.raises(ConfigurationError, match=r"stack dev is named by environments/one.toml \(dev\) and"):
        environment_of("dev", RULES, tmp_path)


def test_a_mistake_in_any_file_is_found_by_every_stack(tmp_path: Path) -> None:
    write(tmp_path, DEVELOPMENT, "one")
    write(tmp_path, "stack = 1", "two")
    with pytest.raises(ConfigurationError, match=r"two\.toml: got 'stack'"):
        environment_of("dev", RULES, tmp_path)


def test_levels_and_limits_are_read(tmp_path: Path) -> None:
    more = '[levels]\npod-pin-images = "advisory"\n[limits.rds-instance-keep-backups]\nminimumDays = 1\n'
    environment = read_environment(write(tmp_path, DEVELOPMENT + more), RULES)
    by_id = {rule.id: rule for rule in RULES}
    assert environment.level(by_id["pod-pin-images"]) is EnforcementLevel.ADVISORY
    assert environment.values(by_id["rds-instance-keep-backups"]) == {"minimumDays": 1, "maximumDays": 35}


@pytest.mark.parametrize(
    "text,message",
    [
        ("stacks = ", "some.toml: is no TOML ("),
        (
            f"{DEVELOPMENT}stack = 1",
            "some.toml: got 'stack'; allowed: stacks, purpose, levels, limits; fix: correct the",
        ),
        (
            'stacks = "dev"',
            "some.toml: purpose: got None; allowed: production or development or throwaway; fix: say what",
        ),
        ('purpose = "development"', "some.toml: stacks: got None; allowed: a regular expression for names of stacks"),
        (DEVELOPMENT.replace('"dev"', '"("'), "some.toml: stacks: got '('; allowed: a regular expression"),
        (DEVELOPMENT.replace('"dev"', '""'), "some.toml: stacks: got ''; allowed: a regular expression"),
        (
            f"{DEVELOPMENT}levels = 1",
            "some.toml: levels: got 1; allowed: a table by the rules' ids; fix: write [levels]",
        ),
        (f"{DEVELOPMENT}limits = []", "some.toml: limits: got []; allowed: a table by the rules' ids"),
        (
            f'{DEVELOPMENT}[levels]\npod-pin-image = "advisory"',
            "some.toml: levels: got 'pod-pin-image'; allowed: alarm-",
        ),
        (
            f'{DEVELOPMENT}[levels]\npod-pin-images = "off"',
            "levels.pod-pin-images: got 'off'; allowed: advisory or mandat",
        ),
        (
            f"{DEVELOPMENT}[levels]\npod-pin-images = 1",
            "levels.pod-pin-images: got 1; allowed: advisory or mandatory or",
        ),
        (
            f'{DEVELOPMENT}[levels]\npod-pin-images = "remediate"',
            "got 'remediate'; allowed: mandatory, advisory or dis",
        ),
        (f"{DEVELOPMENT}[limits.pod-pin-image]\na = 1", "some.toml: limits: got 'pod-pin-image'; allowed: "),
        (
            f"{DEVELOPMENT}[limits.pod-pin-images]\na = 1",
            "limits.pod-pin-images: got 'a'; allowed: none, this rule has",
        ),
        (f"{DEVELOPMENT}[limits.kms-key-rotate]\na = 1", "limits.kms-key-rotate: got 'a'; allowed: maximumDays; fix:"),
        (
            f"{DEVELOPMENT}[limits]\nkms-key-rotate = 1",
            "limits.kms-key-rotate: got 1; allowed: a table of limits; fix: ",
        ),
        (
            f"{DEVELOPMENT}[limits.kms-key-rotate]\nmaximumDays = 9",
            "maximumDays: got 9; allowed: at least 90; fix: corr",
        ),
        (f"{DEVELOPMENT}[limits.kms-key-rotate]\nmaximumDays = 9999", "maximumDays: got 9999; allowed: at most 2560;"),
        (
            f'{DEVELOPMENT}[limits.kms-key-rotate]\nmaximumDays = "9"',
            "maximumDays: got '9'; allowed: a value of type in",
        ),
        (
            f"{DEVELOPMENT}[limits.kms-key-rotate]\nmaximumDays = true",
            "maximumDays: got True; allowed: a value of type ",
        ),
        (
            f"{DEVELOPMENT}[limits.walletdb-require-tls-1-3]\nallowedVersions = []",
            "allowedVersions: got []; allowed: more",
        ),
        (
            f'{DEVELOPMENT}[limits.walletdb-require-tls-1-3]\nallowedVersions = ["TLSv1.1"]',
            "allowedVersions: got ['TLSv1.1']; allowed: TLSv1.2 or TLSv1.3; fix:",
        ),
        (
            f'{DEVELOPMENT}[limits.dataguard-cover-stateful]\nstatefulTypes = ["Etcd"]',
            "statefulTypes: got ['Etcd']; allowed: a text of the form ^[^:]+:[^:]*:[^:]+$",
        ),
        (
            f"{DEVELOPMENT}[limits.patroni-cluster-keep-replicas.minimumByScope]\npostgres = 99",
            "minimumByScope: got {'postgres': 99}; allowed: at most 15",
        ),
    ],
)
def test_a_file_that_is_not_right_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_environment(write(tmp_path, text), RULES)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '[levels]\npod-pin-images = "advisory"',
        '[levels]\npod-pin-images = "disabled"',
        "[limits.rds-instance-keep-backups]\nminimumDays = 6",
        "[limits.kms-key-rotate]\nmaximumDays = 366",
        '[limits.walletdb-require-tls-1-3]\nallowedVersions = ["TLSv1.2", "TLSv1.3"]',
        '[limits.rds-instance-export-logs]\nlogs = ["upgrade"]',
        "[limits.patroni-cluster-keep-replicas.minimumByScope]\npostgres = 0",
    ],
)
def test_production_is_never_softer_than_the_specification(tmp_path: Path, text: str) -> None:
    read_environment(write(tmp_path, f"{DEVELOPMENT}{text}"), RULES)
    with pytest.raises(ConfigurationError, match=r"purpose is production.*exemption, which has a reason and an end"):
        read_environment(write(tmp_path, f"{PRODUCTION}{text}"), RULES)


@pytest.mark.parametrize(
    "text",
    [
        '[levels]\nkms-key-rotate = "remediate"\nrds-instance-change-in-window = "disabled"',
        "[limits.rds-instance-keep-backups]\nminimumDays = 14",
        "[limits.kms-key-rotate]\nmaximumDays = 180",
        '[limits.rds-instance-export-logs]\nlogs = ["upgrade", "postgresql", "iam-db-auth-error"]',
        '[limits.resource-require-tags.values]\nOwner = "platform"',
    ],
)
def test_production_may_be_stricter(tmp_path: Path, text: str) -> None:
    assert read_environment(write(tmp_path, f"{PRODUCTION}{text}"), RULES).purpose == "production"


def test_the_engine_is_told_the_environment_s_levels_and_limits() -> None:
    environment = Environment(
        name="some",
        levels={"kms-key-rotate": EnforcementLevel.REMEDIATE},
        limits={"rds-instance-keep-backups": {"minimumDays": 14}},
    )
    info = whole_pack(environment=environment).GetAnalyzerInfo(empty_pb2.Empty())
    assert info.initialConfig["kms-key-rotate"].enforcementLevel == REMEDIATE
    assert info.initialConfig["rds-instance-keep-backups"].properties["minimumDays"] == 14
    assert info.initialConfig["rds-instance-keep-backups"].enforcementLevel == MANDATORY
    assert info.initialConfig["exemption-forbid-unused"].enforcementLevel == ADVISORY
    assert set(info.initialConfig) == {policy.name for policy in info.policies} == {rule.id for rule in RULES}


def test_the_stack_s_name_chooses_the_environment() -> None:
    pack = whole_pack()
    levels = {}
    for stack in ("dev", "test-1"):
        pack.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack=stack))
        info = pack.GetAnalyzerInfo(empty_pb2.Empty())
        levels[stack] = info.initialConfig["patroni-cluster-keep-replicas"].enforcementLevel
    assert levels == {"dev": MANDATORY, "test-1": DISABLED}


def test_every_limit_knows_what_is_weaker() -> None:
    for rule in RULES:
        for limit in rule.limits:
            assert limit.is_weaker(limit.default) is False


def test_the_folder_has_files_for_the_stacks_of_the_project() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == {"dev", "prod", "throwaway"}
    assert World().judge(whole_pack()).messages == []
