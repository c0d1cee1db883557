"""A patient at whom the evaluation fails keeps no other from being computed."""

from processes.whole import WholeClinic, saved

CHANGED = """
    WITH changed AS (UPDATE patients_patient SET record_version = record_version + 1 WHERE id = ANY(%s) RETURNING id)
    INSERT INTO patients_recordchange (patient_id, changed_at) SELECT id, now() FROM changed
"""
WORDS = "Quillfeather has a date of 29 February"


def test_one_failing_patient_is_noted_once_and_the_others_are_done(whole: WholeClinic) -> None:
    poison, *others = whole.treated(4)
    log, clinic = whole.worker.log, whole.clinic
    totals = {patient: whole.state(patient)[0][1] for patient in others}
    (whole.marks / "poison").write_text(f"{poison.id} {WORDS}")
    clinic.rows(CHANGED, [patient.id for patient in (poison, *others)])  # and no message: all are in the same sweep
    whole.wait(lambda: failed_reason(whole, poison.id), "the sweep has met her")
    for patient, total in totals.items():
        whole.wait(
            lambda patient=patient, total=total: whole.state(patient) == [(True, total, 0)], "the others are right"
        )
    assert failed_reason(whole, poison.id) == f"ValueError: {WORDS}"
    said = f"Outcomes of patient id {poison.id} could not be computed: ValueError"
    whole.wait_for_sweeps(2)
    assert log.read_text().count(said) == 1
    page = clinic.person("clinician").patient_page(poison.public_id)
    assert "Outcomes could not be computed." in page.text
    assert WORDS in page.text
    (whole.marks / "poison").unlink()
    saved(clinic.person(), poison, 18)
    whole.wait_until_right([poison], 18)
    assert failed_reason(whole, poison.id) == ""


def failed_reason(whole: WholeClinic, patient_id: int) -> str:
    """Why her outcomes could not be computed."""
    query = "SELECT failed_reason FROM outcomes_patientoutcomestate WHERE patient_id = %s"
    return str(whole.clinic.rows(query, patient_id)[0][0])
