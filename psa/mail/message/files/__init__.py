"""What a message carries: attachments under their names and types, winmail.dat opened, RTF read."""
