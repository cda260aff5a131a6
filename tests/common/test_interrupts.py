"""Handlers of signals for as long as a block runs."""

import os
import signal
import threading

from spectrograms._common.interrupts import handling


def test_a_handler_is_there_for_the_block_and_gone_after_it():
    received = []
    before = signal.getsignal(signal.SIGTERM)
    with handling(lambda number, frame: received.append(number), signal.SIGTERM):
        os.kill(os.getpid(), signal.SIGTERM)
        while not received:
            pass
    assert received == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_handler_of_before_is_back_after_an_error():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    try:
        with handling(print, signal.SIGINT, signal.SIGTERM):
            assert signal.getsignal(signal.SIGINT) is print
            raise ValueError
    except ValueError:
        pass
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_other_threads_change_nothing():
    before = signal.getsignal(signal.SIGTERM)
    found = []

    def run():
        with handling(print, signal.SIGTERM):
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [before]
