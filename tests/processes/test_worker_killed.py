"""A worker is killed with -9 in the middle of a task, in which it is stopped first (processes/marked.py)."""

import pytest
from processes.whole import WholeClinic, saved


@pytest.mark.parametrize("point", ["inserted", "added up"])
def test_what_a_killed_worker_left_undone_is_done_once(whole: WholeClinic, point: str) -> None:
    """Killed with the old rows deleted and the new ones not committed; and with these, before the figures are published."""
    (patient,) = whole.treated()
    before = whole.state(patient)
    reached = whole.arm(point)
    saved(whole.clinic.person(), patient, 14)
    whole.wait(reached.exists, f"a worker is at {point!r}")
    pids = whole.worker.family()
    whole.worker.kill()
    assert len(pids) == 3, "the parent and its two children"
    (now,) = whole.state(patient)
    assert now == ((True, 14, 1) if point == "added up" else (False, before[0][1], 1)), "nothing is half done"
    reached.unlink()
    whole.start_worker()
    whole.wait_until_right([patient], 14)
