"""What the numbers of Microsoft Entra mean.

learn.microsoft.com, “Microsoft Entra authentication and authorization error codes”.
"""

from __future__ import annotations

import re

ENTRA_CODE = re.compile(r"\baadsts(\d+)")
NUMBERS = {
    "auth_wrong_password": "50034 50126",
    "account_blocked": "50053 50057",
    "auth_policy_blocked": "50005 53000 53001 53002 53003 53004 530031 530032",
    "permission_missing": "50105 65001 65004 650052 650056",
    "oauth_app_misconfigured": "50011 500011 700016 7000215 7000218 7000222 90002 9002313",
    "oauth_token_invalid": (
        "50055 50058 50076 50078 50079 50089 50097 50132 50133 50173 54005 70000 70008 700081 700082 700084"
    ),
    "server_temporary": "90033 50196",
}
ENTRA_CAUSES = {number: cause for cause, numbers in NUMBERS.items() for number in numbers.split()}
