"""A client of the shop, and a load whose every answer is remembered and looked up again."""

import http.client
import json
import threading
import uuid

EMAIL, PASSWORD = "admin@shop.test", "correct horse battery"  # as in tests/shop
STOCK = 100_000


class Refused(Exception):
    """The shop said no, or nobody listens: certainly nothing was done."""


class Unknown(Exception):
    """The connection ended without an answer, or the answer is that nobody knows."""


class Client:
    """Each request has a connection of its own: one that is kept may be closed as the next request is sent."""

    def __init__(self, address, token=None):
        self._host, port = address.rsplit(":", 1)
        self._port = int(port)
        self._token = token

    def ask(self, method, target, body=None, key=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self._token:
            headers["Authorization"] = "Bearer " + self._token
        if key:
            headers["Idempotency-Key"] = key
        connection = http.client.HTTPConnection(self._host, self._port, timeout=30)
        try:
            try:
                connection.connect()
            except OSError as error:
                raise Refused(str(error)) from error
            try:
                connection.request(method, target, None if body is None else json.dumps(body), headers)
                answer = connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException) as error:
                raise Unknown(f"{method} {target}: {type(error).__name__} {error}") from error
            if answer.status == 504:
                raise Unknown(f"{method} {target}: 504")
            if answer.status >= 400:
                raise Refused(f"{method} {target}: {answer.status} {text.decode()}")
            return json.loads(text) if text else None
        finally:
            connection.close()

    def sign_in(self, email, password):
        self._token = self.ask("POST", "/sessions", {"email": email, "password": password})["token"]
        return self


def admin(address):
    return Client(address).sign_in(EMAIL, PASSWORD)


def customer(address):
    email = f"{uuid.uuid4().hex}@shop.test"
    Client(address).ask("POST", "/users", {"email": email, "name": "Ada", "password": PASSWORD})
    return Client(address).sign_in(email, PASSWORD)


def product(address, stock=STOCK):
    body = {"name": "Lamp", "price": {"amount": 1999, "currency": "USD"}, "stock": stock}
    return admin(address).ask("POST", "/products", body)["id"]


def order_of(product_id):
    return {"items": [{"product_id": product_id, "quantity": 1}]}


class Load:
    """Customers that place one order after the other, and repeat each by its key until it is answered."""

    def __init__(self, address, customers=4):
        self._stopping = threading.Event()
        self.product = product(address)
        self.placed = []  # ids of orders that were answered with 201
        self.refused = 0
        self.unanswered = []  # what became of requests that ended without an answer
        self._clients = [customer(address) for _ in range(customers)]
        self._threads = [threading.Thread(target=self._place, args=(client,), daemon=True) for client in self._clients]
        for thread in self._threads:
            thread.start()

    def _place(self, client):
        key = uuid.uuid4().hex
        while not self._stopping.is_set():
            try:
                self.placed.append(client.ask("POST", "/orders", order_of(self.product), key)["id"])
                key = uuid.uuid4().hex
            except Refused:
                self.refused += 1
                self._stopping.wait(0.05)
            except Unknown as error:
                self.unanswered.append(str(error))

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def lost(self, address):
        """What was answered and is not there any more; units of the stock that are neither free nor in an order."""
        boss = admin(address)
        seen, cursor = set(), ""
        while cursor is not None:
            page = boss.ask("GET", "/orders?limit=200" + (f"&cursor={cursor}" if cursor else ""))
            seen.update(order["id"] for order in page["items"]
                        if order["items"][0]["product_id"] == self.product)
            cursor = page["next_cursor"]
        shelf = boss.ask("GET", "/products/" + self.product)
        return {"orders": sorted(set(self.placed) - seen), "twice": len(self.placed) - len(set(self.placed)),
                "units": STOCK - shelf["stock"] - shelf["reserved"], "too_many_reserved": shelf["reserved"] - len(seen)}


NOTHING_LOST = {"orders": [], "twice": 0, "units": 0, "too_many_reserved": 0}
