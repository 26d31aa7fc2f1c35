"""Connection strings take any user, password, path and address, and are read back as they were."""

from ipaddress import IPv4Address, IPv6Address

from hypothesis import example, given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from components.postgres.urls import connection_url

# libpq takes no NUL, and no lone surrogate can be encoded.
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
_ADDRESS = st.builds(
    str, st.builds(IPv4Address, st.integers(0, 2**32 - 1)) | st.builds(IPv6Address, st.integers(0, 2**128 - 1))
)


@given(user=_TEXT, password=_TEXT, host=_ADDRESS, port=st.integers(1, 65535), database=_TEXT, ca_file=_TEXT)
@example(user="a@b:c/d", password="p?&=%#[]", host="::1", port=15410, database="x/y", ca_file="/srv/a b&c=%/ca.crt")
def test_libpq_reads_back_what_went_in(
    user: str, password: str, host: str, port: int, database: str, ca_file: str
) -> None:
    url = connection_url(user=user, password=password, host=host, port=port, database=database, ca_file=ca_file)
    assert conninfo_to_dict(url) == {
        "user": user,
        "password": password,
        "host": host,
        "port": str(port),
        "dbname": database,
        "sslmode": "verify-full",
        "sslrootcert": ca_file,
    }


def test_several_hosts_are_tried_in_turn_and_the_client_insists_on_its_tls_version() -> None:
    url = connection_url(
        user="u",
        password="p",
        host="a.example,b.example",
        port=5432,
        database="d",
        ca_file="/ca.crt",
        minimum_tls_version="TLSv1.3",
    )
    parts = conninfo_to_dict(url)
    assert (parts["host"], parts["port"]) == ("a.example,b.example", "5432,5432")
    assert parts["ssl_min_protocol_version"] == "TLSv1.3"
