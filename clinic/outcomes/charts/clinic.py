"""What every panel of the dashboard is computed from, and all of them at once."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.response import Evaluation


@dataclass(frozen=True)
class Clinic:
    """Outcome courses with what is known about them, up to a day. Of a filtered clinic all frames are of the chosen courses.

    **evaluation**: as `response.evaluate` gave it or as it is stored; also second and later courses of a patient
    (`is_index` False), which only the retreatment panel counts.
    **facts**: the same rows in the same order as `evaluation.courses`.
        course_id · patient_id · left_on, died_on (datetime64 or NaT: died or withdrew; died) ·
        criterion_a_open (bool: unclear or not recorded) · age (Int64, years at the first infusion) ·
        gender (str, as in patients.models.Gender) ·
        psychotherapy (yes, no, not_recorded: at the start of the course or during its infusions) ·
        medications (Int64: psychiatric medicines at the start) ·
        mg_per_kg (float, mean of the IV infusions; NaN if unknown) · prescriber_id (Int64, of the first infusion)
    **sessions**: one row per given infusion that counts for one of these courses, by course, then start.
        infusion_id · course_id (of the outcome course, also for top-ups that follow it) · session (1, 2 … in that course) ·
        is_induction (bool) · started_on (datetime64) · mg_per_kg (float: mg given over weight, else as ordered) ·
        mg (float, given) · minutes (float) · eye_mask, music (yes, no, not_recorded) ·
        preparation, intention, integration (bool: something is recorded)
    **events**: one row per adverse event of these sessions. infusion_id · term · ctcae_grade (int) · serious (bool)
    **answers**: index reading_id; columns 1 … 20, float, NaN where not answered: the baselines and endpoints.
    `registered` is how many patients the clinic knows, treated or not; 0 of a filtered clinic.
    """

    evaluation: Evaluation
    facts: pd.DataFrame
    sessions: pd.DataFrame
    events: pd.DataFrame
    answers: pd.DataFrame
    criteria: Criteria
    as_of: date
    registered: int
