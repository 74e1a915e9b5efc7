"""Honest use of the clinics, and an attack for each planted hole."""

from __future__ import annotations

from labs.clinic.app import start
from labs.lab import Call, Lab, Weakness

_PIA = "/clinics/1/patients/10"
_PAUL = "/clinics/1/patients/11"

GOOD = (
    Call("GET", "/clinics", "dora"),
    Call("GET", "/clinics", "pia"),
    Call("GET", "/clinics/1/patients", "dora"),
    Call("GET", "/clinics/2/patients", "dean"),
    Call("GET", _PIA, "dora"),
    Call("GET", _PIA, "pia"),
    Call("PATCH", _PIA, "pia", {"phone": "555-0199"}),
    Call("PATCH", _PIA, "dora", {"name": "Pia P. Pine"}),
    Call("GET", f"{_PIA}/visits", "pia"),
    Call("POST", f"{_PIA}/visits", "pia", {"reason": "check-up"}, keep={"visit": "id"}, status=201),
    Call("GET", f"{_PIA}/visits", "dora"),
    Call("POST", f"{_PIA}/visits/{{visit}}/notes", "dora", {"text": "all well"}, status=201),
    Call("GET", f"{_PIA}/visits/{{visit}}/notes", "pia"),
    Call("GET", "/clinics/2/patients/20", "olaf"),
    Call("GET", "/clinics/2/patients/20/visits", "dean"),
    Call("GET", "/clinics/2/patients/99", "dean", status=404),
)

WEAKNESSES = (
    Weakness(
        "CLINIC-1", "API1:2023",
        "a doctor reads a patient of another clinic through a path of the own clinic",
        "the patient must belong to the clinic of the path",
        (Call("GET", "/clinics/1/patients/20", "dora"),),
        lambda got: got[0].status == 200,
    ),
    Weakness(
        "CLINIC-2", "API1:2023",
        "a patient reads the record of another patient of the same clinic",
        "a patient sees the own record only",
        (Call("GET", f"{_PAUL}/visits", "pia"),),
        lambda got: got[0].status == 200,
    ),
    Weakness(
        "CLINIC-3", "API3:2023",
        "a patient declares herself insured",
        "name and phone can be changed, nothing else",
        (Call("PATCH", _PIA, "pia", {"insured": True}), Call("GET", _PIA, "pia")),
        lambda got: isinstance(got[1].data, dict) and got[1].data["insured"] is True,
    ),
    Weakness(
        "CLINIC-4", "API5:2023",
        "a patient writes a medical note",
        "notes are written by the staff",
        (Call("POST", f"{_PIA}/visits/100/notes", "pia", {"text": "morphine, twice a day"}),),
        lambda got: got[0].status == 201,
    ),
    Weakness(
        "CLINIC-5", "API3:2023",
        "a patient reads remarks that the staff keeps to itself",
        "remarks are shown to the staff only",
        (
            Call("POST", f"{_PIA}/visits/100/notes", "dora", {"text": "rest", "remark": "odd"}),
            Call("GET", f"{_PIA}/visits/100/notes", "pia"),
        ),
        lambda got: "odd" in str(got[1].data),
    ),
)  # fmt: skip

LAB = Lab("clinic", "A group of clinics", start, WEAKNESSES, GOOD)
