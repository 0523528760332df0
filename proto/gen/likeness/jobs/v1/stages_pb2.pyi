import datetime

from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from likeness.jobs.v1 import artifact_pb2 as _artifact_pb2
from likeness.jobs.v1 import errors_pb2 as _errors_pb2
from likeness.jobs.v1 import quality_pb2 as _quality_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StageRef(_message.Message):
    __slots__ = ("workspace_id", "job_id", "stage_id", "attempt")
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STAGE_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    workspace_id: str
    job_id: str
    stage_id: str
    attempt: int
    def __init__(self, workspace_id: _Optional[str] = ..., job_id: _Optional[str] = ..., stage_id: _Optional[str] = ..., attempt: _Optional[int] = ...) -> None: ...

class StageRequested(_message.Message):
    __slots__ = ("stage", "engine", "action_key", "task", "inputs", "timeout_seconds")
    class InputsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _artifact_pb2.Artifact
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_artifact_pb2.Artifact, _Mapping]] = ...) -> None: ...
    STAGE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    ACTION_KEY_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    stage: StageRef
    engine: str
    action_key: str
    task: _any_pb2.Any
    inputs: _containers.MessageMap[str, _artifact_pb2.Artifact]
    timeout_seconds: float
    def __init__(self, stage: _Optional[_Union[StageRef, _Mapping]] = ..., engine: _Optional[str] = ..., action_key: _Optional[str] = ..., task: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., inputs: _Optional[_Mapping[str, _artifact_pb2.Artifact]] = ..., timeout_seconds: _Optional[float] = ...) -> None: ...

class StageStarted(_message.Message):
    __slots__ = ("stage", "worker_id", "started_at")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    stage: StageRef
    worker_id: str
    started_at: _timestamp_pb2.Timestamp
    def __init__(self, stage: _Optional[_Union[StageRef, _Mapping]] = ..., worker_id: _Optional[str] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StageProgressed(_message.Message):
    __slots__ = ("stage", "worker_id", "progress")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    stage: StageRef
    worker_id: str
    progress: float
    def __init__(self, stage: _Optional[_Union[StageRef, _Mapping]] = ..., worker_id: _Optional[str] = ..., progress: _Optional[float] = ...) -> None: ...

class StageCompleted(_message.Message):
    __slots__ = ("stage", "worker_id", "outputs", "media_seconds", "completed_at", "started_at", "checks")
    class OutputsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _artifact_pb2.Artifact
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_artifact_pb2.Artifact, _Mapping]] = ...) -> None: ...
    STAGE_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    MEDIA_SECONDS_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_AT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    stage: StageRef
    worker_id: str
    outputs: _containers.MessageMap[str, _artifact_pb2.Artifact]
    media_seconds: float
    completed_at: _timestamp_pb2.Timestamp
    started_at: _timestamp_pb2.Timestamp
    checks: _containers.RepeatedCompositeFieldContainer[_quality_pb2.QualityCheck]
    def __init__(self, stage: _Optional[_Union[StageRef, _Mapping]] = ..., worker_id: _Optional[str] = ..., outputs: _Optional[_Mapping[str, _artifact_pb2.Artifact]] = ..., media_seconds: _Optional[float] = ..., completed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., checks: _Optional[_Iterable[_Union[_quality_pb2.QualityCheck, _Mapping]]] = ...) -> None: ...

class StageFailed(_message.Message):
    __slots__ = ("stage", "worker_id", "error", "started_at")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    stage: StageRef
    worker_id: str
    error: _errors_pb2.StageError
    started_at: _timestamp_pb2.Timestamp
    def __init__(self, stage: _Optional[_Union[StageRef, _Mapping]] = ..., worker_id: _Optional[str] = ..., error: _Optional[_Union[_errors_pb2.StageError, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StageReleased(_message.Message):
    __slots__ = ("stage", "worker_id")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    stage: StageRef
    worker_id: str
    def __init__(self, stage: _Optional[_Union[StageRef, _Mapping]] = ..., worker_id: _Optional[str] = ...) -> None: ...

class StageStatus(_message.Message):
    __slots__ = ("started", "progressed", "completed", "failed", "released", "traceparent")
    STARTED_FIELD_NUMBER: _ClassVar[int]
    PROGRESSED_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    started: StageStarted
    progressed: StageProgressed
    completed: StageCompleted
    failed: StageFailed
    released: StageReleased
    traceparent: str
    def __init__(self, started: _Optional[_Union[StageStarted, _Mapping]] = ..., progressed: _Optional[_Union[StageProgressed, _Mapping]] = ..., completed: _Optional[_Union[StageCompleted, _Mapping]] = ..., failed: _Optional[_Union[StageFailed, _Mapping]] = ..., released: _Optional[_Union[StageReleased, _Mapping]] = ..., traceparent: _Optional[str] = ...) -> None: ...

class StageStatuses(_message.Message):
    __slots__ = ("statuses",)
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    statuses: _containers.RepeatedCompositeFieldContainer[StageStatus]
    def __init__(self, statuses: _Optional[_Iterable[_Union[StageStatus, _Mapping]]] = ...) -> None: ...

class JobCancelled(_message.Message):
    __slots__ = ("workspace_id", "job_id")
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    workspace_id: str
    job_id: str
    def __init__(self, workspace_id: _Optional[str] = ..., job_id: _Optional[str] = ...) -> None: ...

class StageCancelled(_message.Message):
    __slots__ = ("stage", "worker_id")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    stage: StageRef
    worker_id: str
    def __init__(self, stage: _Optional[_Union[StageRef, _Mapping]] = ..., worker_id: _Optional[str] = ...) -> None: ...
