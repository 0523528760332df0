"""Converts jobs, stages and executions to table rows and back. Rows travel to PostgreSQL as JSON records."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from operator import attrgetter
from typing import Any

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.storage import Artifact
from services.gateway.db.pool import Record
from services.gateway.jobs.domain.models import (
    CacheUse,
    Execution,
    Failure,
    InputSource,
    JobRecord,
    JobStatus,
    JobWarning,
    Outcome,
    Priority,
    Stage,
    StageOutput,
    StageState,
)
from services.gateway.jobs.domain.quantity import Quantity, Unit

Row = Mapping[str, Any] | Record
FIRST_REVISION = 1
_STAGE_COLUMNS = tuple(field.name for field in fields(Stage) if field.name not in ("failure", "quantity"))
_RECORD_COLUMNS = tuple(field.name for field in fields(JobRecord) if field.name != "failure")
_stage_values = attrgetter(*_STAGE_COLUMNS)
_record_values = attrgetter(*_RECORD_COLUMNS)


def record_to_row(record: JobRecord) -> dict[str, Any]:
    row = dict(zip(_RECORD_COLUMNS, _record_values(record), strict=True))
    failure = record.failure
    return row | {
        "revision": FIRST_REVISION,
        "warnings": [asdict(warning) for warning in record.warnings] or None,
        "error_code": failure.reason if failure else None,
        "error_message": failure.message if failure else None,
    }


def record_from_row(row: Row) -> JobRecord:
    values = {name: row[name] for name in _RECORD_COLUMNS}
    values["status"] = JobStatus(row["status"])
    values["priority"] = Priority(row["priority"])
    values["warnings"] = tuple(JobWarning(**warning) for warning in row["warnings"] or ())
    return JobRecord(**values, failure=_failure(row["error_code"], row["error_message"]))


def stage_to_row(stage: Stage) -> dict[str, Any]:
    row = dict(zip(_STAGE_COLUMNS, _stage_values(stage), strict=True))
    failure, quantity = stage.failure, stage.quantity
    return row | {
        "unit": quantity.unit.value,
        "amount": quantity.amount,
        "work": quantity.work,
        "planned_seconds": quantity.media_seconds,
        "estimated": quantity.estimated,
        "inputs": sources_to_json(stage.inputs),
        "outputs": sources_to_json(stage.outputs),
        "checks": checks_to_json(stage.checks),
        "reusable": True,
        "error_reason": failure.reason if failure else None,
        "error_message": failure.message if failure else None,
    }


def stage_from_row(row: Row) -> Stage:
    values = {name: row[name] for name in _STAGE_COLUMNS}
    values["state"] = StageState(row["state"])
    values["priority"] = Priority(row["priority"])
    values["cache"] = CacheUse(row["cache"]) if row["cache"] else None
    values["inputs"] = {name: _input_from_json(source) for name, source in row["inputs"].items()}
    values["outputs"] = artifacts_from_json(row["outputs"])
    values["checks"] = checks_from_json(row["checks"])
    quantity = Quantity(
        Unit(row["unit"]), row["amount"], row["work"], row["planned_seconds"], row["estimated"]
    )
    return Stage(**values, quantity=quantity, failure=_failure(row["error_reason"], row["error_message"]))


def execution_from_row(row: Row) -> Execution:
    return Execution(
        row["stage_id"],
        row["attempt"],
        row["worker_id"],
        row["started_at"],
        row["ended_at"],
        Outcome(row["outcome"]) if row["outcome"] else None,
        _failure(row["reason"], row["message"]),
    )


def sources_to_json(sources: Mapping[str, InputSource]) -> dict[str, dict[str, Any]]:
    return {name: _source_to_json(source) for name, source in sources.items()}


def _source_to_json(source: InputSource) -> dict[str, Any]:
    """Returns what `asdict` returns, in a tenth of its time."""
    if isinstance(source, StageOutput):
        return {"stage": source.stage, "output": source.output}
    return {
        "key": source.key,
        "sha256": source.sha256,
        "media_type": source.media_type,
        "size_bytes": source.size_bytes,
    }


def artifacts_from_json(value: Mapping[str, Any]) -> dict[str, Artifact]:
    return {name: Artifact(**artifact) for name, artifact in value.items()}


def checks_to_json(checks: Sequence[QualityCheck]) -> list[dict[str, Any]] | None:
    """Returns the checks as JSON; `None` if there are none."""
    return [asdict(check) for check in checks] or None


def checks_from_json(value: Sequence[Mapping[str, Any]] | None) -> tuple[QualityCheck, ...]:
    return tuple(QualityCheck(**check) for check in value or ())


def _input_from_json(source: Mapping[str, Any]) -> InputSource:
    return StageOutput(**source) if "stage" in source else Artifact(**source)


def _failure(reason: str | None, message: str | None) -> Failure | None:
    return Failure(reason, message or "") if reason else None
