"""What an installation may set, from the environment or a .env file; nothing else reads the environment."""

import os
from functools import lru_cache
from pathlib import Path

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SANDBOX_PREFIX = "SANDBOX"
"""Begins the numbers of sandbox certificates, and can begin no real one's."""


class Settings(BaseSettings):
    """Settings of one installation. Addresses of databases are SQLAlchemy URLs (`postgresql+asyncpg://`)."""

    model_config = SettingsConfigDict(env_prefix="TMC_", env_file=".env", extra="ignore", populate_by_name=True)

    database_url: str | None = None
    owner_database_url: str | None = None
    worker_database_url: str | None = None
    var_dir: Path = Path("var")
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    demo: bool = False
    language: str = "zh-CN"
    certificate_prefix: str = "JSJL"
    did_host: str | None = None
    sms: str = "console"
    sms_token: str = ""
    trusted_proxies: str = ""
    pool_size: int = 10
    save_pool_size: int = 8
    render_processes: int = 1
    sign_in_hours: int = 12
    staff_idle_minutes: int = 30
    key_file: Path | None = None
    log_json: bool = True

    @field_validator("certificate_prefix")
    @classmethod
    def _real_prefix(cls, value: str) -> str:
        if value.upper() == SANDBOX_PREFIX:
            raise ValueError(f"{SANDBOX_PREFIX} numbers synthetic certificates only; choose another prefix")
        return value

    @property
    def keyring_path(self) -> Path:
        """Where the master keys lie (mode 0600), outside the database; a backup holds them unless told to leave them out."""
        return self.key_file or self.var_dir / "keys" / "keyring.json"

    @property
    def files_dir(self) -> Path:
        """Where issued papers and exports are kept."""
        return self.var_dir / "files"

    @property
    def public_host(self) -> str:
        """Host part of the public address, for did:web and QR codes."""
        return self.did_host or self.base_url.split("://", 1)[-1].strip("/")

    @property
    def secure_cookies(self) -> bool:
        """Cookies carry Secure and the __Host- prefix only behind https."""
        return self.base_url.startswith("https://")


@lru_cache
def get_settings() -> Settings:
    """The settings of this process. DATABASE_URL and OWNER_DATABASE_URL without prefix are honoured too."""

    given = {
        name: value
        for name in ("database_url", "owner_database_url", "worker_database_url")
        if (value := os.environ.get(name.upper()))
    }
    return Settings(**given)  # type: ignore[arg-type]
