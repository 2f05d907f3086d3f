"""What servers say of the recipient: the mailbox is full, closed, moved, or there is none."""

from __future__ import annotations

from psa.mail.message.reports.reasons.notation import LIKELY, STRONG, SURE, Evidence, says

RECIPIENTS: tuple[Evidence, ...] = (
    says(
        "mailbox-full",
        SURE,
        r"""
        {box}('s mail ?box| <address>| is| was| has| too| temporarily| already|:)* ?(full|over ?-?(the )?quota)\b
        {box}( <address>| is| has| ran)* out of (\w+ )?(storage|space|quota)
        {box}…(exceed|reached|over\b|above|used up|surpass)…(quota|storage|disk|allowed size|allowance|capacity)
        {box}…(exceed|reached|over\b|above)…(limit of (messages|space)|local limit|size limit|storage limit|allocat)
        over ?-?(the |their |his |its |disk |storage |mailbox )*quota
        disk quota
        quota( is| was| has been| limit)? ?(exceed|full|violat|reached|used)
        (mailbox|user|recipient|storage|account|disk|mail|inbox)…quota…(exceed|reach|full|violat|over)
        exceed…(mailbox|inbox|storage|disk) (size |space )?(quota|limit|allocation|capacity|allowance)
        overdrawn|overdraft
        (not enough|no|insufficient|lack of)…(storage|space|quota)…(mail ?box|recipient|user|account)
        mail ?box…(no|not enough|insufficient)…(space|storage|room)
        (mailbox|inbox|account)…(storage|space) (is )?full
        (mailbox|inbox|account)…(size|storage|space|quota) (limit|quota)
        mailbox (size|storage|quota|limit)…(exceed|reach|over|full)
        (size|number)…(in|of)…(mailbox|inbox)…exceed
        too many messages (in|on) (the |this |recipient'?s? )?(mail ?box|inbox|mail ?drop)
        """,
    ),
    says(
        "mailbox-full",
        STRONG,
        r"""
        exceed…(quota|storage|allowance|local limit)
        out of (mail |email )?storage
        (not enough|insufficient|no more|no) (free |available |disk |storage |mail |mailbox )*space
        storage (limit|quota|space|allocation)
        mailbox…(limit|maximum)
        """,
    ),
    says("mailbox-full", LIKELY, "quota"),
    says(
        "over-quota",
        SURE + 5,  # whoever is full, the code is that of the mailbox
        r"""
        (domain|organi[sz]ation|company|tenant|site|group|family)('s)? (is |has |mail )*(over|exceeded|out of
          |reached)…(quota|storage|disk space)
        """,
    ),
    says(
        "suspended",
        SURE + 1,  # it will be opened again, though the word for it be "disabled"
        r"""
        temporar(y|ily) (locked|disabled|deactivat|inactive|suspended|blocked)
        (mailbox|account|user|recipient|address|inbox|domain)…temporarily (closed|unavailable)
        (domain|(your|sending|sender) (account|mailbox|user))…(disabled|deactivat|inactive)
        """,
    ),
    says(
        "suspended",
        SURE,
        r"""
        (suspend|frozen|dormant)
        not yet activ(e|ated)
        (mailbox|account|user|recipient|address|inbox|domain)…(locked|on hold|blocked|barred)
        (locked|blocked|suspended) (user|account|mailbox|recipient|address|inbox)
        account (is |has been |was )*(blocked|locked|closed for|under|limited)
        ((over|past) due|unpaid|non-?payment)
        not accepting messages
        not accepting (any )?(mail|e-?mail)s?(?! for| from)
        """,
    ),
    says(
        "mailbox-disabled",
        SURE,
        r"""
        (inactive|deactivat)
        (mailbox|account|user|recipient|address|inbox)…(disabled|not (active|enabled))
        disabled (user|account|mailbox|recipient|address|inbox)
        """,
    ),
    says(
        "mailbox-disabled",
        SURE + 5,  # closed for good, though the code says disabled
        r"""
        (mailbox|account|user|address|recipient|e-?mail|service|inbox)…(discontinued|no longer (active|available
          |valid))
        (mailbox|account|user|address|recipient|e-?mail|service|inbox)…no longer (in (use|service)|accept|used
          |monitored)
        (mailbox|account|user|address|recipient|e-?mail|service|inbox)…(closed(?! for)|expired|terminated|retired
          |cancell?ed)
        (mailbox|account|user|address|recipient|e-?mail|service|inbox)…(obsolete|out of service|abandoned|defunct)
        (mailbox|account|user|address|recipient)…(was|has been|permanently) (deleted|removed|closed)
        (closed|expired|discontinued|deleted|terminated|cancell?ed|obsolete|retired) (user|account|mailbox|address
          |e-?mail)
        (unavailable or disabled|disabled or discontinued|invalid/inactive)
        permanently (disabled|closed|deactivated)
        (is not|no longer) in (use|service)
        """,
    ),
    says(
        "moved",
        SURE + 1,
        r"""
        (user|recipient|mailbox|account|address|he|she|person|<address>)…has (been )?moved
        address (has |was |is )*(been )?changed
        moved to
        new (e-?mail )?address (is|:)
        has a new (e-?mail )?address
        user not local
        recipient no longer on
        not local; (please )?try
        (is|has been|was) replaced by
        relocated
        change of address
        changed (his|her|their|its) (e-?mail )?address
        now (at|reachable|uses)…<address>
        please (use|write to|contact|send to|update)…(new|<address>)…(instead|address|from now)
        no longer (works?|employed|with|here\b|at)
        left (the )?(company|organi[sz]ation|firm|us)
        forwarding (address|expired|order)
        """,
    ),
    says(
        "host-unknown",
        SURE,
        r"""
        (host|domain|site|server|destination|mail ?server|mx|zone|node)( ?name)?( or domain name| <host>)*…{missing}
        (host|domain|site|server|destination)( ?name)?…(not resolv|no (mx|dns|a\b|mail)|not reachable|lookup fail
          |look ?up error)
        (host|domain|site|server|destination)( ?name)?…(unresolv|unroutable|nxdomain|has no|expired|parked
          |not receive)
        unknown (host|domain|system|mail ?server|site)
        (no such|non-?existent|bad|invalid|illegal|unresolvable|unqualified|undefined|unroute?able) (host|domain|site)
        (bad|invalid|illegal|unknown) destination (host|system|domain)
        unroute?able mail domain
        nxdomain
        name or service not known
        no address associated
        null ?-?mx
        (mx|srv)( or srv)? records? indicated no
        does not (accept|receive|want|handle) (any )?(mail|e-?mail)(?! for| from)
        no (mx|mail exchanger|mail server|mail host|dns|suitable)( or (a|mx))? (record|host|server|exchanger|entry
          |found)
        (mx|a|dns|a/mx|mx/a) records?…(not found|none|missing|do(es)? not exist|could not be found|not defined)
        {isnt} (find|locate|look ?up|resolve|determine)…(host|mx|mail exchanger|domain|server|route|dns)
        (unable to|not able to|failed to) (find|locate|look ?up|resolve|determine)…(host|mx|mail exchanger|domain
          |server|dns)
        all relevant mx records point to non-existent
        mx…points? to (localhost|an? ip|nowhere|this|self)
        misspell?(t|ed) domain
        <host> does not exist
        recipient('s)? domain…(not|invalid|unknown)
        """,
    ),
    says("host-unknown", STRONG, "unroute?able (mail )?address"),
    says(
        "user-unknown",
        SURE,
        r"""
        {who}( name| address| id| account| alias| <address>|:|,)*…{missing}
        {bad}((/| or |, )?{bad})* (or \w+ )?((local|destination|final delivery|virtual|e-?mail|mail|known|to) )*{who}
        unknown to (address|recipient|us)
        no (such |valid |known |active |matching |local )*{who} (here|by that|with that|at this|of that|found|named|in
          |on|for)?
        no one (here )?(by|with) that
        no such (user|mailbox|recipient|person|address|account|local|e-?mail|mail|id|customer|name|login|alias|object)
        not (a |an |one of )?(our |my |this |the )?(known |valid |local |current |real )*(users?|mailbox
          |recipients?)\b
        not (a |an |one of )?(our |my |this |the )?(known |valid |local |current |real )*(customers?|subscribers?
          |address)\b
        do(es)? not have an? …(account|mailbox|address|user)
        (i|we) do not know
        recip(ient)?notfound
        no (account|mailbox|valid recipient)
        who is (this|that)
        nobody (here )?by that
        (undeliverable|non-deliverable) address
        was not found at
        not known (at|here|to)
        (can not route to (user|address)|unroutable address|invalid mail ?drop)
        name…not…(recogni[sz]ed|listed)
        (mis-?spelled|misspelt)
        (unable to|could not|can not) (validate|verify|resolve|find) (the )?(recipient|user|mailbox|address)
        not an (existing|active) (user|mailbox|account)
        recipient (verify|verification) (failed|error)
        (recipient|user|address) (address )?lookup (failed|error)
        """,
    ),
    says(
        "user-unknown",
        LIKELY,
        r"""
        (mailbox|account|user|recipient|address) (is )?(un|not )available
        mailbox name not allowed
        address (was |is )?rejected(?!: )
        bad destination mailbox
        can not (be )?deliver(ed)? to (this )?(user|mailbox|recipient)
        (recipient|rcpt|user) (address )?(was |is )?rejected(?!: )
        no recipients
        ambiguous
        """,
    ),
)
