# SPDX-License-Identifier: MIT
"""A boot of the board, what its attacks print meanwhile, and what the next Linux is made of."""

import argparse
import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BOARD = "sbsa"
STUB = 0x10009000000        # where no part of the next Linux lies


class Guest:
    """A boot. `results` are its attacks, `lies` those of proxies, `crews` what the crews told last."""

    running = set()

    def __init__(self, name, words, command, share, timeout):
        self.log = f"{TOP}/build/{BOARD}/log/realtime-{name}"
        self.begun, self.results, self.lies, self.crews, self.rest = None, [], [], {}, []
        shutil.rmtree(self.log, ignore_errors=True)     # what an earlier run left proves nothing
        os.makedirs(self.log)
        for name in ("console", "secure", "device"):
            open(f"{self.log}/{name}.log", "wb").close()
        self.errors = open(f"{self.log}.err", "w+b")
        self.process = subprocess.Popen(
            [f"{TOP}/boot/qemu/run", "-b", BOARD, "-s", share, "-l", self.log, "-t", str(timeout),
             "--append", "kvm-arm.mode=none", *words, "--", command], stdout=subprocess.PIPE, stderr=self.errors, text=True)
        Guest.running.add(self.process)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            if line.startswith("@@begin "):
                self.begun = line.split()[1]
            elif line.startswith("@@lie "):
                self.lies.append(self.parse(line))
            elif line.startswith("@@assault "):
                self.results.append(self.parse(line))
                self.begun = None
            elif line.startswith("@@crew "):
                name, fields = self.parse(line)
                self.crews[name, line.split()[2]] = fields
            else:
                self.rest.append(line.rstrip())

    @staticmethod
    def parse(line):
        _, name, *words = line.split()
        fields = {}
        for key, value in (word.split("=") for word in words if "=" in word):
            fields[key] = [int(number) for number in value.split(",")] if "," in value else int(value)
        return name, fields

    def consoles_show(self, proof, seconds=900):
        """Waits for that expression. Not for longer than a busy machine can need."""
        for _ in range(seconds * 5):
            for name in ("console", "secure"):
                with open(f"{self.log}/{name}.log", errors="replace") as console:
                    if re.search(proof, console.read(), re.M):
                        return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.2)
        return False

    def finish(self):
        status = self.process.wait()
        Guest.running.discard(self.process)
        self.reader.join()
        return status

    def stop(self):
        self.process.terminate()
        self.finish()

    @classmethod
    def end_all(cls):
        """From a handler of signals, while other threads wait for them."""
        for process in list(cls.running):
            process.terminate()
        for process in list(cls.running):
            process.wait()

    def trouble(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace") + "".join(f"{line}\n" for line in self.rest[-20:])


def load_launcher():
    loader = importlib.machinery.SourceFileLoader("launcher", f"{TOP}/boot/qemu/run")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("launcher", loader))
    loader.exec_module(module)
    return module


def kexec(share):
    """Puts what the next Linux needs where the guest sees it; returns the command that starts it."""
    launcher = load_launcher()
    linux, _ = launcher.read_board(BOARD)
    folder, build = f"{share}/kexec", f"{TOP}/build/{BOARD}"
    os.makedirs(folder, exist_ok=True)
    shutil.copyfile(os.path.realpath(f"{TOP}/build/linux/Image"), f"{folder}/image")
    job = {"job": "shell"}
    size = launcher.write_initrd(f"{folder}/initrd", f"{build}/initramfs.cpio", job, "")
    launch = argparse.Namespace(memory="1G", smp=1)
    cmdline = launcher.CMDLINE.replace("rdinit=/init", 'rdinit=/bin/busybox') + ' -- sh -c "echo kexec: the next Linux is here; while :; do :; done"'
    launcher.write_dtb(f"{folder}/dtb", f"{build}/board.dtb", linux, launch, cmdline, size)
    return "/tmp/t/bin/kexec " + " ".join(f"/mnt/host/kexec/{name} {linux[key]}" for name, key in
                                          (("image", "kernel"), ("initrd", "initrd"), ("dtb", "dtb"))) + f" {STUB:#x}"
