"""How the stand-in refuses: Polaris's error bodies, and its answers without one."""

from typing import Any, ClassVar

__all__ = [
    "BadJsonError",
    "OAuthRefusalError",
    "RefusalError",
    "already_exists",
    "bad_argument",
    "no_namespace",
    "no_route",
    "no_table",
    "no_view",
]


class RefusalError(Exception):
    """An answer with Iceberg's error body; without a type the body is empty."""

    def __init__(self, status: int, error_type: str | None = None, message: str = "") -> None:
        """Keep the answer's parts."""
        super().__init__(message)
        self.status = status
        self.error_type = error_type
        self.message = message

    def body(self) -> dict[str, Any] | None:
        """Return what is sent."""
        if self.error_type is None:
            return None
        return {"error": {"message": self.message, "type": self.error_type, "code": self.status}}


class OAuthRefusalError(RefusalError):
    """An answer of the token endpoint, in the shape of OAuth."""

    WORDS: ClassVar[dict[str, str]] = {
        "invalid_client": "The Client is invalid",
        "invalid_request": "The request is invalid",
        "invalid_scope": "The scope is invalid",
        "unauthorized_client": "The client is not authorized",
        "unsupported_grant_type": "The grant type is invalid",
    }

    def body(self) -> dict[str, Any] | None:
        """Return what is sent."""
        code = self.error_type or ""
        return {"error": code, "error_description": self.WORDS[code], "error_uri": None}


class BadJsonError(RefusalError):
    """A body that is no JSON, or of the wrong types."""

    def __init__(self) -> None:
        """Say what Polaris says."""
        super().__init__(400, "WebApplicationException", "HTTP 400 Bad Request")


def bad_argument(message: str) -> RefusalError:
    """Return the refusal of a value."""
    return RefusalError(400, "IllegalArgumentException", message)


def already_exists(message: str) -> RefusalError:
    """Return the refusal of a name that is taken."""
    return RefusalError(409, "AlreadyExistsException", message)


def no_route() -> RefusalError:
    """Return the answer to a path below the catalog's that is none of its own."""
    return RefusalError(404, "NotFoundException", "Unable to find matching target resource method")


def no_namespace(name: str) -> RefusalError:
    """Return the answer about a namespace that does not exist."""
    return RefusalError(404, "NoSuchNamespaceException", f"Namespace does not exist: {name}")


def no_table(name: str) -> RefusalError:
    """Return the answer about a table that does not exist."""
    return RefusalError(404, "NoSuchTableException", f"Table does not exist: {name}")


def no_view(name: str) -> RefusalError:
    """Return the answer about a view that does not exist."""
    return RefusalError(404, "NoSuchViewException", f"View does not exist: {name}")
