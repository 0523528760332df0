"""Tells which addresses count as one client, and which are trusted proxies."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from services.chassis.http_server.limits import Network

IPV6_CLIENT_BITS = 64
"""Length of the prefix that one client gets: it may use every address below it."""


def client_group(host: str) -> str:
    """Returns what stands for the client at an address: the address, or its /64 network in IPv6.

    What is no address, such as the name that a proxy forwards, stands for itself.
    """
    if ":" not in host:
        return host
    address = read_address(host)
    if isinstance(address, IPv6Address):
        return str(ip_network((address.packed, IPV6_CLIENT_BITS), strict=False))
    return host if address is None else str(address)


def read_address(host: str) -> IPv4Address | IPv6Address | None:
    """Returns the address, an IPv4 one that is mapped to IPv6 as IPv4; `None` for what is no address."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def read_networks(text: str) -> Sequence[Network]:
    """Returns the networks of comma-separated addresses and networks. Raises ValueError for anything else."""
    return [ip_network(part.strip()) for part in text.split(",") if part.strip()]


def is_within(host: str, networks: Sequence[Network]) -> bool:
    if not networks:
        return False
    address = read_address(host)
    return address is not None and any(address in network for network in networks)
