"""Errors in the shape of Atlas's API."""

from http import HTTPStatus
from typing import Any

__all__ = ["ApiError", "not_found"]


class ApiError(Exception):
    """A request that is answered with an error: status, Atlas's code, a sentence, and what it is about."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, *parameters: object) -> None:
        """Keep the parts."""
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """Return the answer's body."""
        return {
            "error": int(self.status),
            "errorCode": self.code,
            "detail": self.detail,
            "reason": self.status.phrase,
            "parameters": list(self.parameters),
        }


def not_found(code: str, what: str, name: str) -> ApiError:
    """Return the error for something that is not there."""
    return ApiError(HTTPStatus.NOT_FOUND, code, f"No {what} with the name or id {name} exists.", name)
