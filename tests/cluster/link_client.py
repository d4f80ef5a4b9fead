#!/usr/bin/env python3
"""Asks an actor through a link, as a client: written from docs/wire.md alone, with nothing but the standard library.

    link_client.py HOST:PORT CLUSTER PROTOCOL MESSAGE KEY [BODY]

KEY is an id's text or, after "=", a text key; BODY is the message as JSON. Prints the reply as JSON, or the failure with exit
code 1. The secret is that of the variable TROUPE_SECRET, base64url or hexadecimal, or, where the topology has none, the
octets of the file that TROUPE_SECRET_FILE names: DATA/shared/links.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import socket
import struct
import sys

PREFACE = b"TROUPE\x00\x02"
HELLO, CHALLENGE, PROOF, WELCOME, REFUSE = 1, 2, 3, 4, 5
ASK, REPLY, FAILURE = 16, 17, 18
KEYED = 1
PATIENCE_MS = 60_000
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


class Octets(bytes):
    """What travels as bin; any other text travels as str."""


def pack(value):
    """MessagePack, of the types that the wire uses."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return b"\xcf" + struct.pack(">Q", value) if value >= 0 else b"\xd3" + struct.pack(">q", value)
    if isinstance(value, bytes):
        return b"\xc6" + struct.pack(">I", len(value)) + value
    if isinstance(value, str):
        octets = value.encode()
        return b"\xdb" + struct.pack(">I", len(octets)) + octets
    if isinstance(value, dict):
        return b"\xdf" + struct.pack(">I", len(value)) + b"".join(pack(k) + pack(v) for k, v in value.items())
    return b"\xdd" + struct.pack(">I", len(value)) + b"".join(pack(v) for v in value)


class Unpacker:
    def __init__(self, octets):
        self.octets = octets
        self.at = 0

    def take(self, count):
        self.at += count
        if self.at > len(self.octets):
            raise ValueError("the MessagePack ends too early")
        return self.octets[self.at - count : self.at]

    def number(self, form):
        return struct.unpack(">" + form, self.take(struct.calcsize(form)))[0]

    def value(self):
        tag = self.number("B")
        if tag < 0x80:
            return tag
        if tag >= 0xE0:
            return tag - 0x100
        if tag < 0x90:
            return self.map(tag & 0x0F)
        if tag < 0xA0:
            return [self.value() for _ in range(tag & 0x0F)]
        if tag < 0xC0:
            return self.take(tag & 0x1F).decode()
        simple = {0xC0: None, 0xC2: False, 0xC3: True}
        if tag in simple:
            return simple[tag]
        numbers = {0xCA: "f", 0xCB: "d", 0xCC: "B", 0xCD: "H", 0xCE: "I", 0xCF: "Q", 0xD0: "b", 0xD1: "h", 0xD2: "i", 0xD3: "q"}
        if tag in numbers:
            return self.number(numbers[tag])
        sizes = {0xC4: "B", 0xC5: "H", 0xC6: "I", 0xD9: "B", 0xDA: "H", 0xDB: "I", 0xDC: "H", 0xDD: "I", 0xDE: "H", 0xDF: "I"}
        size = self.number(sizes[tag])
        if tag <= 0xC6:
            return Octets(self.take(size))
        if tag <= 0xDB:
            return self.take(size).decode()
        return [self.value() for _ in range(size)] if tag <= 0xDD else self.map(size)

    def map(self, size):
        return {self.value(): self.value() for _ in range(size)}


def unpack(octets):
    return Unpacker(octets).value()


def id_octets(text):
    number = 0
    for digit in text:
        number = number << 5 | DIGITS.index(digit)
    return Octets(number.to_bytes(16, "big"))


def id_text(octets):
    number = int.from_bytes(octets, "big")
    return "".join(DIGITS[number >> 5 * i & 31] for i in reversed(range(26)))


