"""Tells which addresses count as one client, and which are trusted proxies."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from services.chassis.http_server.limits import Network

IPV6_CLIENT_BITS = 64
"""Length of the prefix that one client gets: it may use every address below it."""


def client_group(host: str) -> str:
    """Returns what stands for the client at an address: the address, or its /64 network in IPv6.

    What is no address, such as the name that a proxy forwards, stands for itself.
    """
    if ":" not in host:
        return host
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address.packed, IPV6_CLIENT_BITS), strict=False))


def read_networks(text: str) -> Sequence[Network]:
    """Returns the networks of comma-separated addresses and networks. Raises ValueError for anything else."""
    return [ip_network(part.strip()) for part in text.split(",") if part.strip()]


def is_within(host: str, networks: Sequence[Network]) -> bool:
    if not networks:
        return False
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)
