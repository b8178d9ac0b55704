"""What the vendor's SDK sees of other users over the socket."""

from __future__ import annotations


def test_every_check_over_the_socket_holds(socket_results, socket_names):
    failed = {name: one["error"] for name, one in socket_results.items() if one["error"]}

    assert failed == {}
    assert list(socket_results) == socket_names


def test_the_settings_lead_every_request_to_the_mock_itself(socket_results):
    requests = [each for one in socket_results.values() for each in one["requests"]]

    assert any("PUT /v3/me -> 200" in each for each in requests)
    assert [each for each in requests if " /v3/" not in each and " /_mock/" not in each] == []
