"""How each cause shows itself in words, in the order in which they are looked for.

A sign matches meaning, not sentences: families of words that servers of every make use for one thing. What is most
telling comes first; a sign that would be read wrongly elsewhere is tied to the stages or codes where it means what it
says.
"""

from __future__ import annotations

from psa.mail.diagnosis.login_signs import SIGNING_IN, TOKENS
from psa.mail.diagnosis.mail_signs import READING, SENDING, SERVER
from psa.mail.diagnosis.network_signs import CERTIFICATES, NAMES, NETWORK
from psa.mail.diagnosis.sign import Sign

# Order of looking. Signs of the network come first: they are made by libraries, whose words are few and sure.
SIGNS: tuple[Sign, ...] = (*NAMES, *CERTIFICATES, *NETWORK, *TOKENS, *SIGNING_IN, *READING, *SENDING, *SERVER)
