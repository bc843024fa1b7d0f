import json
import os
import re
import signal
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from sekisho.config.processes.children import MALLOC
from sekisho.config.processes.health import ask_health
from tests.config.running import READY, Instance, free_port, is_there, prepare, run, until

pytestmark = pytest.mark.processes
Make = Callable[..., Instance]


def test_it_starts_answers_and_stops(instance: Make, home: Path) -> None:
    one = instance().start().ready()
    assert f"https://localhost:{one.port}" in one.out.read_text()
    assert one.get("/healthz")[0] == 200
    assert set(one.children()) == {"sequencer", "worker", "web", "caddy"}
    for socket_file in (home / "run").glob("*.sock"):
        assert stat.S_IMODE(socket_file.stat().st_mode) == 0o600, socket_file
    for name in ("worker", "sequencer", "supervisor"):
        report = until(lambda name=name: ask_health(home / "run" / f"{name}.sock"), what=name)
        assert report["process"] == name
    answer = run(home, ["doctor", "--json"], one.settings)
    assert answer.returncode == 0, answer.stdout
    assert {row["name"]: row["state"] for row in json.loads(answer.stdout)}["running"] == "ok"
    assert one.stop() == 0
    assert one.left_over() == set()
    log = one.log.read_text()
    assert "invitation" not in log
    assert "Traceback" not in log
    assert "error" not in log
    assert log.rindex("stopped") > log.rindex("stopping")


def test_a_second_instance_is_refused_and_disturbs_nothing(shared: Instance) -> None:
    answer = run(shared.home, ["up"], {"port": str(free_port())})
    assert (answer.returncode, answer.stdout) == (75, "")
    assert str(shared.pid) in answer.stderr
    assert shared.get("/healthz")[0] == 200


