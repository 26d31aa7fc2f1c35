"""The few calls to GitHub's REST API: one comment on a pull request, one issue for a stack's drift.

Both are found again by a marker and only among what the workflow's own account wrote, so that nobody's words are
written over.
"""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from delivery.drift import Issue
from delivery.errors import DeliveryError

__all__ = ["GitHub"]

_PAGE: Final = 100
_MOST_PAGES: Final = 50
_TIMEOUT_S: Final = 30
_TRIES: Final = 3
_PAUSE_S: Final = 2.0
_SERVER_ERROR: Final = 500
_REDIRECTS: Final = range(301, 309)
_LARGEST_BYTES: Final = 256 << 20
_OWN: Final = "github-actions[bot]"


def _is_safe(url: str) -> bool:
    """Whether what is sent there can be read by nobody else."""
    parts = urllib.parse.urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to whoever it names."""

    def redirect_request(self, *_arguments: Any, **_named: Any) -> None:
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class GitHub:
    """The API, for one repository.

    Attributes:
        url: The API's address: GITHUB_API_URL of a workflow.
        repository: `owner/name`: GITHUB_REPOSITORY.
        token: What the workflow was given. It is sent to `url` and nowhere else.
        account: Who writes with this token.
        pause_s: Waits that long before it tries again, then twice as long.
    """

    url: str
    repository: str
    token: str
    account: str = _OWN
    pause_s: float = _PAUSE_S

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "GitHub | None":
        """From a workflow's environment; None outside of one.

        Raises:
            DeliveryError: The address is none that a token may be sent to, or the repository is missing.
        """
        token = environ.get("GITHUB_TOKEN", "")
        if not token:
            return None
        url = environ.get("GITHUB_API_URL") or "https://api.github.com"
        if not _is_safe(url):
            raise DeliveryError(f"GITHUB_API_URL is {url!r}; allowed is https", "leave it as GitHub sets it")
        repository = environ.get("GITHUB_REPOSITORY", "")
        if repository.count("/") != 1:
            raise DeliveryError(
                f"GITHUB_REPOSITORY is {repository!r}; allowed is owner/name", "set it, or unset GITHUB_TOKEN"
            )
        return cls(url=url.rstrip("/"), repository=repository, token=token)

    def put_comment(self, pull_request: int, marker: str, body: str) -> str:
        """Write the pull request's one comment with this marker, over what it said before; return its address."""
        for one in self._all(f"issues/{pull_request}/comments?"):
            if self._is_own(one) and marker in str(one.get("body")):
                return self._address(self._call("PATCH", f"issues/comments/{one['id']}", {"body": body}))
        return self._address(self._call("POST", f"issues/{pull_request}/comments", {"body": body}))

    def put_issue(self, issue: Issue, marker: str, label: str) -> str:
        """Open, update or close the one issue with this marker, as the verdict says; return what was done."""
        found = None
        for one in self._all(f"issues?state=open&labels={urllib.parse.quote(label)}&"):
            if self._is_own(one) and "pull_request" not in one and marker in str(one.get("body")):
                found = one
                break
        if found is None:
            if issue.clean:
                return "there is no issue, and nothing to say"
            made = self._call("POST", "issues", {"title": issue.title, "body": issue.body, "labels": [label]})
            return f"opened {self._address(made)}"
        number, address = found["number"], self._address(found)
        if not issue.clean:
            self._call("PATCH", f"issues/{number}", {"title": issue.title, "body": issue.body})
            return f"updated {address}"
        self._call("POST", f"issues/{number}/comments", {"body": f"{issue.title}: closed by the nightly comparison."})
        self._call("PATCH", f"issues/{number}", {"state": "closed", "state_reason": "completed"})
        return f"closed {address}"

    def get(self, path: str) -> Any:
        """What the API answers about something of the repository."""
        return self._call("GET", path)

    def artifact(self, number: int) -> bytes:
        """An artifact's archive. GitHub keeps it elsewhere, and says where; the token is not sent there.

        Raises:
            DeliveryError: It cannot be had, or is larger than any plan.
        """
        path = f"actions/artifacts/{number}/zip"
        try:
            with self._open(self._request("GET", path)) as response:
                return self._limited(response)
        except urllib.error.HTTPError as error:
            with error:
                place = error.headers.get("Location") or ""
            if error.code not in _REDIRECTS or not _is_safe(place):
                raise DeliveryError(f"GitHub answers {path} with {error.code}", "make a new plan") from error
        try:
            with self._open(urllib.request.Request(place)) as response:  # noqa: S310 - https or loopback: `_is_safe`
                return self._limited(response)
        except OSError as error:
            raise DeliveryError(
                f"the archive of artifact {number} cannot be had: {error}", "make a new plan"
            ) from error

    @staticmethod
    def _limited(response: Any) -> bytes:
        content = bytes(response.read(_LARGEST_BYTES + 1))
        if len(content) > _LARGEST_BYTES:
            raise DeliveryError(f"the archive is larger than {_LARGEST_BYTES} bytes", "make a new plan")
        return content

    @staticmethod
    def _open(request: urllib.request.Request) -> Any:
        return urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT_S)

    def _is_own(self, thing: Mapping[str, Any]) -> bool:
        return (thing.get("user") or {}).get("login") == self.account

    @staticmethod
    def _address(thing: Mapping[str, Any]) -> str:
        return str(thing.get("html_url", ""))

    def _all(self, path: str) -> Iterator[Mapping[str, Any]]:
        for page in range(1, _MOST_PAGES + 1):
            found = self._call("GET", f"{path}per_page={_PAGE}&page={page}")
            yield from found
            if len(found) < _PAGE:
                return

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> urllib.request.Request:
        return urllib.request.Request(  # noqa: S310 - https or loopback: see `of`
            f"{self.url}/repos/{self.repository}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "User-Agent": "fashion-wallet-delivery",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        request = self._request(method, path, body)
        # What was posted may have arrived although the answer did not: it is not sent twice.
        tries = 1 if method == "POST" else _TRIES
        return self._answer(lambda: self._open(request), f"{method} {path}", tries)

    def _answer(self, send: Callable[[], Any], what: str, tries: int) -> Any:
        for left in reversed(range(tries)):
            try:
                with send() as response:
                    return json.loads(response.read() or b"{}")
            except urllib.error.HTTPError as error:
                with error:
                    said = error.read(500).decode("utf-8", "replace")
                if error.code < _SERVER_ERROR or not left:
                    fix = "give the job's token the permissions of .github/workflows, or try again later"
                    raise DeliveryError(f"GitHub answers {what} with {error.code}: {said}", fix) from error
            except (OSError, ValueError) as error:
                if not left:
                    raise DeliveryError(f"GitHub does not answer {what}: {error}", "try again later") from error
            time.sleep(self.pause_s * (tries - left))
        raise AssertionError(what)
