"""Mail, by whatever backend Django is set to: SMTP, a provider through anymail, a file, the console."""

from __future__ import annotations

from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from anymail.exceptions import AnymailRecipientsRefused, AnymailUnsupportedFeature
from django.core.mail import EmailMultiAlternatives, get_connection

from classbook.notifications.channels import Failed, Undeliverable
from classbook.notifications.models import Delivery
from classbook.notifications.rendering import html_of

# Tells other machines that nobody sits behind this mail, so that none answers it (RFC 3834).
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


class EmailChannel:
    """One connection for all mails of a round."""

    def __init__(self) -> None:
        self.connection: Any = get_connection()

    def send(self, delivery: Delivery) -> None:
        """Hand the mail over. Raises Undeliverable or Failed."""
        try:
            html = html_of(delivery.subject, delivery.text, delivery.locale)
            message = EmailMultiAlternatives(
                delivery.subject, delivery.text, to=[delivery.address], connection=self.connection, headers=HEADERS
            )
            message.attach_alternative(html, "text/html")
            self.connection.open()
            message.send()
        except SMTPRecipientsRefused as error:
            code = min((answer[0] for answer in error.recipients.values()), default=500)
            raise (Undeliverable if code >= 500 else Failed)(f"The mail server answers {code}.") from None
        except SMTPResponseException as error:
            self.connection.close()
            raise Failed(f"The mail server answers {error.smtp_code}.") from None
        except AnymailUnsupportedFeature as error:
            # The provider's fault, not the address's, though Python calls it a value's.
            raise Failed(type(error).__name__) from None
        except (ValueError, AnymailRecipientsRefused) as error:
            # No address at all, or a line break in it, or one that the provider will not send to.
            raise Undeliverable(type(error).__name__) from None
        except Exception as error:
            # The network, or whatever a provider's library raises: one message must not stop all others.
            self.connection.close()
            raise Failed(type(error).__name__) from None

    def close(self) -> None:
        """End the connection."""
        self.connection.close()
