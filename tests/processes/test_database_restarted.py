"""PostgreSQL is restarted at once, as after a crash, while forms are being saved."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg2
from processes.running import Answer, Person
from processes.whole import Treated, WholeClinic, saved, today

#: What stands in the database of the PCL-5s of some patients: rows, events and steps of the record's version agree.
COUNTS = """
    SELECT (SELECT count(*) FROM assessments_assessment WHERE patient_id = ANY(%s)),
    (SELECT count(*) FROM audit_auditevent WHERE patient_id = ANY(%s) AND record_type = 'assessments.assessment'
    AND action NOT LIKE 'read%%'), (SELECT sum(record_version) FROM patients_patient WHERE id = ANY(%s)),
    (SELECT count(*) FROM web_formreceipt WHERE location <> '')
"""


def test_a_request_in_flight_fails_cleanly_and_the_next_works(whole: WholeClinic) -> None:
    web, worker, children = whole.web, whole.worker, whole.worker.family()
    patients, person = whole.treated(4), whole.clinic.person()
    whole.wait(lambda: pages(person, patients[0]) == [200] * 8 and connections(whole) >= 8, "8 threads are connected")
    before = counts(whole, patients)
    answers = saved_while_restarting(whole, patients)
    print([(answer.status, round(answer.seconds, 2)) for answer in answers])
    assert [answer.status for answer in answers] == [500] * 4
    assert "Something went wrong" in answers[0].text
    assert counts(whole, patients) == before, "nothing is half saved"
    assert [pages(person, patients[0]) for _ in range(4)] == [[200] * 8] * 4
    for patient in patients:
        saved(person, patient, 19)
    assert counts(whole, patients) == tuple(number + 4 for number in before)
    whole.wait_until_right(patients, 19)
    assert (whole.web, whole.worker, whole.worker.family()) == (web, worker, children)


def pages(person: Person, patient: Treated) -> list[int]:
    """What comes of opening her page eight times at once, so that every thread of the web server has something to do."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: person.patient_page(patient.public_id).status, range(8)))


def connections(whole: WholeClinic) -> int:
    """How many the web server holds: those that nobody uses just now, without that of the asking."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle' AND datname = current_database()"
    return int(whole.clinic.rows(query)[0][0])


def saved_while_restarting(whole: WholeClinic, patients: list[Treated]) -> list[Answer]:
    """The answers to forms that were being saved when the database went away: they waited for a lock held here."""
    persons = [whole.clinic.person(name) for name in ("intake", "clinician", "director", "intake")]
    forms = [person.blank_pcl5(one.public_id, today(), 20) for person, one in zip(persons, patients, strict=True)]
    answers: list[Answer] = []

    def save(number: int) -> None:
        answers.append(persons[number].post(persons[number].entry_path(patients[number].public_id), forms[number]))

    saving = [threading.Thread(target=save, args=[number]) for number in range(4)]
    with closing(psycopg2.connect(whole.clinic.database_url)) as holder:
        holder.cursor().execute("SELECT 1 FROM patients_patient WHERE id = ANY(%s) FOR UPDATE", [ids(patients)])
        for thread in saving:
            thread.start()
        whole.wait(lambda: waiting(whole) == 4, "four saves wait for the lock")
        whole.postgres.restart_at_once()
    for thread in saving:
        thread.join(30)
    return answers


def waiting(whole: WholeClinic) -> int:
    """Connections that wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return int(whole.clinic.rows(query)[0][0])


def counts(whole: WholeClinic, patients: list[Treated]) -> Any:
    """See COUNTS."""
    return whole.clinic.rows(COUNTS, *[ids(patients)] * 3)[0]


def ids(patients: list[Treated]) -> list[int]:
    """As the database knows them."""
    return [patient.id for patient in patients]
