"""The forms of Outbound and Inbound."""

from psa.mail.forms.inbound import InboundForm
from psa.mail.forms.outbound import OutboundForm
from psa.mail.forms.server import ENTER_AGAIN, ServerForm

__all__ = ["ENTER_AGAIN", "InboundForm", "OutboundForm", "ServerForm"]
