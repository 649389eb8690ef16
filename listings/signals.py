"""What listings announce to matching."""

from django.dispatch import Signal

listing_published = Signal()  # listing: became public, or its public content changed
listing_hidden = Signal()  # listing: is no longer public
