"""Sets up a Polaris for tests: a catalog, and a principal with roles that may do all in it."""

import json
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

__all__ = ["Management", "set_up_catalog"]


class Management:
    """Polaris's management API at `address`, for an administrator, whose token is `token`."""

    def __init__(self, address: str, client_id: str, client_secret: str) -> None:
        """Sign in."""
        self._address = urlsplit(address)
        self.token = ""
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": "PRINCIPAL_ROLE:ALL",
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._send("POST", "/api/catalog/v1/oauth/tokens", urlencode(form), headers)
        self.token = answer["access_token"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask; raises RuntimeError for what is refused."""
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.token}",
        }
        content = None if body is None else json.dumps(body)
        return self._send(method, f"/api/management/v1/{path}", content, headers)

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Any:
        secure = self._address.scheme == "https"
        connection = (HTTPSConnection if secure else HTTPConnection)(self._address.netloc)
        try:
            connection.request(method, self._address.path + path, body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            message = f"{method} {path}: {response.status} {content[:500]!r}"
            raise RuntimeError(message)
        return json.loads(content) if content else None


def set_up_catalog(
    management: Management, name: str, location: str, principal: str, **of_storage: Any
) -> tuple[str, str]:
    """Make a catalog and a principal; return the principal's id and secret.

    Tables are files on disks unless `of_storage` says something else of the storage.
    """
    storage = {"storageType": "FILE", "allowedLocations": [location], **of_storage}
    properties = {"default-base-location": location}
    catalog = {
        "name": name,
        "type": "INTERNAL",
        "properties": properties,
        "storageConfigInfo": storage,
    }
    management.call("POST", "catalogs", {"catalog": catalog})
    made = management.call("POST", "principals", {"principal": {"name": principal}})
    role = f"{principal}_role"
    management.call("POST", "principal-roles", {"principalRole": {"name": role}})
    assigned = {"principalRole": {"name": role}}
    management.call("PUT", f"principals/{quote(principal)}/principal-roles", assigned)
    roles = f"catalogs/{quote(name)}/catalog-roles"
    management.call("POST", roles, {"catalogRole": {"name": "content"}})
    grant = {"type": "catalog", "privilege": "CATALOG_MANAGE_CONTENT"}
    management.call("PUT", f"{roles}/content/grants", {"grant": grant})
    place = f"principal-roles/{quote(role)}/catalog-roles/{quote(name)}"
    management.call("PUT", place, {"catalogRole": {"name": "content"}})
    return made["credentials"]["clientId"], made["credentials"]["clientSecret"]
