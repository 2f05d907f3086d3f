"""What goes to a client on the firm's paper: invoices, credit notes and statements as PDF."""
