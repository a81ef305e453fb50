"""Which names mean a secret of SendGrid, and which of those are given to every browser.

The definition is one for all rules: ``SENDGRID_API_KEY``, ``sendGridApiKey``, ``sendgrid.api-key``, ``SG_API_KEY``, but
not ``SENDGRID_API_KEY_ID``, ``SENDGRID_FROM`` or the webhook's verification key, which is public.
"""

from __future__ import annotations

import re

_SEPARATOR = r"[_.:\s-]*"
_SECRET = re.compile(
    r"(?:(?:.*_)?send_?grid(?:_.*)?_?(?:api_?key|key|token|secret|password|passwd|passphrase|pass|pwd)|(?:.*_)?sg_(?:api_?)?key"
    r"|(?:.*_)?sendgridkey)"
)
_NEVER = re.compile(
    r".*(?:key_id|key_name|secret_name|secret_arn|arn|_file|_path|_version|template_id|list_id|group_id|from|from_email|from_name"
    r"|sender(?:_name|_email)?|_to|email|domain|url|host|port|region|enabled)|.*(?:public|verification|verify|webhook_key).*"
)
PUBLIC_PREFIX = re.compile(
    r"(?:NEXT_PUBLIC|REACT_APP|VITE|EXPO_PUBLIC|NUXT_PUBLIC|NUXT_ENV|GATSBY|VUE_APP|PUBLIC|NG_APP|STORYBOOK|SNOWPACK_PUBLIC"
    r"|RSBUILD_PUBLIC|RSPACK_PUBLIC|PARCEL_PUBLIC|TAURI_PUBLIC|REDWOOD_ENV|BUN_PUBLIC|PLASMO_PUBLIC|WXT)_(?=.)"
)


def is_secret_name(name: str) -> bool:
    """Whether a name, in any writing and case, is one of a SendGrid secret."""
    snake = _snake(name)
    return bool(_SECRET.fullmatch(snake)) and not _NEVER.fullmatch(_without_public_prefix(snake))


def is_client_exposed(name: str) -> bool:
    """Whether a name is one of a SendGrid secret that a build tool puts into what it gives to browsers."""
    prefix = PUBLIC_PREFIX.match(name)
    return prefix is not None and is_secret_name(name[prefix.end() :])


def _snake(name: str) -> str:
    """``sendGridApiKey``, ``SendGrid:ApiKey`` and ``sendgrid-api.key`` as ``sendgrid_api_key``."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_").replace("send_grid", "sendgrid")


def _without_public_prefix(snake: str) -> str:
    prefix = PUBLIC_PREFIX.match(snake.upper())
    return snake[prefix.end() :] if prefix else snake