class Link:
    def __init__(self, address, cluster, key):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        hello = pack(
            {
                "cluster": cluster,
                "role": "client",
                "name": "link_client.py",
                "incarnation": 0,
                "instance": Octets(os.urandom(16)),
                "nonce": Octets(os.urandom(32)),
                "loops": 1,
                "from_loop": 0,
                "to_loop": 0,
            }
        )
        self.socket.sendall(PREFACE)
        self.send(HELLO, 0, 0, hello)
        if self.receive(8) != PREFACE:
            raise ConnectionError("the other end speaks another protocol")
        challenge = self.expect(CHALLENGE)
        terms = pack({"loop": 0, "window": 1 << 20, "max_frame": 1 << 20, "facts": {}, "protocols": {}})
        proof = self.prove(key, "troupe dialer", hello, challenge, terms)
        self.send(PROOF, 0, 0, proof + terms)
        welcome = self.expect(WELCOME)
        wanted = self.prove(key, "troupe acceptor", hello, challenge, welcome[32:])
        if not hmac.compare_digest(welcome[:32], wanted):
            raise ConnectionError("the node does not know the secret")

    @staticmethod
    def prove(key, role, hello, challenge, terms):
        parts = [role.encode(), hello, challenge, terms]
        text = b"".join(struct.pack(">I", len(part)) + part for part in parts)
        return hmac.new(key, text, hashlib.sha256).digest()

    def receive(self, count):
        octets = b""
        while len(octets) < count:
            more = self.socket.recv(count - len(octets))
            if not more:
                raise ConnectionError("the node has closed the connection")
            octets += more
        return octets

    def send(self, kind, flags, request, payload):
        self.socket.sendall(struct.pack(">IBBHQ", len(payload), kind, flags, 0, request) + payload)

    def frame(self):
        size, kind, _, _, request = struct.unpack(">IBBHQ", self.receive(16))
        return kind, request, self.receive(size)

    def expect(self, wanted):
        kind, _, payload = self.frame()
        if kind == REFUSE:
            refusal = unpack(payload)
            raise ConnectionError(refusal["reason"] + ": " + refusal["detail"])
        if kind != wanted:
            raise ConnectionError(f"a frame of type {kind} came in place of {wanted}")
        return payload

    def ask(self, protocol, message, key, body):
        call = {
            "protocol": protocol,
            "message": message,
            "key": key,
            "operation": Octets(16),
            "attempt": 0,
            "one_way": False,
            "repeatable": False,
            "principal": {"kind": "anonymous", "user": Octets(16), "role": ""},
            "trace": "",
            "chain": [],
            "body": Octets(pack(body)),
        }
        self.send(ASK, KEYED, 1, struct.pack(">I", PATIENCE_MS) + pack(call))
        while True:
            kind, request, payload = self.frame()
            if kind in (REPLY, FAILURE) and request == 1:
                return kind, unpack(payload)


def readable(value):
    """Octets of an id as its text, for printing."""
    if isinstance(value, Octets):
        return id_text(value) if len(value) == 16 else value.hex()
    if isinstance(value, dict):
        return {name: readable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [readable(item) for item in value]
    return value


def the_secret():
    if "TROUPE_SECRET_FILE" in os.environ:
        with open(os.environ["TROUPE_SECRET_FILE"], "rb") as file:
            return file.read()
    text = os.environ.get("TROUPE_SECRET", "")
    if re.fullmatch(r"([0-9a-fA-F]{2})*", text):
        return bytes.fromhex(text)
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_for_links(secret):
    """HKDF-SHA256, RFC 5869: without salt, and of 32 octets one block is enough."""
    extracted = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(extracted, b"troupe links" + b"\x01", hashlib.sha256).digest()


def main():
    address, cluster, protocol, message, key = sys.argv[1:6]
    body = json.loads(sys.argv[6]) if len(sys.argv) > 6 else {}
    octets = b"\x02" + key[1:].encode() if key.startswith("=") else b"\x01" + id_octets(key)
    try:
        link = Link(address, cluster, key_for_links(the_secret()))
        kind, answer = link.ask(protocol, message, Octets(octets), body)
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(readable(answer)))
    return 0 if kind == REPLY else 1


if __name__ == "__main__":
    sys.exit(main())
