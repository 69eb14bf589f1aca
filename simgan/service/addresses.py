"""Addresses of clients, and networks of reverse proxies."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_OF_A_SUBNET = 64  # bits of an IPv6 address that its owner does not choose


def subnet_of(host: str) -> str:
    """Return an address in one spelling, and of IPv6 the network of its owner."""
    try:
        address = ip_address(host)
    except ValueError:  # a socket of this machine has none
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((int(address), _OF_A_SUBNET), strict=False))
    return str(address)


def networks_of(text: str) -> tuple[Network, ...]:
    """Read addresses and networks with commas between them. An address is a network of one.

    Raises
    ------
    ValueError
        A part of the text is neither.
    """
    return tuple(ip_network(part) for each in text.split(",") if (part := each.strip()))


def is_within(host: str, networks: Iterable[Network]) -> bool:
    """Tell whether an address lies in one of some networks."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)
