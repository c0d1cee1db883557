"""The policy table, role by role."""

import pytest

from clinic.policy import ALLOWED, Action, Role, may

INTAKE = {
    Action.PATIENT_VIEW,
    Action.PATIENT_EDIT,
    Action.CONSENT_RECORD,
    Action.ASSESSMENT_VIEW,
    Action.ASSESSMENT_RECORD,
    Action.INFUSION_DATES_VIEW,
    Action.STATUS_VIEW,
}


def test_every_role_has_a_row_and_every_action_somebody() -> None:
    assert set(ALLOWED) == set(Role)
    assert set().union(*ALLOWED.values()) == set(Action)


def test_intake_sees_dates_of_infusions_but_no_dose_and_no_note() -> None:
    assert ALLOWED[Role.INTAKE] == INTAKE


def test_an_administrator_sees_no_clinical_record() -> None:
    assert ALLOWED[Role.ADMINISTRATOR] == {Action.ACCOUNTS_MANAGE, Action.SETTINGS_EDIT, Action.OPERATIONS_VIEW}


def test_a_director_may_what_a_clinician_may_and_only_the_director_adopts_criteria() -> None:
    assert ALLOWED[Role.CLINICIAN] < ALLOWED[Role.MEDICAL_DIRECTOR]
    for action in (
        *(Action.CRITERIA_ADOPT, Action.AUDIT_VIEW, Action.CLINICAL_LIMITS_EDIT),
        *(Action.OUTCOMES_EXPORT, Action.RESEARCH_EXPORT),
    ):
        assert [role for role in Role if may([role], action)] == [Role.MEDICAL_DIRECTOR]


def test_operations_are_for_the_director_and_the_administrator() -> None:
    assert {role for role in Role if may([role], Action.OPERATIONS_VIEW)} == {Role.MEDICAL_DIRECTOR, Role.ADMINISTRATOR}


@pytest.mark.parametrize("roles", [(), ("owner",), ("",), ("superuser", "staff")])
def test_no_role_or_an_unknown_one_may_nothing(roles: tuple[str, ...]) -> None:
    assert not any(may(roles, action) for action in Action)


def test_roles_add_up() -> None:
    both = (Role.INTAKE, Role.ADMINISTRATOR)
    assert {action for action in Action if may(both, action)} == INTAKE | ALLOWED[Role.ADMINISTRATOR]
