"""Invoices, reminders and statements by mail: who gets them, when, and what became of each."""
