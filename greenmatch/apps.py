"""Stock Django admin, opened only through the site's own sign-in, with its limits and second
factor.
"""

from django.contrib.admin.apps import AdminConfig


class SiteAdminConfig(AdminConfig):
    default_site = "greenmatch.admin_site.SiteAdmin"
