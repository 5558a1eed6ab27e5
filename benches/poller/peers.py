#!/usr/bin/env python3
"""Measures Meshboard and another that asks whether services are up, in one run.

usage: peers.py MESHBOARD BENCH [COUNT] [SECONDS]     (1000 targets and 60 s without)

MESHBOARD is the program and BENCH what `cargo bench --bench poller --no-run` built, both
optimised. Each contestant in turn asks the same COUNT targets on loopback every five
seconds, and has a quarter of a minute to warm up. Prints what its processes used, and the
ratio to Meshboard.

The other is Prometheus with its blackbox_exporter:
  apt-get install prometheus prometheus-blackbox-exporter
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

EACH = 2_500
WARM_UP_S = 15
PORT = 18_765
MEBIBYTE = 1024 * 1024


def host(number):
    return f"127.1.{number // 250}.{number % 250 + 1}"


@contextlib.contextmanager
def running(command, **options):
    """A program, which ends with the block."""
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def targets(bench, count):
    with contextlib.ExitStack() as stack:
        for first in range(0, count, EACH):
            command = [bench, "serve", str(first), str(min(EACH, count - first))]
            server = stack.enter_context(running(command, stdout=subprocess.PIPE, text=True))
            if server.stdout.readline() != "ready\n":
                raise SystemExit(f"{command} does not serve")
        yield


def used(process):
    """CPU seconds so far, resident bytes and descriptors."""
    with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
        ticks = sum(int(it) for it in file.read().rsplit(")", 1)[1].split()[11:13])
    with open(f"/proc/{process.pid}/statm", encoding="utf-8") as file:
        pages = int(file.read().split()[1])
    return (ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE"),
            len(os.listdir(f"/proc/{process.pid}/fd")))


def measured(processes, seconds):
    """Percent of a core, MiB and descriptors: the mean, the last and the most."""
    time.sleep(WARM_UP_S)
    before, start, descriptors = [used(it)[0] for it in processes], time.monotonic(), 0
    while time.monotonic() - start < seconds:
        time.sleep(1)
        descriptors = max(descriptors, sum(used(it)[2] for it in processes))
    took = time.monotonic() - start
    after = [used(it) for it in processes]
    for it in processes:
        if it.poll() is not None:
            raise SystemExit(f"{it.args[0]} ended by itself")
    cpu = sum(it[0] for it in after) - sum(before)
    return cpu / took * 100, sum(it[1] for it in after) / MEBIBYTE, descriptors


def meshboard(program, bench, folder, count, seconds):
    path = os.path.join(folder, "bench.meshboard.json")
    with open(path, "w", encoding="utf-8") as file:
        subprocess.run([bench, "project", str(count)], stdout=file, check=True)
    with running([program, "watch", path, "--format", "json"], stdout=subprocess.DEVNULL,
                 stderr=subprocess.DEVNULL) as process:
        return measured([process], seconds)


def blackbox(folder, count, seconds):
    """Prometheus, which has the exporter ask."""
    modules = os.path.join(folder, "blackbox.yml")
    with open(modules, "w", encoding="utf-8") as file:
        json.dump({"modules": {"http": {"prober": "http", "http": {"preferred_ip_protocol": "ip4"}}}}, file)
    config = os.path.join(folder, "prometheus.yml")
    urls = [f"http://{host(it)}:{PORT}/health" for it in range(count)]
    relabel = [{"source_labels": ["__address__"], "target_label": "__param_target"},
               {"source_labels": ["__param_target"], "target_label": "instance"},
               {"target_label": "__address__", "replacement": "127.0.0.1:19115"}]
    with open(config, "w", encoding="utf-8") as file:
        json.dump({"scrape_configs": [{"job_name": "up", "metrics_path": "/probe", "scrape_interval": "5s",
                                       "scrape_timeout": "4s", "params": {"module": ["http"]},
                                       "static_configs": [{"targets": urls}], "relabel_configs": relabel}]}, file)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with (running(["prometheus-blackbox-exporter", f"--config.file={modules}",
                   "--web.listen-address=127.0.0.1:19115"], **quiet) as exporter,
          running(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
                   "--web.listen-address=127.0.0.1:19090"], **quiet) as prometheus):
        return measured([exporter, prometheus], seconds)


def main():
    program, bench = (os.path.abspath(it) for it in sys.argv[1:3])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    seconds = int(sys.argv[4]) if len(sys.argv) > 4 else 60
    contestants = {
        "Meshboard": lambda folder: meshboard(program, bench, folder, count, seconds),
        "Prometheus with blackbox_exporter": lambda folder: blackbox(folder, count, seconds),
    }
    print(f"{count} targets every 5 s, {seconds} s each")
    print(f"{'':36}{'% of a core':>12}{'MiB':>8}{'descriptors':>13}{'CPU ratio':>11}{'memory ratio':>14}")
    first = None
    for name, measure in contestants.items():
        with tempfile.TemporaryDirectory() as folder, targets(bench, count):
            cpu, memory, descriptors = measure(folder)
        first = first or (cpu, memory)
        print(f"{name:36}{cpu:12.1f}{memory:8.0f}{descriptors:13}{cpu / first[0]:11.1f}{memory / first[1]:14.1f}",
              flush=True)


if __name__ == "__main__":
    main()
