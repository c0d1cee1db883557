"""A `Clinic` as bytes and back: what filtered pages are computed from, published with the summary (rule 37).

One compressed array for each column of each frame (numpy's npz, which runs no code when it is read), and how to read them
as JSON. A change of what a `Clinic` holds needs another FORMAT: until the next summary there is then nothing to filter.
"""

import io
import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.response import Evaluation

FORMAT = 1
_MANIFEST = "manifest"
#: What stands for a missing yes or no, and for a missing answer.
_NOTHING = -1
Array = npt.NDArray[Any]


def pack(clinic: Clinic) -> bytes:
    """The clinic without its criteria, which have a version of their own."""
    frames = {"courses": clinic.evaluation.courses, "facts": clinic.facts, "sessions": clinic.sessions}
    frames |= {"events": clinic.events, "answers": _answers_packed(clinic.answers)}
    frames |= {f"window {name}": frame for name, frame in clinic.evaluation.windows.items()}
    arrays: dict[str, Array] = {}
    manifest: dict[str, Any] = {"as_of": clinic.as_of.isoformat(), "registered": clinic.registered, "frames": {}}
    for name, frame in frames.items():
        manifest["frames"][name] = {
            column: _pack_column(frame[column], f"{name} {column}", arrays) for column in frame.columns
        }
    arrays[_MANIFEST] = np.frombuffer(json.dumps(manifest).encode(), dtype=np.uint8)
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]
    return packed.getvalue()


def unpack(packed: bytes, criteria: Criteria) -> Clinic:
    """The clinic of these bytes; `criteria` are those under which it was evaluated."""
    arrays = np.load(io.BytesIO(packed), allow_pickle=False)
    manifest = json.loads(arrays[_MANIFEST].tobytes())
    frames = {
        name: pd.DataFrame(
            {column: _unpack_column(f"{name} {column}", kind, arrays) for column, kind in columns.items()}
        )
        for name, columns in manifest["frames"].items()
    }
    windows = {name.removeprefix("window "): frame for name, frame in frames.items() if name.startswith("window ")}
    return Clinic(
        evaluation=Evaluation(frames["courses"], windows),
        facts=frames["facts"],
        sessions=frames["sessions"],
        events=frames["events"],
        answers=_answers_unpacked(frames["answers"]),
        criteria=criteria,
        as_of=date.fromisoformat(manifest["as_of"]),
        registered=manifest["registered"],
    )


def of_patients(clinic: Clinic, patient_ids: "pd.Series[int]") -> Clinic:
    """The same clinic with the courses of these patients alone."""
    courses = clinic.evaluation.courses
    kept = courses["patient_id"].isin(patient_ids)
    sessions = clinic.sessions[clinic.sessions["course_id"].isin(courses.loc[kept, "course_id"])]
    windows = {name: frame[kept].reset_index(drop=True) for name, frame in clinic.evaluation.windows.items()}
    return replace(
        clinic,
        evaluation=Evaluation(courses[kept].reset_index(drop=True), windows),
        facts=clinic.facts[kept].reset_index(drop=True),
        sessions=sessions.reset_index(drop=True),
        events=clinic.events[clinic.events["infusion_id"].isin(sessions["infusion_id"])].reset_index(drop=True),
        registered=0,  # who was not treated cannot be chosen
    )


def _pack_column(column: "pd.Series[Any]", name: str, arrays: dict[str, Array]) -> Any:
    """Put the column into `arrays` and say how it is read again: a kind, or the list of its different texts."""
    dtype = str(column.dtype)
    if column.dtype.kind == "M":
        arrays[name] = column.to_numpy().astype("datetime64[D]").astype(np.int64)
        return "day"
    if dtype == "Int64":
        arrays[name] = column.to_numpy(dtype=np.int64, na_value=0)
        arrays[f"{name} missing"] = column.isna().to_numpy()
        return dtype
    if dtype == "boolean":
        arrays[name] = column.astype("Int8").to_numpy(dtype=np.int8, na_value=_NOTHING)
        return dtype
    if column.dtype.kind in "bif":
        arrays[name] = column.to_numpy()
        return "plain"
    codes, texts = pd.factorize(column)
    arrays[name] = codes.astype(np.int32)
    return [str(text) for text in texts]


def _unpack_column(name: str, kind: Any, arrays: Any) -> Any:
    values = arrays[name]
    if isinstance(kind, list):
        return pd.Series(np.array([*kind, None], dtype=object)[values], dtype="str")
    if kind == "day":
        return values.astype("datetime64[D]").astype("datetime64[us]")
    if kind == "Int64":
        return pd.arrays.IntegerArray(values, arrays[f"{name} missing"])
    if kind == "boolean":
        return pd.arrays.BooleanArray(values == 1, values == _NOTHING)
    return values


def _answers_packed(answers: pd.DataFrame) -> pd.DataFrame:
    packed = answers.fillna(_NOTHING).astype(np.int8)
    packed.insert(0, "reading_id", answers.index.to_numpy(dtype=np.int64))
    return packed.rename(columns=str)


def _answers_unpacked(packed: pd.DataFrame) -> pd.DataFrame:
    answers = packed.set_index("reading_id").rename(columns=int).astype(np.float64)
    return answers.mask(answers == _NOTHING)
