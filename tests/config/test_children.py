from sekisho.config.processes.children import Backoff, Child


def test_each_restart_waits_twice_as_long_up_to_half_a_minute() -> None:
    backoff = Backoff()
    assert [backoff.after(uptime=1) for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_child_that_held_out_starts_anew() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after(uptime=1)
    assert backoff.after(uptime=60) == 0.5
    assert backoff.after(uptime=1) == 1.0


def test_only_long_illness_counts() -> None:
    child = Child("web", lambda: False, patience=3600)
    assert not child.note_health(well=True)
    assert not child.note_health(well=False)
    child.patience = 0.0
    assert child.note_health(well=False)
