"""Says what each service may do on the broker and in the object store: no more than it does."""

import json
from collections.abc import Mapping, Sequence

from services.chassis.bus.subjects import (
    CANCEL,
    ENGINES,
    STAGES,
    STATUS,
    STREAMS,
    health_subject,
    status_subject,
)
from services.cli.stack.credentials import Credentials
from services.cli.stack.servers.store_probe import BUCKET

GATEWAY = "gateway"
RESULTS = f"arn:aws:s3:::{BUCKET}/*/sha256/*"
"""The objects that services write, each under the digest of its content: none takes another's place."""
CHECKS = f"arn:aws:s3:::{BUCKET}/health/*"
"""Objects that a service stores to see whether the store does."""
Rules = dict[str, object]


def nats_users(credentials: Credentials, services: Sequence[str]) -> list[Rules]:
    """Returns the accounts of the broker: the owner's, which may do everything, and one for each service."""
    owner: Rules = {"user": credentials.nats_user, "password": credentials.nats_password}
    return [owner, *({**nats_login(credentials, each), "permissions": _may_send(each)} for each in services)]


def nats_login(credentials: Credentials, service: str) -> dict[str, str]:
    return {"user": service, "password": credentials.password("nats", service)}


def _may_send(service: str) -> Rules:
    # The client asks for answers below a prefix with its user's name: no service reads another's.
    inbox = f"_INBOX.{service}.>"
    send, read = _gateway_subjects() if service == GATEWAY else _worker_subjects(service)
    return {"publish": {"allow": [*send, inbox]}, "subscribe": {"allow": [*read, inbox]}}


def _gateway_subjects() -> tuple[list[str], list[str]]:
    verbs = ("CREATE", "UPDATE", "INFO")
    return [
        f"{STAGES}.>",
        CANCEL,
        *_checking(),
        *(f"$JS.API.STREAM.{verb}.{stream}" for verb in verbs for stream in STREAMS.values()),
        *_consuming(STREAMS[STATUS], f"{STATUS}.>"),
    ], [ENGINES]


def _worker_subjects(service: str) -> tuple[list[str], list[str]]:
    return [
        status_subject(service),
        ENGINES,
        *(f"$JS.API.STREAM.CREATE.{stream}" for stream in STREAMS.values()),
        *_checking(),
        *_consuming(STREAMS[STAGES], f"{STAGES}.{service}.>"),
    ], [CANCEL]


def _checking() -> list[str]:
    """Returns the subjects by which a client stores a message in each stream, and reads it back."""
    return [
        *(health_subject(stream) for stream in STREAMS.values()),
        *(f"$JS.API.STREAM.MSG.GET.{stream}" for stream in STREAMS.values()),
    ]


def _consuming(stream: str, subjects: str) -> list[str]:
    """Returns the subjects by which a client makes a consumer of these subjects, pulls and acknowledges."""
    return [
        f"$JS.API.CONSUMER.CREATE.{stream}.*.{subjects}",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.*",
        f"$JS.ACK.{stream}.>",
    ]


def store_identities(credentials: Credentials, services: Sequence[str]) -> Rules:
    """Returns the accounts of the object store: the owner's, and one for each service."""
    owner = _identity("likeness", credentials.s3_access_key, credentials.s3_secret_key)
    return {
        "identities": [
            {**owner, "actions": ["Admin"]},
            *(
                {**_identity(each, *store_login(credentials, each)), "policyNames": [_policy_name(each)]}
                for each in services
            ),
        ],
        "policies": [{"name": name, "content": _policy(rules)} for name, rules in POLICIES.items()],
    }


def store_login(credentials: Credentials, service: str) -> tuple[str, str]:
    """Returns access key and secret key."""
    return service, credentials.password("s3", service)


def _identity(name: str, access_key: str, secret_key: str) -> Rules:
    return {"name": name, "credentials": [{"accessKey": access_key, "secretKey": secret_key}]}


def _policy_name(service: str) -> str:
    return "gateway" if service == GATEWAY else "worker"


def _policy(rules: Mapping[str, Sequence[str]]) -> str:
    allowed = [
        {"Effect": "Allow", "Action": list(actions), "Resource": [resource]}
        for resource, actions in rules.items()
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed})


POLICIES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "gateway": {
        f"arn:aws:s3:::{BUCKET}/*": (
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:AbortMultipartUpload",
        ),
        f"arn:aws:s3:::{BUCKET}": ("s3:ListBucket", "s3:CreateBucket"),
    },
    "worker": {
        RESULTS: ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"),
        CHECKS: ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
    },
}
"""Actions by resource."""
