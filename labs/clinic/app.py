"""The clinics as a function: clinics > patients > visits > notes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from bartizan.console.demo.shop.message import Refused, Request, Response
from labs.lab import Answering, Desk, Json, routed

_CLINICS: dict[int, Json] = {
    1: {"id": 1, "name": "North"},
    2: {"id": 2, "name": "South"},
}
_STAFF = {"dora": 1, "dean": 2}
_PATIENT = r"/clinics/(?P<clinic>\d+)/patients/(?P<patient>\d+)"
_VISIT = _PATIENT + r"/visits/(?P<visit>\d+)"


def _patients() -> dict[int, Json]:
    rows = ((10, 1, "pia", "Pia Pine"), (11, 1, "paul", "Paul Poplar"), (20, 2, "olaf", "Olaf Oak"))
    return {
        number: {
            "id": number, "clinic": clinic, "login": login, "name": name,
            "phone": "555-0100", "insured": False,
        }
        for number, clinic, login, name in rows
    }  # fmt: skip


def _visits() -> dict[int, Json]:
    rows = ((100, 10, "cough"), (110, 11, "broken arm"), (200, 20, "rash"))
    return {n: {"id": n, "patient": p, "reason": why} for n, p, why in rows}


def _number(row: Json) -> int:
    return int(str(row["id"]))


@dataclass
class Clinics:
    """All data, and who may do what with it."""

    desk: Desk
    patients: dict[int, Json] = field(default_factory=_patients)
    visits: dict[int, Json] = field(default_factory=_visits)
    notes: dict[int, list[Json]] = field(default_factory=lambda: defaultdict(list))

    def patient(self, request: Request, clinic: str, patient: str) -> Json:
        """The patient whom the caller may see. Raises Refused."""
        who = self.desk.caller(request)
        found = self.patients.get(int(patient))
        # CLINIC-1: the clinic of the path is not held against the clinic of the patient.
        if found is None or (self.desk.is_fixed("CLINIC-1") and found["clinic"] != int(clinic)):
            raise Refused(404, "no such patient")
        if who in _STAFF:
            if _STAFF[who] != int(clinic):
                raise Refused(404, "no such patient")
        # CLINIC-2: a patient is let in whoever the record is about.
        elif self.desk.is_fixed("CLINIC-2") and found["login"] != who:
            raise Refused(404, "no such patient")
        return found

    def visit(self, request: Request, clinic: str, patient: str, visit: str) -> Json:
        """The visit of this patient. Raises Refused."""
        person = self.patient(request, clinic, patient)
        found = self.visits.get(int(visit))
        if found is None or found["patient"] != person["id"]:
            raise Refused(404, "no such visit")
        return found

    # the routes

    def list_clinics(self, request: Request) -> Response:
        self.desk.caller(request)
        return Response(200, list(_CLINICS.values()))

    def list_patients(self, request: Request, clinic: str) -> Response:
        who = self.desk.caller(request)
        if _STAFF.get(who) != int(clinic):
            raise Refused(403, "for the staff of this clinic")
        own = [one for one in self.patients.values() if one["clinic"] == int(clinic)]
        return Response(200, [{"id": one["id"], "name": one["name"]} for one in own])

    def show_patient(self, request: Request, clinic: str, patient: str) -> Response:
        found = self.patient(request, clinic, patient)
        return Response(200, {name: found[name] for name in ("id", "name", "phone", "insured")})

    def change_patient(self, request: Request, clinic: str, patient: str) -> Response:
        found = self.patient(request, clinic, patient)
        data = request.data()
        # CLINIC-3: whatever is sent is stored, `insured` too.
        if self.desk.is_fixed("CLINIC-3"):
            data = {name: value for name, value in data.items() if name in {"name", "phone"}}
        found |= data
        return self.show_patient(request, clinic, patient)

    def list_visits(self, request: Request, clinic: str, patient: str) -> Response:
        person = self.patient(request, clinic, patient)
        own = [one for one in self.visits.values() if one["patient"] == person["id"]]
        return Response(200, [{"id": one["id"], "reason": one["reason"]} for one in own])

    def add_visit(self, request: Request, clinic: str, patient: str) -> Response:
        person = self.patient(request, clinic, patient)
        number = max(self.visits) + 1
        reason = str(request.data().get("reason", ""))
        self.visits[number] = {"id": number, "patient": person["id"], "reason": reason}
        return Response(201, {"id": number, "reason": reason})

    def list_notes(self, request: Request, clinic: str, patient: str, visit: str) -> Response:
        found = self.visit(request, clinic, patient, visit)
        notes = self.notes[_number(found)]
        # CLINIC-5: what the staff writes for itself is in the answer for everybody.
        is_open = self.desk.caller(request) in _STAFF or not self.desk.is_fixed("CLINIC-5")
        return Response(200, [n if is_open else {"text": n["text"], "by": n["by"]} for n in notes])

    def add_note(self, request: Request, clinic: str, patient: str, visit: str) -> Response:
        who = self.desk.caller(request)
        # CLINIC-4: writing a note is for the staff, and nobody asks.
        if self.desk.is_fixed("CLINIC-4") and who not in _STAFF:
            raise Refused(403, "for the staff")
        found, data = self.visit(request, clinic, patient, visit), request.data()
        note = {"text": data.get("text"), "by": who, "remark": data.get("remark", "")}
        notes = self.notes[_number(found)]
        notes.append(note)
        return Response(201, {"text": note["text"], "by": who})


def start(desk: Desk) -> Answering:
    """Fresh clinics."""
    own = Clinics(desk)
    return routed(
        (
            ("GET", r"/clinics", own.list_clinics),
            ("GET", r"/clinics/(?P<clinic>\d+)/patients", own.list_patients),
            ("GET", _PATIENT, own.show_patient),
            ("PATCH", _PATIENT, own.change_patient),
            ("GET", _PATIENT + "/visits", own.list_visits),
            ("POST", _PATIENT + "/visits", own.add_visit),
            ("GET", _VISIT + "/notes", own.list_notes),
            ("POST", _VISIT + "/notes", own.add_note),
        )
    )
