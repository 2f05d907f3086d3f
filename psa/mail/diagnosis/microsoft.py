"""What the numbers of Microsoft Entra mean.

learn.microsoft.com, “Microsoft Entra authentication and authorization error codes”.
"""

from __future__ import annotations

import re

ENTRA_CODE = re.compile(r"\baadsts(\d+)")
NUMBERS = {
    "auth_wrong_password": "50034 50126 50056",
    "account_blocked": "50053 50057",
    "auth_policy_blocked": "50005 53000 53001 53002 53003 53004 53011 530003 530031 530032 530034 530035 50020",
    "permission_missing": "50105 65001 65004 65005 90094 90095 650052 650056 650057",
    "oauth_app_misconfigured": (
        "50011 50146 50194 70001 70011 90002 90013 90014 90019 90023 500011 500113 700016 700025 700027 700030 900023"
        " 900144 900561 7000112 7000215 7000216 7000218 7000222 9002313 9002325 9002326 9002346"
    ),
    "oauth_token_invalid": (
        "50055 50058 50072 50074 50076 50078 50079 50085 50089 50097 50125 50129 50132 50133 50140 50144 50158 50173"
        " 50187 54005 65002 70000 70008 70043 500133 500121 700005 700081 700082 700083 700084"
    ),
    "server_temporary": "90006 90012 90033 90055 50196 50000",
}
ENTRA_CAUSES = {number: cause for cause, numbers in NUMBERS.items() for number in numbers.split()}
