"""TLS contexts from PEM texts: Python's ssl reads client certificates from files only, so one lives for a moment."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

from shared.errors import FieldError, InvalidInput
from shared.kubernetes.connection.configuration import ClusterConfiguration


def context_for(configuration: ClusterConfiguration) -> ssl.SSLContext:
    """
    Return the context for one cluster, verifying unless that was switched off explicitly.

    :raises InvalidInput: the client key does not fit its certificate, or is no PEM
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # names are alternative names; what stands in a subject is no name of a server
    context.hostname_checks_common_name = False
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif configuration.ca_cert_data:
        context.load_verify_locations(cadata=configuration.ca_cert_data)
    else:
        context.load_default_certs()
    if configuration.client_certificate and configuration.client_key:
        _load_client(context, f"{configuration.client_certificate}\n{configuration.client_key}")
    return context


def _load_client(context: ssl.SSLContext, pem: str) -> None:
    # mkstemp makes it readable by this user only; it is gone before anything is sent
    descriptor, path = tempfile.mkstemp(prefix="kubeorch-client-")
    try:
        os.write(descriptor, pem.encode())
        os.close(descriptor)
        context.load_cert_chain(path)
    except ssl.SSLError as error:
        message = "does not fit the client certificate, or is not in PEM form"
        raise InvalidInput(f"client_key {message}.", fields=[FieldError("client_key", message)]) from error
    finally:
        Path(path).unlink()
