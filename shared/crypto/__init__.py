"""
Secrets at rest: envelope encryption with a key ring.

Each record has its own random 256-bit data key. The data is encrypted with it (AES-256-GCM, the record's place as
additional data, so that a ciphertext moved to another record does not open), and the data key with the ring's first
key (AES-256-GCM, place and key id as additional data), so that rotating a key re-wraps the data key only.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import InvalidInput, NeedsReentry

KEY_BYTES = 32
NONCE_BYTES = 12
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}")


class KeyRing:
    """
    The keys that open what is stored; the first one encrypts.

    :param keys: id → 32 bytes, in order
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self.active = next(iter(self._keys))

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """
        Read ``id:base64,id:base64``.

        :raises InvalidInput: no key, a malformed or repeated id, or a key that has not 32 bytes; keys are not echoed
        """
        keys: dict[str, bytes] = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            key_id, _, encoded = part.partition(":")
            if not _KEY_ID.fullmatch(key_id) or key_id in keys:
                raise _malformed("each key needs an id of its own, letters and digits, before the colon")
            try:
                keys[key_id] = base64.b64decode(encoded, validate=True)
            except binascii.Error as error:
                raise _malformed(f"the key {key_id} is not base64") from error
            if len(keys[key_id]) != KEY_BYTES:
                raise _malformed(f"the key {key_id} has {len(keys[key_id])} bytes, {KEY_BYTES} are needed")
        if not keys:
            raise _malformed("it is empty")
        return cls(keys)

    @property
    def ids(self) -> list[str]:
        """Ids of all keys, the active one first."""
        return list(self._keys)

    def seal(self, plaintext: bytes, *, context: str) -> dict[str, Any]:
        """
        Encrypt a value for one place.

        :param context: collection, document id and field: ``clusters/6650…/credentials``
        :return: what is stored: ``{key_id, wrapped_key, data}``, bytes with their nonce in front
        """
        data_key = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
        return {
            "key_id": self.active,
            "wrapped_key": _encrypt(self._keys[self.active], data_key, f"{context}|{self.active}"),
            "data": _encrypt(data_key, plaintext, context),
        }

    def open(self, sealed: Mapping[str, Any], *, context: str) -> bytes:
        """
        Decrypt a value of one place.

        :raises NeedsReentry: its key is not on the ring, or the record was damaged or moved
        """
        key_id = str(sealed.get("key_id", ""))
        key = self._keys.get(key_id)
        if key is None:
            msg = f"It was encrypted with the key {key_id or '(none)'}, which is not on the key ring: enter it again."
            raise NeedsReentry(msg)
        try:
            data_key = _decrypt(key, sealed["wrapped_key"], f"{context}|{key_id}")
            return _decrypt(data_key, sealed["data"], context)
        except (InvalidTag, KeyError, ValueError, TypeError) as error:
            raise NeedsReentry("The stored value cannot be opened with the keys at hand: enter it again.") from error

    def rewrap(self, sealed: Mapping[str, Any], *, context: str) -> dict[str, Any]:
        """Wrap a record's data key with the active key; the data stays as it is."""
        key_id = str(sealed.get("key_id", ""))
        if key_id == self.active:
            return dict(sealed)
        self.open(sealed, context=context)
        data_key = _decrypt(self._keys[key_id], sealed["wrapped_key"], f"{context}|{key_id}")
        wrapped = _encrypt(self._keys[self.active], data_key, f"{context}|{self.active}")
        return {**sealed, "key_id": self.active, "wrapped_key": wrapped}


def _encrypt(key: bytes, plaintext: bytes, associated: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, associated.encode())


def _decrypt(key: bytes, stored: bytes, associated: str) -> bytes:
    stored = bytes(stored)
    return AESGCM(key).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], associated.encode())


def _malformed(why: str) -> InvalidInput:
    msg = f"KUBEORCH_KEYRING is malformed: {why}. Expected id:base64,id:base64 with 32 random bytes each."
    return InvalidInput(msg, code="keyring-malformed")
