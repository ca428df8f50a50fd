"""Makes the buckets, users, policies and the quota of a MinIO that has just started.

Run by minio.py in a Python that has MinIO's client, with the server's address, and the name and
password of its administrator.
"""

import sys

# Run by `python -P`: this is MinIO's own package, and not the file of this folder.
from minio import Minio, MinioAdmin
from minio.credentials import StaticProvider

BUCKETS = ("lake", "brief", "small")
QUOTA_BYTES = 1 << 20
READS = ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"]
OF_LAKE = ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"]


def main(address: str, name: str, password: str) -> None:
    """Make them."""
    client = Minio(address, name, password, secure=False)
    for bucket in BUCKETS:
        client.make_bucket(bucket)
    admin = MinioAdmin(endpoint=address, credentials=StaticProvider(name, password), secure=False)
    admin.bucket_quota_set("small", QUOTA_BYTES)
    for user, statement in {
        "engineer": {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]},
        "analyst": {"Effect": "Allow", "Action": READS, "Resource": OF_LAKE},
        "intruder": {"Effect": "Deny", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]},
    }.items():
        admin.user_add(user, f"{user}-secret")
        admin.policy_add(user, policy={"Version": "2012-10-17", "Statement": [statement]})
        admin.policy_set(user, user=user)


if __name__ == "__main__":
    main(*sys.argv[1:])
