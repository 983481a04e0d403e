from deploy.local.addresses import Addresses


def obstacle():
    return "not written yet"


class Node:
    def __init__(self, d):
        self.addresses = Addresses(0)
