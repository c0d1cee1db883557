"""Every address of the app, and what each person gets there. An address that is not in the table fails the suite.

A row: the name, then GET and POST for somebody not signed in, intake, clinician, medical director, administrator.
POST is an empty form. `in` leads to signing in, `405` is a method the page does not know, `422` a form shown again with
what is wrong. A page of a patient is 404 for whoever may not see it, any other page 403.
"""

from dataclasses import dataclass

from clinic.policy import Role

PEOPLE = (None, Role.INTAKE, Role.CLINICIAN, Role.MEDICAL_DIRECTOR, Role.ADMINISTRATOR)

TABLE = """
healthz                        GET 200 200 200 200 200   POST 405 405 405 405 405
readyz                         GET 200 200 200 200 200   POST 405 405 405 405 405

account_login                  GET 200 302 302 302 302   POST 200 302 302 302 302
account_logout                 GET 302 200 200 200 200   POST 302 302 302 302 302
account_inactive               GET 200 200 200 200 200   POST 405 405 405 405 405
account_change_password        GET in  200 200 200 200   POST in  200 200 200 200

pages:home                     GET in  200 200 200 200   POST in  405 405 405 405
pages:infusions                GET in  200 200 200 403   POST in  405 405 405 405
pages:infusions_day            GET in  200 200 200 403   POST in  405 405 405 405
pages:infusions_week           GET in  200 200 200 403   POST in  405 405 405 405
pages:questionnaires           GET in  200 200 200 403   POST in  405 405 405 405
pages:audit                    GET in  403 403 200 403   POST in  403 403 200 403
pages:operations               GET in  403 403 200 200   POST in  405 405 405 405
pages:patients                 GET in  200 200 200 403   POST in  200 200 200 403

pages:patient                  GET in  200 200 200 404   POST in  405 405 405 405
pages:patient_status           GET in  200 200 200 404   POST in  405 405 405 405
pages:patient_courses          GET in  200 200 200 404   POST in  405 405 405 405
pages:patient_sessions         GET in  404 200 200 404   POST in  405 405 405 405
pages:patient_questionnaires   GET in  200 200 200 404   POST in  405 405 405 405
pages:patient_notes            GET in  404 200 200 404   POST in  405 405 405 405
pages:patient_who_looked       GET in  404 404 200 404   POST in  405 405 405 405

session_record:record          GET in  404 200 200 404   POST in  405 405 405 405
session_record:record_pdf      GET in  404 200 200 404   POST in  405 405 405 405
session_record:as_signed       GET in  404 200 200 404   POST in  405 405 405 405
session_record:as_signed_pdf   GET in  404 200 200 404   POST in  405 405 405 405

lots:lots                      GET in  403 200 200 403   POST in  405 405 405 405
lots:lot                       GET in  403 200 200 403   POST in  405 405 405 405
lots:lot_csv                   GET in  403 200 200 403   POST in  405 405 405 405

letters:letters                GET in  404 200 200 404   POST in  405 405 405 405
letters:new                    GET in  404 200 200 404   POST in  404 422 422 404
letters:letter                 GET in  404 200 200 404   POST in  405 405 405 405

patients:new                   GET in  200 200 200 403   POST in  422 422 422 403
patients:edit                  GET in  200 200 200 404   POST in  422 422 422 404
patients:history               GET in  404 200 200 404   POST in  405 405 405 405
patients:history_new           GET in  404 200 200 404   POST in  404 422 422 404
patients:history_amend         GET in  404 200 200 404   POST in  404 422 422 404
patients:history_void          GET in  404 200 200 404   POST in  404 422 422 404
patients:consents              GET in  200 200 200 404   POST in  405 405 405 405
patients:consent_new           GET in  200 200 200 404   POST in  422 422 422 404
patients:consent_withdraw      GET in  200 200 200 404   POST in  422 422 422 404
patients:consent_void          GET in  200 200 200 404   POST in  422 422 422 404

assessments:new                GET in  200 200 200 404   POST in  422 422 422 404
assessments:assessment         GET in  200 200 200 404   POST in  405 405 405 405
assessments:correct            GET in  200 200 200 404   POST in  422 422 422 404
assessments:void               GET in  200 200 200 404   POST in  422 422 422 404
assessments:move               GET in  200 200 200 404   POST in  422 422 422 404

room:board                     GET in  403 200 200 403   POST in  405 405 405 405

infusions:course_open          GET in  404 200 200 404   POST in  404 422 422 404
infusions:course_close         GET in  404 200 200 404   POST in  404 422 422 404
infusions:course_withdraw      GET in  404 200 200 404   POST in  404 422 422 404
infusions:course_void          GET in  404 200 200 404   POST in  404 422 422 404
infusions:infusion_plan        GET in  404 200 200 404   POST in  404 422 422 404
infusions:infusion_plan_series GET in  404 200 200 404   POST in  404 422 422 404
infusions:infusion_new         GET in  404 200 200 404   POST in  404 422 422 404
infusions:check_dose           GET in  405 405 405 405   POST in  404 200 200 404
infusions:infusion             GET in  404 200 200 404   POST in  405 405 405 405
infusions:infusion_status      GET in  404 200 200 404   POST in  404 422 422 404
infusions:infusion_replan      GET in  404 200 200 404   POST in  404 422 422 404
infusions:infusion_correct     GET in  404 200 200 404   POST in  404 422 422 404
infusions:infusion_move        GET in  404 200 200 404   POST in  404 422 422 404
infusions:infusion_void        GET in  404 200 200 404   POST in  404 422 422 404
infusions:vitals_new           GET in  404 200 200 404   POST in  404 422 422 404
infusions:event_new            GET in  404 200 200 404   POST in  404 422 422 404
infusions:note_new             GET in  404 200 200 404   POST in  404 422 422 404
infusions:limits               GET in  403 403 200 403   POST in  403 403 422 403

room:room                      GET in  404 200 200 404   POST in  405 405 405 405
room:since                     GET in  404 200 200 404   POST in  405 405 405 405
room:field                     GET in  405 405 405 405   POST in  404 422 422 404
room:entry                     GET in  405 405 405 405   POST in  404 422 422 404

outcomes:dashboard             GET in  403 403 200 403   POST in  405 405 405 405
outcomes:details               GET in  403 403 200 403   POST in  405 405 405 405
outcomes:as_of                 GET in  403 403 200 403   POST in  405 405 405 405
outcomes:panel_csv             GET in  403 403 200 403   POST in  405 405 405 405
outcomes:tables_zip            GET in  403 403 200 403   POST in  405 405 405 405
outcomes:report_pdf            GET in  403 403 200 403   POST in  405 405 405 405
outcomes:patients_behind       GET in  403 403 200 403   POST in  405 405 405 405
outcomes:saved_views           GET in  403 403 200 403   POST in  403 403 422 403
outcomes:criteria              GET in  403 403 200 403   POST in  403 403 422 403
outcomes:criteria_progress     GET in  403 403 200 403   POST in  405 405 405 405

transfer:research_export       GET in  403 403 200 403   POST in  403 403 422 403

people:people                  GET in  403 403 403 200   POST in  405 405 405 405
people:new                     GET in  403 403 403 200   POST in  403 403 403 422
people:edit                    GET in  403 403 403 200   POST in  403 403 403 422
people:new_password            GET in  403 403 403 200   POST in  403 403 403 422
profile:settings               GET in  403 403 403 200   POST in  403 403 403 422
"""


#: What an open page asks for by itself: no page of its own, and not noted as read.
PARTS = {"outcomes:as_of", "outcomes:criteria_progress", "pages:patient_status", "room:since"}
PARTS |= {"healthz", "readyz"}  # and what machines ask for
PARTS |= {"letters:letter", "outcomes:panel_csv", "outcomes:report_pdf", "outcomes:tables_zip"}  # and files
PARTS |= {"session_record:record_pdf", "session_record:as_signed_pdf", "lots:lot_csv"}


@dataclass(frozen=True)
class Row:
    """One page and the answers to each person, in the order of PEOPLE."""

    name: str
    get: tuple[str, ...]
    post: tuple[str, ...]


def rows() -> list[Row]:
    """The table, row by row."""
    found = []
    for line in filter(None, map(str.strip, TABLE.splitlines())):
        name, _get, *answers = line.replace("POST", "").split()
        found.append(Row(name, tuple(answers[:5]), tuple(answers[5:])))
    return found
