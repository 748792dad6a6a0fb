"""A stand-in for the Mailchimp Marketing API 3.0: one account, one audience, strict and repeatable."""

from __future__ import annotations

from sandbox.mailchimp.service import API_KEY, MailchimpService

__all__ = ["API_KEY", "MailchimpService"]
