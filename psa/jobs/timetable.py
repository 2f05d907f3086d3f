"""The leader's timetable: APScheduler runs the jobs, each of them one line that delegates."""

from __future__ import annotations

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from psa import clock
from psa.billing.invoices.recurring import make_due
from psa.billing.mailing.reminders import remind_of_what_is_due
from psa.billing.mailing.sending import send_by_itself
from psa.clients.merging import follow_up
from psa.dashboard.days import keep_figures
from psa.jobs import hosts
from psa.jobs.mailboxes import Listeners, Pollers
from psa.mail.inbound.left_over import deal_with_left_over
from psa.mail.inbound.sender_checks import check_senders
from psa.mail.inbound.sent_copies import make_copies
from psa.mail.loop.dead import clear_what_is_left
from psa.mail.oauth.grants import keep_alive
from psa.mail.outbound.deliver import deliver_due
from psa.mail.outbound.retention import drop_tests, thin_out
from psa.mail.outbound.sender_watch import look_at_senders
from psa.mail.watch.checks import check_due
from psa.mail.watch.watchman import watch
from psa.notifications.digest import send_due_digests
from psa.notifications.notices import tell_of_events
from psa.projects.telling import remind_of_due_tasks

# In seconds.
EVERY = 1
EVERY_MINUTE, EVERY_TEN_MINUTES, EVERY_SIX_HOURS = 60, 600, 21_600


class Timetable:
    """Starts and stops all that the leader does."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.listeners = Listeners(app)
        self.pollers = Pollers(app)
        self.scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(8)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
        )
        self.scheduler.add_job(self.listen, "interval", seconds=EVERY, id="listen")
        self.scheduler.add_job(self.poll, "interval", seconds=EVERY, id="poll")
        # A server may think about a message for minutes: meanwhile further rounds look after the other accounts.
        self.scheduler.add_job(self.deliver, "interval", seconds=EVERY, id="deliver", max_instances=4)
        self.scheduler.add_job(self.renew, "interval", seconds=EVERY_TEN_MINUTES, id="renew")
        self.scheduler.add_job(self.finish, "interval", seconds=EVERY_MINUTE, id="finish")
        self.scheduler.add_job(self.watch, "interval", seconds=EVERY_MINUTE, id="watch")
        self.scheduler.add_job(self.check, "interval", seconds=EVERY_MINUTE, id="check")
        self.scheduler.add_job(self.follow_up, "interval", seconds=EVERY_MINUTE, id="merges")
        self.scheduler.add_job(self.clear, "interval", seconds=EVERY_MINUTE, id="clear")
        self.scheduler.add_job(self.tell, "interval", seconds=EVERY, id="tell")
        self.scheduler.add_job(self.digest, "interval", seconds=EVERY_MINUTE, id="digest")
        self.scheduler.add_job(self.look_at_senders, "interval", seconds=EVERY_TEN_MINUTES, id="senders")
        self.scheduler.add_job(self.remind, "interval", seconds=EVERY_TEN_MINUTES, id="remind")
        self.scheduler.add_job(self.recur, "interval", seconds=EVERY_TEN_MINUTES, id="recur")
        self.scheduler.add_job(self.remind_of_invoices, "interval", seconds=EVERY_TEN_MINUTES, id="invoice_reminders")
        # At once, too: the days that nobody has counted while we were down.
        self.scheduler.add_job(
            self.keep_figures, "interval", seconds=EVERY_TEN_MINUTES, id="figures", next_run_time=clock.now()
        )
        self.scheduler.add_job(self.thin_out, "interval", seconds=EVERY_SIX_HOURS, id="thin_out")
        self.scheduler.add_job(self.copy, "interval", seconds=EVERY, id="copy")
        self.scheduler.add_job(self.check_senders, "interval", seconds=EVERY, id="check_senders")

    def start(self) -> None:
        self.scheduler.start()

    def stop(self) -> None:
        """Stop without waiting for a job that talks to a slow server: whatever is cut short is found again."""
        self.scheduler.shutdown(wait=False)
        self.listeners.stop()
        self.pollers.stop()

    def listen(self) -> None:
        with self.app.app_context():
            self.listeners.tend()

    def poll(self) -> None:
        with self.app.app_context():
            self.pollers.poll_due(self.listeners.listening())

    def deliver(self) -> None:
        with self.app.app_context():
            deliver_due()

    def renew(self) -> None:
        with self.app.app_context():
            keep_alive()

    def copy(self) -> None:
        with self.app.app_context():
            make_copies()

    def check_senders(self) -> None:
        with self.app.app_context():
            check_senders()

    def tell(self) -> None:
        with self.app.app_context():
            tell_of_events()

    def digest(self) -> None:
        with self.app.app_context():
            if hosts.is_first():
                send_due_digests()

    def recur(self) -> None:
        """Every claim is by row, but the second host would only wait for the first."""
        with self.app.app_context():
            if hosts.is_first():
                make_due(send_by_itself)

    def remind_of_invoices(self) -> None:
        with self.app.app_context():
            if hosts.is_first():
                remind_of_what_is_due()

    def finish(self) -> None:
        with self.app.app_context():
            deal_with_left_over()

    def watch(self) -> None:
        """What one host has to do for all."""
        with self.app.app_context():
            if hosts.is_first():
                watch()

    def check(self) -> None:
        with self.app.app_context():
            if hosts.is_first():
                check_due()

    def look_at_senders(self) -> None:
        with self.app.app_context():
            if hosts.is_first():
                look_at_senders()

    def thin_out(self) -> None:
        with self.app.app_context():
            if hosts.is_first():
                thin_out()
                drop_tests()

    def follow_up(self) -> None:
        with self.app.app_context():
            follow_up()

    def clear(self) -> None:
        with self.app.app_context():
            if hosts.is_first():
                clear_what_is_left()

    def remind(self) -> None:
        with self.app.app_context():
            remind_of_due_tasks()

    def keep_figures(self) -> None:
        with self.app.app_context():
            if hosts.is_first():
                keep_figures()
