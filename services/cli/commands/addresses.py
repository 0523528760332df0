"""Prints the addresses and the key of the local stack."""

from services.cli.stack.credentials import load_credentials
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.state import running_state


def print_addresses(folder: DataFolder) -> None:
    """Prints a line for each address, never cut or wrapped, so that it can be copied. Prints nothing if no
    stack runs."""
    state = running_state(folder.state)
    if state is None:
        return
    credentials = load_credentials(folder.credentials)
    for name, value in (
        ("API", state.url),
        ("docs", state.docs_url),
        ("API key", credentials.api_key),
        ("data", state.data),
        ("logs", str(folder.logs)),
        ("S3", f"{state.s3_url}  (keys in {folder.credentials.name})"),
        ("NATS", f"nats://{state.nats_address}  (password in {folder.credentials.name})"),
        ("PostgreSQL", state.database_url),
    ):
        print(f"{name:<10}  {value}", flush=True)
