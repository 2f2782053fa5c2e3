#!/usr/bin/env python3
"""Runs the rows of the table in one run, one after the other and again, and prints medians and ratios to Go's.

usage: table.py FOLDER [ROUNDS]   (FOLDER has rows_goroutines, rows_go, rows_tokio, rows_threads)
"""
import statistics
import subprocess
import sys

ROWS = [
    # name, pieces, pieces for OS threads
    ("spawn_join", 200_000, 5_000),
    ("spawn_many", 500_000, 5_000),
    ("ping_pong", 300_000, 20_000),
    ("ping_pong_buffered", 300_000, 20_000),
    ("stream", 2_000_000, 500_000),
    ("fan_in", 500_000, 50_000),
    ("mutex", 2_000_000, 500_000),
    ("select", 300_000, 30_000),
    ("sleeping", 100_000, 5_000),
    ("scraper", 5_000, 1_000),
    ("idle_bytes", 100_000, 5_000),
]
KINDS = ["goroutines", "go", "tokio", "threads"]


def main():
    folder, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    only = sys.argv[3:]
    print("| row | " + " | ".join(KINDS) + " | ÷ Go | ÷ tokio | ÷ threads |")
    print("| --- |" + " ---: |" * (len(KINDS) + 3))
    for name, pieces, few in ROWS:
        if only and name not in only:
            continue
        took = {kind: [] for kind in KINDS}
        for _ in range(rounds):
            for kind in KINDS:
                count = few if kind == "threads" else pieces
                ran = subprocess.run([f"{folder}/rows_{kind}", name, str(count)], capture_output=True, text=True)
                took[kind].append(int(ran.stdout) if ran.returncode == 0 else float("nan"))
        medians = {kind: statistics.median(took[kind]) for kind in KINDS}
        ours = medians["goroutines"]
        ratios = " | ".join(f"{ours / medians[kind]:.2f}" for kind in KINDS[1:])
        print(f"| {name} | " + " | ".join(str(medians[kind]) for kind in KINDS) + f" | {ratios} |", flush=True)


main()
