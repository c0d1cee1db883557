"""What is asked before a file leaves the clinic."""

from clinic.transfer.research.study_ids import LABEL_LENGTH, check_label
from clinic.web.forms import LineField, PageForm


class ResearchExportForm(PageForm):
    """The label of the export, by which its study ids are made."""

    label = LineField(
        max_length=LABEL_LENGTH,
        validators=[check_label],
        label="Label of the study",
        help_text="For example “ptsd-2026”. The same label gives the same study ids again, another label others that "
        "cannot be linked to them. It stands in the file and in the audit trail.",
        error_messages={"required": "Name the study: its label decides the study ids."},
    )
