"""The report: a whole run as one HTML file that needs no network. `page.to_html` makes it."""
