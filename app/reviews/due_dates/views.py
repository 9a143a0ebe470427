"""All pages of dates, and the feed."""

from app.reviews.due_dates import calendar_views, feed_views
from app.reviews.due_dates.blueprint import blueprint

__all__ = ["blueprint", "calendar_views", "feed_views"]
