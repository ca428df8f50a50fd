"""AWS's own client, to look at an S3 beside floe and to ask it for credentials for a while."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import botocore.session
from botocore.config import Config

SHORTEST_SECONDS = 900
# MinIO asks for one, and does not look at it.
ROLE = "arn:aws:iam::123456789012:role/test"


def client(
    service: str,
    endpoint: str,
    user: str = "engineer",
    secret: str | None = None,
    token: str | None = None,
) -> Any:
    """Return a client of `s3` or `sts` at an endpoint; with `token`, in that session."""
    return botocore.session.get_session().create_client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=user,
        aws_secret_access_key=secret or f"{user}-secret",
        aws_session_token=token,
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


@dataclass(frozen=True)
class Session:
    """Credentials for a while."""

    key: str
    secret: str
    token: str
    ends_at: datetime

    @property
    def properties(self) -> dict[str, str]:
        """Return them as PyIceberg names them."""
        return {
            "s3.access-key-id": self.key,
            "s3.secret-access-key": self.secret,
            "s3.session-token": self.token,
        }


def new_session(
    endpoint: str, user: str = "engineer", *paths: str, allows: tuple[str, ...] = ()
) -> Session:
    """Ask for a session of the user, for objects below `paths` (`bucket/folder`) alone, or for
    what `allows` names, anywhere."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": list(allows) or ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                "Resource": [f"arn:aws:s3:::{path}/*" for path in paths] or ["arn:aws:s3:::*"],
            }
        ],
    }
    limits = {"Policy": json.dumps(policy)} if paths or allows else {}
    got = client("sts", endpoint, user).assume_role(
        RoleArn=ROLE, RoleSessionName="test", DurationSeconds=SHORTEST_SECONDS, **limits
    )["Credentials"]
    return Session(
        got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"], got["Expiration"]
    )
