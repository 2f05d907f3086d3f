"""What the firm asks its clients to pay: drafts, numbers, invoices, credit notes, payments, and what recurs."""
