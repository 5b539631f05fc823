# SPDX-License-Identifier: MIT
"""The boots of the bench: what QEMU adds to the board for it, and the lines that the guest prints (bench/guest/duel.c)."""

import os
import shlex
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SLOW_DISK = 20 << 20    # bytes a second, which is slower than the emulator
PEER = {"echo": 7007, "source": 7019, "sink": 7009}    # bench/guest/peer.h


def devices(folder):
    """A second disk, throttled, and a second card, behind which there is nothing but a peer on this machine, which QEMU starts."""
    def quoted(path):
        return path.replace(",", ",,")
    peers = "".join(f",guestfwd=tcp:10.0.3.100:{port}-cmd:{quoted(folder)}/peer.host {port}" for port in PEER.values())
    return ["-netdev", "user,id=peer,net=10.0.3.0/24,restrict=on" + peers,
            "-device", "virtio-net-pci,netdev=peer,romfile=,mac=52:54:00:00:00:02",
            "-drive", f"if=none,id=slow,format=raw,snapshot=on,file={quoted(TOP)}/build/disk.ext4,throttling.bps-total={SLOW_DISK}",
            "-device", "virtio-blk-pci,drive=slow,serial=slow"]


def lines(args, instrument, pairs, run_options):
    """Yields the words of each line that the guest prints, as it prints them."""
    words = ["sh", "./run", instrument["name"], str(pairs), str(instrument["least"]), run_options, *args.patterns]
    command = [f"{TOP}/boot/qemu/run", "-b", args.board, "-t", str(instrument["seconds"]), "--smp", str(instrument["smp"]),
               "-l", f"{args.results}/log", "-s", args.guest, "--qemu-extra=" + shlex.join(devices(os.path.abspath(args.results)))]
    if instrument["icount"]:
        command += ["--icount", instrument["icount"]]
    command += ["--", "cd /mnt/host && " + shlex.join(words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as guest:
        for line in guest.stdout:
            yield line.split()
    if guest.returncode != 0:
        sys.exit(f"bench: the guest's status is {guest.returncode}; its consoles are in {args.results}/log")


def collect(args, instrument, pairs, run_options):
    """
    The samples of each case, and the names of those that failed: {name: {"bytes": n, "pairs": [(native ns per operation,
    enclave ns per operation, exits per operation)]}}, or {name: {"unit": u, "pairs": [(native, enclave)]}} where no time was taken.
    """
    cases, failed = {}, []
    for name, *fields in lines(args, instrument, pairs, run_options):
        if fields[0] == "failed":
            failed.append(name)
            cases.pop(name, None)
            print(f"bench: {name} {' '.join(fields)}", file=sys.stderr)
            continue
        if name not in cases:
            print(f"  BENCH   {name}", file=sys.stderr)
        if fields[0] == "fact":
            case = cases.setdefault(name, {"unit": fields[1], "pairs": []})
            case["pairs"].append((float(fields[2]), float(fields[3])))
            continue
        size, _, native, native_count, enclave, enclave_count, exits = (int(n) for n in fields)
        case = cases.setdefault(name, {"bytes": size, "pairs": []})
        case["pairs"].append((native / native_count, enclave / enclave_count, exits / enclave_count))
    return cases, failed
