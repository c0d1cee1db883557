"""Messages that come twice, late and in the wrong order, and what stands in them."""

import base64
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
from processes.running import Clinic
from processes.whole import CANARY, Treated, WholeClinic, queue, saved

OUTCOMES = """
    SELECT to_jsonb(c), (SELECT jsonb_agg(to_jsonb(w) ORDER BY w.window) FROM outcomes_windowoutcome w
    WHERE w.course_id = c.course_id), to_jsonb(s) - 'computed_at' FROM outcomes_courseoutcome c
    JOIN outcomes_patientoutcomestate s ON s.patient_id = c.patient_id ORDER BY c.course_id
"""


def ended(clinic: Clinic, task: str, name: str = "recompute_patients") -> int:
    """How often the task of this id was done."""
    return (clinic.folder / "worker.log").read_text().count(f"{name}[{task}] succeeded")


@pytest.mark.parametrize("copies", [1, 6])
def test_a_message_delivered_again_changes_nothing(whole: WholeClinic, copies: int) -> None:
    """Late: the first time was when the form was saved. Several times: to both processes at once."""
    first, second = whole.treated(2)
    person = whole.clinic.person()
    for patient in (first, second):
        saved(person, patient, 15)
    whole.wait_until_right([first, second], 15)
    before = whole.clinic.rows(OUTCOMES)
    task = f"again-{copies}"
    for ids in ([first.id, second.id], [second.id, first.id], [first.id]):
        for _ in range(copies):
            queue(whole.broker, "recompute_patients", ids, task_id=task)
    whole.wait(lambda: ended(whole.clinic, task) == 3 * copies, "all copies are worked off")
    assert whole.clinic.rows(OUTCOMES) == before


def test_a_late_worker_does_not_overwrite_the_newer_result(whole: WholeClinic) -> None:
    """The first message is worked off last: its worker read before the second form was saved."""
    (patient,) = whole.treated()
    person = whole.clinic.person()
    reached = whole.arm("computed")
    saved(person, patient, 40, days_ago=1)
    whole.wait(reached.exists, "a worker has computed from the first form")
    saved(person, patient, 16)
    whole.wait_until_right([patient], 16)
    before = whole.clinic.rows(OUTCOMES)
    done = (whole.clinic.folder / "worker.log").read_text().count("recompute_patients")
    reached.unlink()
    whole.wait(
        lambda: (whole.clinic.folder / "worker.log").read_text().count("recompute_patients") > done,
        "the first task ends",
    )
    assert whole.clinic.rows(OUTCOMES) == before


def test_no_patient_data_stands_in_the_broker(whole: WholeClinic) -> None:
    """Everything that is sent to Redis while a form is saved, worked off and published; then each message as it waits."""
    whole.start_web_anew()
    person, patients = whole.clinic.person("clinician"), whole.treated(2)
    with heard(whole) as lines:
        saved(person, patients[0], 17)
        whole.wait_until_right(patients[:1], 17)
        with whole.worker_frozen():
            saved(person, patients[1], 17)
            waiting = whole.messages()
            stored = dump(whole)
    sent = b"".join(lines)
    assert sent.count(b'"LPUSH" "changes"') >= 2
    assert CANARY.encode() not in sent + unpacked(sent) + stored
    arguments = [arguments_of(message) for message in waiting]
    assert [[patients[1].id]] in arguments
    assert all(given in ([], [[patients[1].id]]) for given in arguments), arguments
    for patient in patients:
        for words in named(whole, patient):
            assert words.encode() not in sent + unpacked(sent) + stored


def arguments_of(message: dict[str, Any]) -> list[Any]:
    """The arguments of a task; it has no named ones."""
    arguments, named_ones, _ = json.loads(base64.b64decode(message["body"]))
    assert named_ones == {}
    return list(arguments)


def named(whole: WholeClinic, patient: Treated) -> tuple[str, ...]:
    """What names a patient to people, and in addresses."""
    columns = "public_id, mrn, given_name, family_name, date_of_birth::text"
    return whole.clinic.rows(f"SELECT {columns} FROM patients_patient WHERE id = %s", patient.id)[0]


def dump(whole: WholeClinic) -> bytes:
    """Every key of Redis with what it holds, and the bodies unpacked."""
    with closing(whole.broker.client()) as client:
        held = b"".join(key + (client.dump(key) or b"") for key in client.scan_iter())
    return held + b"".join(base64.b64decode(message["body"]) for message in whole.messages())


def unpacked(sent: bytes) -> bytes:
    """The bodies of all messages in this, in clear."""
    return b"\n".join(base64.b64decode(body) for body in re.findall(rb"body\W+([\w+/]{12,}=*)", sent))


@contextmanager
def heard(whole: WholeClinic) -> Iterator[list[bytes]]:
    """Every command that Redis is sent meanwhile, with all its values."""
    lines: list[bytes] = []
    with socket.create_connection(("127.0.0.1", whole.broker.port)) as ear:
        ear.sendall(b"MONITOR\r\n")
        assert ear.recv(5) == b"+OK\r\n"

        def listen() -> None:
            with suppress(ConnectionResetError):  # Redis may hang up on us in the end
                while some := ear.recv(65_536):
                    lines.append(some)

        listening = threading.Thread(target=listen)
        listening.start()
        yield lines
        ear.shutdown(socket.SHUT_RDWR)
        listening.join()
