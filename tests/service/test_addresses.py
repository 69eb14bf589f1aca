"""Addresses of clients: those of one IPv6 network are one, and networks hold them."""

from __future__ import annotations

import pytest

from simgan.service.addresses import is_within, networks_of, subnet_of


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_of_a_house_are_one(host: str, key: str) -> None:
    assert subnet_of(host) == key


@pytest.mark.parametrize(
    ("host", "is_inside"),
    [("10.1.2.3", True), ("11.1.2.3", False), ("2001:db8::9", True), ("::1", False), ("", False)],
)
def test_a_host_is_in_a_network(host: str, is_inside: bool) -> None:
    assert is_within(host, networks_of("10.0.0.0/8, 2001:db8::/32")) is is_inside
