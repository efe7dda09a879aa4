"""Starts LocalStack on Python 3.11.

On import LocalStack evaluates the type `threading.Lock | None`. Before Python 3.13 Lock is a function, which has no `|`;
a class whose instances are what that function returns will do.
"""
import _thread
import runpy
import sys
import threading


class Lock:
    def __new__(cls):
        return _thread.allocate_lock()


threading.Lock = Lock
sys.argv = ["localstack"]
runpy.run_module("localstack.runtime.main", run_name="__main__")
