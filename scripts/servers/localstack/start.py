"""Starts LocalStack on Python 3.11, so that SIGTERM ends it at once.

On import LocalStack evaluates the type `threading.Lock | None`. Before Python 3.13 Lock is a function, which has no `|`;
a class whose instances are what that function returns will do.

An orderly end takes LocalStack five seconds, and half a minute on a busy machine, though it has nothing to save.
"""
import _thread
import runpy
import signal
import sys
import threading


class Lock:
    def __new__(cls):
        return _thread.allocate_lock()


def handle(number, handler, install=signal.signal):
    return handler if number == signal.SIGTERM else install(number, handler)


threading.Lock = Lock
signal.signal = handle
sys.argv = ["localstack"]
runpy.run_module("localstack.runtime.main", run_name="__main__")
