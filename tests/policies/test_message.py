"""What a message says, and that no secret is in it."""

import pytest

from policies.message import cannot_tell, defect, hide
from policies.registry import RULES
from policies.resources import Resource
from policies.rule import Finding

SECRETS = {"short": "ab", "text": "hunter2", "list": ["hunter2-and-more", {"deep": "swordfish"}], "plain": "eu-west-1"}


def resource(*secret: str) -> Resource:
    paths = frozenset((name,) for name in secret)
    return Resource(type="aws:rds/instance:Instance", name="db", urn="urn", properties=SECRETS, secrets=paths)


@pytest.mark.parametrize(
    "secret,said",
    [
        (("text",), "[secret] [secret]-and-more swordfish eu-west-1 ab"),
        (("list",), "hunter2 [secret] [secret] eu-west-1 ab"),
        (("short",), "hunter2 hunter2-and-more swordfish eu-west-1 ab"),
        ((), "hunter2 hunter2-and-more swordfish eu-west-1 ab"),
    ],
)
def test_secrets_of_the_resource_are_taken_out(secret: tuple[str, ...], said: str) -> None:
    text = "hunter2 hunter2-and-more swordfish eu-west-1 ab"
    assert hide(text, resource(*secret)) == said
    assert hide(text, None) == text


def test_a_longer_secret_goes_before_one_that_it_holds() -> None:
    held = Resource(
        type="a:b:C", name="c", urn="urn", properties={"keys": ["abc", "abcdef"]}, secrets=frozenset({("keys",)})
    )
    assert hide("abcdef abc", held) == "[secret] [secret]"


def test_what_cannot_be_told_names_the_resource_or_the_stack() -> None:
    for one, subject in ((resource(), "Instance db: "), (None, "stack: ")):
        finding = Finding(resource=one, where="multiAz", found="", allowed="true", cannot_tell=True)
        said = cannot_tell(RULES[0], finding)
        assert said.startswith(
            f"{subject}cannot tell until `pulumi up`, which checks again, whether multiAz is allowed"
        )
        assert said.endswith("its value is not known yet; allowed: true.")


def test_a_broken_rule_is_named_by_its_file() -> None:
    rule = next(one for one in RULES if one.id == "kms-key-rotate")
    said = defect(rule, KeyError("hunter2"))
    assert "the rule broke (KeyError) and judged nothing." in said
    assert "a defect of policies/rules/kms_key_rotate.py;" in said
    assert "hunter2" not in said
