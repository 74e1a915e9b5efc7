"""The `code` of the problems that clients get, in words: kinds of causes, never the rule."""

ANSWERS = {
    "bad-response": "the API answered in a way that its description does not allow",
    "body-too-large": "the body is larger than this operation takes",
    "contract": "the request breaks the API description; `errors` of the answer says where",
    "credential": "a valid credential is required",
    "cross-site": "a page of another site used the cookies of a user",
    "head-too-large": "the request line or a header is larger than allowed",
    "malformed-request": "the request is malformed or can be read in two ways",
    "method-not-allowed": "the path does not take this method",
    "not-found": "there is nothing at this path, or nothing that this caller may know of",
    "quota-exceeded": "too many requests",
    "scope": "the credential does not allow this operation",
    "too-slow": "the request arrived too slowly",
    "unavailable": "the API or Bartizan could not serve the request at that moment",
    "unsupported-media-type": "the operation does not take this content type, coding or charset",
}
