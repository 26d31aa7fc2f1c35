"""The tags of what is in the cloud."""

import re

from components.tags import tags
from settings.cloud.tags import TagSettings

OWNER = TagSettings(owner="data platform", cost_center="42")


def test_tags_say_whose_a_resource_is_and_whether_data_is_in_it() -> None:
    made = tags("prod", OWNER, component="postgres", data=True)
    assert made == {
        "Project": "fashion-wallet",
        "Stack": "prod",
        "Component": "postgres",
        "ManagedBy": "pulumi",
        "Owner": "data platform",
        "CostCenter": "42",
        "HoldsData": "true",
    }
    assert tags("prod", OWNER, component="network")["HoldsData"] == "false"


def test_tags_are_what_aws_takes() -> None:
    for name, value in tags("prod", OWNER, component="network").items():
        assert re.fullmatch(r"[\w .:/=+@-]{1,128}", name)
        assert re.fullmatch(r"[\w .:/=+@-]{1,256}", value)
        assert not name.startswith("aws:")