def test_a_taken_port_is_refused_before_anything_starts(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = run(home, ["up"], {"port": str(port)})
    assert (answer.returncode, answer.stdout) == (69, "")
    assert str(port) in answer.stderr
    assert "SEKISHO_PORT" in answer.stderr
    assert not (home / "sekisho.sqlite3").exists()


def test_something_else_in_place_of_caddy_is_refused_before_anything_starts(home: Path) -> None:
    answer = run(home, ["up"], {"port": str(free_port()), "caddy": "/bin/ls"})
    assert (answer.returncode, answer.stdout) == (69, "")
    assert "config.caddy_unfit" in answer.stderr
    assert "/bin/ls" in answer.stderr
    assert not (home / "sekisho.sqlite3").exists()


def test_a_child_that_never_lives_ends_the_start(instance: Make, home: Path) -> None:
    program = home.parent / "caddy"
    program.write_text('#!/bin/sh\n[ "$1" = version ] && echo v2.11.7\n[ "$1" = version ] || exit 3\n')
    program.chmod(0o700)
    one = instance(caddy=str(program)).start()
    assert one.process is not None
    assert one.process.wait(60) == 70
    assert one.log.read_text().rstrip().endswith("Run “sekisho doctor” to look for the cause.")
    assert "The process caddy ended 5 times right after its start (last with 3). [config.process_fails]" in (
        one.log.read_text()
    )
    assert READY not in one.out.read_text()
    assert one.left_over() == set()


def test_what_the_preparing_step_refuses_is_the_answer_of_up(prepared: Path, home: Path) -> None:
    (home / "keys" / "seal.key").chmod(0o604)
    answer = run(home, ["up"], {"port": str(free_port())})
    assert answer.returncode == 77
    assert "seal.key" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_dead_child_is_started_again_and_nothing_outlives_it(shared: Instance) -> None:
    for name in ("sequencer", "worker", "web", "caddy"):
        before = shared.children()
        below = psutil.Process(before[name]).children(recursive=True)
        os.kill(before[name], signal.SIGKILL)
        until(
            lambda before=before, name=name: shared.children().get(name) not in {None, before[name]}, what=f"new {name}"
        )
        assert {key: pid for key, pid in shared.children().items() if key != name} == {
            key: pid for key, pid in before.items() if key != name
        }
        until(lambda: answers(shared), what="healthz")
        # How long it waits grows with what another test of this module killed before.
        assert re.search(rf"child={name} result=-9 seconds=(0\.5|1\.0|2\.0)\b", shared.log.read_text())
        assert below or name != "web", "Django runs behind granian"
        until(lambda below=below: not any(is_there(child.pid) for child in below), 10, f"the end of what {name} ran")


def answers(one: Instance) -> bool:
    try:
        return one.get("/healthz")[0] == 200
    except OSError:
        return False


def test_the_process_behind_the_web_server_is_started_again(shared: Instance) -> None:
    granian = shared.children()["web"]
    (django,) = psutil.Process(granian).children()
    os.kill(django.pid, signal.SIGKILL)
    until(lambda: shared.children().get("web") not in {None, granian}, what="new web")
    until(lambda: answers(shared), what="healthz")
    assert not is_there(granian)


@pytest.mark.full
def test_the_process_with_djangos_threads_gives_memory_back(instance: Make, prepared: Path) -> None:
    """What hashes took is freed to the system (benchmarks measure it); glibc is told before the process begins."""
    one = instance().start().ready()
    (django,) = psutil.Process(one.children()["web"]).children()
    assert django.environ().items() >= MALLOC.items()


def test_a_child_that_hangs_is_started_again(instance: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sys\nfrom sekisho.config.processes import children, supervisor\nfrom sekisho.config.cli import main\n"
        "supervisor.PATIENCE = 6.0\nsupervisor.ASK_EVERY = 0.2\nchildren.STOP_WITHIN = 1.0\nsys.exit(main(['up']))"
    )
    monkeypatch.setattr("tests.config.running.UP", ["-c", program])
    one = instance().start().ready()
    # On a busy computer it may just have been started again for being slow.
    hung = until(lambda: one.children().get("sequencer"), 60, "sequencer")
    os.kill(hung, signal.SIGSTOP)
    until(lambda: one.children().get("sequencer") not in {None, hung}, 60, "new sequencer")
    assert "does not answer any more" in one.log.read_text()


@pytest.mark.full
def test_ctrl_c_stops_it_too(instance: Make, prepared: Path) -> None:
    one = instance().start().ready()
    assert one.stop(signal.SIGINT) == 0
    assert one.left_over() == set()


def test_a_stop_while_it_is_still_preparing(instance: Make, home: Path) -> None:
    one = instance().start()
    until((home / "run" / "supervisor.sock").exists, what="supervisor")
    assert one.stop() == 0
    assert one.left_over() == set()
    assert prepare(home).returncode == 0, "the next start goes on from there"


@pytest.mark.full
def test_a_second_signal_kills_at_once(instance: Make, prepared: Path) -> None:
    one = instance().start().ready()
    for pid in one.children().values():
        os.kill(pid, signal.SIGSTOP)
    assert one.process is not None
    one.process.send_signal(signal.SIGTERM)
    until(lambda: "stopping" in one.log.read_text(), what="stopping")
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(8) == 0
    assert one.left_over() == set()


def test_nothing_outlives_the_supervisor(instance: Make, prepared: Path) -> None:
    one = instance().start().ready()
    assert len(one.remember()) >= 6, "and what the worker runs apart"
    os.kill(one.pid, signal.SIGKILL)
    until(lambda: not one.left_over(), 10, "the end of all processes")
    again = instance(port=str(one.port)).start().ready()
    assert again.get("/healthz")[0] == 200


@pytest.mark.parametrize("log_format", ["text", pytest.param("json", marks=pytest.mark.full)])
def test_no_log_line_holds_a_one_time_link(instance: Make, prepared: Path, log_format: str) -> None:
    """Whatever is answered, and at the most talkative level of all processes; and JSON is JSON."""
    one = instance(log_level="debug", log_format=log_format).start().ready()
    token = "tokentoken" + "x" * 33
    assert one.get(f"/invitation/{token}/", {"Referer": f"https://localhost:{one.port}/invitation/{token}/"})[0] < 500
    assert one.get(f"/invitation/{token}", {"Cookie": f"__Host-sekisho={token}"})[0] < 500
    web = one.children()["web"]
    os.kill(web, signal.SIGSTOP)
    os.kill(web, signal.SIGKILL)
    until(lambda: one.children().get("web") not in {None, web}, what="new web")
    until(lambda: answers(one), what="healthz")
    link = next(line.strip() for line in one.out.read_text().splitlines() if "/invitation/" in line)
    assert one.get(link.removeprefix(f"https://localhost:{one.port}"))[0] < 500
    assert one.stop() == 0
    log = one.log.read_text()
    assert "invitation/<" in log, "the requests were logged, by their route"
    assert "tokentoken" not in log
    assert link.rstrip("/").rpartition("/")[2] not in log
    if log_format == "json":
        lines = [json.loads(line) for line in log.splitlines()]
        assert {line["process"] for line in lines if "process" in line} >= {"supervisor", "worker", "sequencer", "web"}
        assert all(line["time"].endswith("Z") for line in lines)
