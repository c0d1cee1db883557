"""Redis is stopped, frozen, or comes back empty: saves go on, and what was lost is made good by the sweep."""

import pytest
from processes.whole import WholeClinic, saved, today


@pytest.mark.parametrize("fault", ["terminate", "freeze"])
def test_saves_go_on_without_the_broker(whole: WholeClinic, fault: str) -> None:
    whole.start_web_anew()
    web, worker, person = whole.web, whole.worker, whole.clinic.person()
    first, *others = whole.treated(5)
    saved(person, first, 11)
    whole.wait_until_right([first], 11)  # so this web process holds a connection that worked
    forms = [(patient, person.blank_pcl5(patient.public_id, today(), 12)) for patient in others]
    getattr(whole.broker, fault)()
    answers = [person.post(person.entry_path(patient.public_id), form) for patient, form in forms]
    print(fault, [round(answer.seconds, 3) for answer in answers])
    assert [answer.status for answer in answers] == [303] * 4
    assert answers[0].seconds < 1.5
    assert max(answer.seconds for answer in answers[1:]) < 0.3
    for patient in others:
        assert "1 change not counted yet" in person.status_of(patient.public_id).text
        assert "1 change not counted yet" in person.patient_page(patient.public_id).text
    assert "4 changes pending" in whole.clinic.person("director").get("/outcomes/").text
    whole.broker.thaw() if fault == "freeze" else whole.broker.start()
    print(fault, "right after", whole.wait_until_right(others, 12))
    assert "nothing pending" in person.status_of(others[0].public_id).text
    assert (whole.web, whole.worker) == (web, worker)
    assert web.is_running()
    assert worker.is_running()


def test_messages_that_are_lost_with_the_broker_are_made_good(whole: WholeClinic) -> None:
    whole.start_web_anew()  # one that has not just lost a broker sends messages
    person, patients = whole.clinic.person(), whole.treated(3)
    with whole.worker_frozen():
        for patient in patients:
            saved(person, patient, 13)
        lost = {message["headers"]["id"] for message in whole.messages() if "recompute_patients" in str(message)}
        assert len(lost) == 3
        whole.broker.kill()
        whole.broker.start()
        assert not lost & {message["headers"]["id"] for message in whole.messages()}
    whole.wait_until_right(patients, 13)
