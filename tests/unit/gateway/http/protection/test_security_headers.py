import pytest

from services.gateway.http.protection.security_headers import completed

COMMON = {"x-content-type-options", "x-frame-options", "referrer-policy", "content-security-policy"}


@pytest.mark.parametrize(
    ("secure", "more"), [(False, set[str]()), (True, {"strict-transport-security"})], ids=["http", "https"]
)
def test_browsers_are_told_to_use_https_where_it_was_used(secure: bool, more: set[str]):
    assert {name.decode() for name, _ in completed([], secure=secure)} == COMMON | more


def test_a_page_keeps_its_own_policy():
    policy = (b"content-security-policy", b"default-src 'self'")
    headers = completed([policy], secure=False)
    assert [pair for pair in headers if pair[0] == policy[0]] == [policy]
