"""Reads what the research export needs, all of one moment. Loads pandas: import it where it is used."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clinic.database import one_snapshot
from clinic.outcomes import selectors
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.clinic_records import answers_of, clinic_of
from clinic.outcomes.frames import read_frame
from clinic.outcomes.inductions import outcome_courses
from clinic.outcomes.models import CriteriaVersion
from clinic.outcomes.readings import valid_readings
from clinic.outcomes.response import evaluate
from clinic.transfer.research.long_format import readings_of_courses
from infusions.models import Infusion
from patients.models import Consent, Patient


@dataclass(frozen=True)
class Records:
    """The clinic, its readings (see `long_format`), their answers, the phase by infusion, and the public id by patient."""

    in_force: CriteriaVersion
    clinic: Clinic
    readings: pd.DataFrame
    answers: pd.DataFrame
    phases: "pd.Series[str]"
    public_ids: dict[int, str]


def read_records(as_of: date) -> Records:
    """The records up to this day, as they are now. Call it on the clinic's clock."""
    with one_snapshot():
        in_force = selectors.criteria_in_force()
        criteria = in_force.criteria()
        forms, given = (
            _without(withdrawn(), frame) for frame in (selectors.readings_of(None), selectors.courses_of(None))
        )
        clinic = clinic_of(evaluate(forms, given, criteria, as_of), criteria, as_of)
        today = np.datetime64(as_of, "D")
        outcome = outcome_courses(given, today)
        readings = readings_of_courses(valid_readings(forms, outcome, criteria, today), outcome, criteria)
        treated = set(clinic.evaluation.courses["patient_id"].tolist())
        public_ids = Patient.objects.order_by("pk").values_list("pk", "public_id")
        return Records(
            in_force=in_force,
            clinic=clinic,
            readings=readings,
            answers=answers_of(readings["reading_id"].tolist()),
            phases=_phases(),
            public_ids={pk: public_id for pk, public_id in public_ids if pk in treated},
        )


def withdrawn() -> set[int]:
    """Patients who withdrew their consent to research use of their records and gave no other since. One query."""
    consents = Consent.objects.not_voided().filter(kind=Consent.Kind.RESEARCH).order_by("pk")
    stated = list(consents.values_list("patient_id", "withdrawn_on"))
    in_force = {patient_id for patient_id, withdrawn_on in stated if withdrawn_on is None}
    return {patient_id for patient_id, _ in stated} - in_force


def _without(patient_ids: set[int], frame: pd.DataFrame) -> pd.DataFrame:
    return frame[~frame["patient_id"].isin(patient_ids)].reset_index(drop=True)


def _phases() -> "pd.Series[str]":
    rows = Infusion.objects.given().order_by("pk")
    frame = read_frame(rows, {"infusion_id": ("pk", "integer"), "phase": ("course__phase", "text")})
    return frame.set_index("infusion_id")["phase"]
