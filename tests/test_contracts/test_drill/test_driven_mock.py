"""The bundled mock in a drill: its list of faults and its control plane."""

from duologue.contracts.drill.driven_mock import DrivenMock, faults
from duologue.contracts.http.target import Target
from duologue.mockserver.faults import FAULTS


def test_faults_are_listed_by_the_command_line():
    assert [each.name for each in faults()] == list(FAULTS)


class RecordingMock(DrivenMock):
    """A mock whose control calls are only recorded."""

    def _ask(self, method, path, body=None):
        self.calls = [*getattr(self, "calls", ()), (path, body)]


def test_the_clock_advances_by_whole_seconds():
    """Fractions are added up, so that many short waits make a second too."""
    mock = RecordingMock(Target("http://mock/v3", "k"), None)
    for seconds in (0.4, 0.4, 0.4, 2.1):
        mock.sleep(seconds)

    assert [body["seconds"] for _, body in mock.calls] == [1, 2]


def test_a_fault_begins_with_the_saved_state():
    """The state is restored before the faults are switched on."""
    mock = RecordingMock(Target("http://mock/v3", "k"), None)
    mock.begin(["a-fault"])

    assert mock.calls == [
        ("/snapshots/drill-start/restore", None),
        ("/faults", {"faults": ["a-fault"]}),
    ]
