import pytest

from services.chassis.http_server.addresses import client_group, is_within, read_networks


@pytest.mark.parametrize(
    ("host", "group"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("2001:db8:0:1::5", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::9", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::5", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown:name", "unknown:name"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_is_one_client(host: str, group: str):
    assert client_group(host) == group


@pytest.mark.parametrize(
    ("host", "within"),
    [
        *(("10.1.2.3", True), ("11.1.2.3", False), ("::ffff:10.1.2.3", True), ("::ffff:11.1.2.3", False)),
        *(("::1", True), ("::2", False), ("name", False), ("", False)),
    ],
)
def test_proxies_are_addresses_and_networks(host: str, within: bool):
    assert is_within(host, read_networks("10.0.0.0/8, ::1")) is within


@pytest.mark.parametrize("text", ["proxy", "10.0.0.1/8", "*", "10.0.0.0/33"])
def test_what_is_no_network_is_refused(text: str):
    with pytest.raises(ValueError, match=r"network|host bits"):
        read_networks(text)
