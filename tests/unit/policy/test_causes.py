from bartizan.model.diagnostics import Diagnostic
from bartizan.policy.causes import root_causes


def one(code: str, pointer: str, message: str = "m", hint: str = "") -> Diagnostic:
    return Diagnostic(code=code, message=message, pointer=pointer, hint=hint)


def slip(pointer: str, meant: str, code: str = "description.unknown-field") -> Diagnostic:
    return one(code, pointer, hint=f"did you mean `{meant}`?")


def test_what_a_misspelt_field_leaves_out_is_not_told_beside_it() -> None:
    at = "/paths/~1a/get/parameters/0"
    cause = slip(f"{at}/schea", "schema")
    assert root_causes([one("description.no-schema", at), cause]) == [cause]


def test_references_into_a_misspelt_section_follow_from_it() -> None:
    cause = slip("/compoennts", "components")
    message = "`$ref` `#/components/schemas/A` leads to nothing: `GET /a` cannot be checked"
    scheme = "security scheme `token` is not declared: `GET /a` cannot be checked"
    told = [
        one("description.unrepresentable", "/paths/x", message),
        one("description.unrepresentable", "/paths/y", scheme),
        cause,
    ]
    assert root_causes(told) == [cause]


def test_an_operation_whose_method_is_misspelt_is_told_at_the_method() -> None:
    cause = slip("/paths/~1a/pots", "post")
    missing = one("policy.unknown-operation", "/operations/x", "operation `POST /a` is not in it")
    other = one("policy.unknown-operation", "/operations/y", "operation `POST /b` is not in it")
    assert root_causes([missing, other, cause]) == [other, cause]


def test_faults_of_other_places_stay() -> None:
    cause = slip("/paths/~1a/get/operatonId", "operationId")
    other = one("description.unrepresentable", "/paths/~1a/get/responses/200", "no")
    assert root_causes([cause, other]) == [cause, other]


def test_without_a_suggestion_nothing_is_blamed() -> None:
    at = "/paths/~1a/get/parameters/0"
    told = [one("description.unknown-field", f"{at}/x"), one("description.no-schema", at)]
    assert root_causes(told) == told


def test_keys_that_no_operation_takes_are_not_told_beside_a_document_that_lost_something() -> None:
    keys = one("policy.keys-unasked", "/auth/api_keys")
    lost = one("description.unrepresentable", "/paths/~1a/get/security/0", "not declared")
    assert root_causes([keys, lost]) == [lost]
    assert root_causes([keys]) == [keys]
