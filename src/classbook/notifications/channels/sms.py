"""Text messages through the gateway of the settings."""

from __future__ import annotations

from classbook.common.sms import SmsFailed, SmsRefused, send_sms
from classbook.notifications.channels import Failed, Undeliverable
from classbook.notifications.models import Delivery


class SmsChannel:
    """Each message is a request of its own."""

    def send(self, delivery: Delivery) -> None:
        """Hand the message over. Raises Undeliverable or Failed."""
        try:
            send_sms(delivery.address, delivery.text)
        except SmsRefused as error:
            raise Undeliverable(str(error)) from None
        except SmsFailed as error:
            raise Failed(str(error)) from None

    def close(self) -> None:
        """Nothing is kept open."""
