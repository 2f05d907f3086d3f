"""What servers say when something does not work: the network, time, the system."""

from __future__ import annotations

from psa.mail.message.reports.reasons.notation import LIKELY, STRONG, SURE, Evidence, says

FAILURES: tuple[Evidence, ...] = (
    says(
        "network",
        SURE + 1,
        r"(name service|name server|dns|name resolution|resolver)……(try again|temporar|timed ?out|timeout|servfail)",
    ),
    says(
        "network",
        SURE,
        r"""
        connection (was )?(timed? ?-?out|refused|reset|lost|dropped|closed|died|failed|aborted|broken)(?! (due
          |by poli))
        (lost|broken|dropped|interrupted) connection
        (?<!retry )(?<!retry time)(timed|time) ?-?out
        no route to host
        network (is )?(unreachable|error|problem|down|fail)
        (host|server|system|destination|<host>|<ip>)…(unreachable|not (reachable|respond|answer|available|connect)
          |is down)
        (host|server|system|destination|<host>|<ip>)…(did not (respond|answer)|no answer)
        {isnt} (be )?(connect|establish|contact|reach|open (a )?connection)
        (unable to|not able to|failed to) (connect|establish|contact|reach|open (a )?connection)
        temporary failure in name
        broken pipe
        not respond
        no answer from
        did not accept our requests? to connect
        socket
        closed (the )?connection
        greeting (failed|error|not received)
        (dead (host|peer)|host (is )?down)
        connect (to <host>|error|fail)
        """,
    ),
    says(
        "network",
        STRONG,
        r"""
        name service error
        (dns|name ?server|resolver|name resolution|lookup)…(fail|error|loop|timeout|temporar|problem)
        servfail
        malformed or unexpected name server reply
        congest
        routing (server|loop|error)
        """,
    ),
    says(
        "expired",
        STRONG,
        r"""
        (retry|delivery|queue|envelope|message|time|retries|attempts?)…(exceeded|expired|elapsed|exhausted
          |timed? ?-?out)
        expired
        (in|on) (the )?(mail )?queue (for )?(too long|longer)
        not (yet )?been (able|delivered|transmitted)…\d+ ?(days?|hours?|minutes?)
        (could|can) not (be )?deliver(ed)? (it |this |the |your )?(message |mail )*(for|within|after|in) …\d
        undeliver(able|ed) (for|after)
        not delivered (within|for|after)
        (too many|multiple|maximum|max|all|many|several|repeated)( number of)? (retries|(delivery |retry )?attempts)
        (giving|gave|given) up
        not going to try again
        retry time(out)?
        will keep trying
        (after|for) (the last )?\d+ (days|hours|minutes|seconds)
        timeout exceeded
        """,
    ),
    says("expired", LIKELY, r"delay(ed)?\b"),
    says(
        "system",
        SURE + 1,
        r"""
        procmail
        maildrop(?! box)
        \| ?/
        pipe to
        loops? back
        mail loop
        """,
    ),
    says(
        "system",
        SURE,
        r"""
        (forwarding|routing|delivery|message|alias|possible|infinite|detected)(ing)? loop
        loop(s|ing)? (detected|alert|count)
        too many (hops|received)
        (hop count|hops exceeded|maximum hop)
        (queue|spool|disk|file ?system|partition|volume|device)…(full|write error|no space)
        no space left
        (system|server|mail ?system|spool) (disk )?(is )?(full|out of (disk|space|memory))
        insufficient (system )?(storage|resources)\b
        (system|internal|server|local|mailer|configuration|config|software|i/o|write|database|protocol)( \w+)? (error
          |failure)
        (syntax|ldap|sql|transient|temporary|lookup|processing|fatal|unspecified|unexpected|data)( \w+)? (error
          |failure)
        (system|server|internal|configuration|technical)( \w+)? (problem|fault|exception|trouble|malfunction)
        (misconfigur|not configured|configuration)
        {isnt} (be )?(open|creat|writ|append|exec|lock|access|stor|sav|process|read|renam|fork|allocat)
        (unable to|failed to) (open|create|write|append|exec|execute|lock|access|store|save|process|read|rename|chdir)
        (contact|connect to|lookup|query)…(ldap|database|directory)
        service (is )?(currently |temporarily )?(unavailable|not available|down|stopped)
        (command|program|child|process|filter|script)…(died|failed|exit|returned|killed|crash)
        (command|program)…(not (recogni|implement|found)|unrecogni|unexpected|parameter|out of sequence)
        (exit (code|status|value)|mailer died|signal \d)
        transaction failed
        (improper|bad|out of) (command )?sequence
        resources? (temporarily )?(not available|low|limit|exhaust)
        (insufficient resources|low on)
        (unrecogni[sz]ed command|command not|not implemented|unimplemented)
        (duplicated? message-id|loop alert)
        protocol (error|violation)
        permission denied
        not a (directory|regular file)
        (maintenance|shutting down|shutdown|starting up)
        mailbox (is )?(locked|busy|corrupt|in use)
        lock (file|timeout)
        (mapi ?exception|storedrv|critical error|unable to process)
        """,
    ),
    says("system", SURE, r"\d+ hops"),
    says(
        "system",
        LIKELY,
        r"""
        try (again )?later
        temporary failure
        temporarily unavailable
        """,
    ),
)
