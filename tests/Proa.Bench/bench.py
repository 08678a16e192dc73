"""Measures proa beside tini and dumb-init and prints one Markdown table. Called by build/bench, which builds what is needed.

usage: bench.py PROA STAMP FLOOR_NOTHING FLOOR_GET BENCH_DLL SYMBOLS [--quick]
"""

import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
RESULTS = os.path.join(ROOT, "artifacts", "bench.json")

# The numbers that proa is to keep.
LIMIT_EXECUTABLE_MB = 8.1
LIMIT_RESIDENT_KB = 1000
LIMIT_ANONYMOUS_KB = 320
LIMIT_WORKER_KB = 7500
LIMIT_LONG_WATCH_KB = 13 * 1000
LIMIT_WORKER_CPU_MS = 8
LIMIT_KILL_ALL_KB = 15 * 1000
LIMIT_TIMES_TINI = 1.5
# Those in milliseconds are for a machine on which tini starts and ends in this time. Each run multiplies them by what tini takes in it.
REFERENCE_TINI_MS = 0.96
LIMIT_READY_TO_MAIN_MS = 2
LIMIT_EXIT_TO_REQUEST_MS = 3.5
LIMIT_LAST_EVENT_TO_EXIT_MS = 1.8
LIMIT_REQUESTS = {"before": 1, "during": 0, "after": 2}


class Row:
    def __init__(self, group, what, unit, values, limit=None):
        values = [float(value) for value in values]
        self.group, self.what, self.unit, self.limit = group, what, unit, limit
        self.samples = len(values)
        self.median, self.minimum, self.maximum = statistics.median(values), min(values), max(values)

    @property
    def ratio(self):
        return self.median / self.limit if self.limit else None

    @property
    def is_missed(self):
        return self.limit is not None and self.median > self.limit

    def cells(self):
        spread = ["", ""] if self.samples == 1 else [number(self.minimum), number(self.maximum)]
        limit = "" if self.limit is None else number(self.limit)
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}{' **missed**' if self.is_missed else ''}"
        if self.limit == 0:
            ratio = "**missed**" if self.is_missed else "kept"
        return [self.what, self.unit, number(self.median), *spread, limit, ratio, str(self.samples)]

    def json(self):
        return {**self.__dict__, "ratio": self.ratio, "missed": self.is_missed}


def number(value):
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value)}"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PROA_") and name != "RUST_LOG"}
    return {**kept, **more}


# ---- Start time: hyperfine, in rounds, so that what the machine does meanwhile falls on all alike. ----

def hyperfine(commands, rounds, runs, env=None):
    """Wall times in ms by name, a list for each round, and CPU times, a mean for each round: hyperfine exports no more."""
    walls = {name: [] for name in commands}
    cpus = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, "out.json")
        for turn in range(rounds):
            names = list(commands) if turn % 2 == 0 else list(reversed(commands))
            subprocess.run(
                ["hyperfine", "-N", "--style", "none", "--warmup", "5", "--runs", str(runs), "--export-json", out,
                 *[commands[name] for name in names]],
                check=True, env=env or environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
            with open(out) as file:
                for name, result in zip(names, json.load(file)["results"]):
                    walls[name].append([1000 * time for time in result["times"]])
                    cpus[name].append(1000 * (result["user"] + result["system"]))
    return walls, cpus


def starts(proa, nothing, get, dll, quick):
    rounds, runs = (6, 20) if quick else (20, 20)
    say("start time")
    # What is not of Debian is measured where the user names its executable.
    others = {"`scuttle true`": os.environ.get("SCUTTLE"), "`kubexit true`": os.environ.get("KUBEXIT")}
    plain = {
        "`true`": "/bin/true",
        "`catatonit -- true`": "/usr/bin/catatonit -- /bin/true",
        **{name: f"{path} /bin/true" for name, path in others.items() if path},
        "`tini -s -- true`": "/usr/bin/tini -s -- /bin/true",
        "`dumb-init true`": "/usr/bin/dumb-init /bin/true",
        "`proa --no-wait -- true`": f"{proa} --no-wait -- /bin/true",
        "floor: NativeAOT, `return 0`": nothing,
    }
    walls, cpus = hyperfine(plain, rounds, runs)
    tini = statistics.median(sum(walls["`tini -s -- true`"], []))
    rows = []
    for name in plain:
        rows.append(Row("Start", f"{name}: wall", "ms", sum(walls[name], [])))
        rows.append(Row("Start", f"{name}: CPU, means of rounds", "ms", cpus[name]))
    # Round by round, so that what else the machine did in one of them counts in both or not at all.
    ratios = [statistics.median(ours) / statistics.median(theirs) for ours, theirs in zip(walls["`proa --no-wait -- true`"], walls["`tini -s -- true`"])]
    rows.append(Row("Start", "`proa --no-wait -- true`: wall, medians of rounds", "times tini's", ratios, LIMIT_TIMES_TINI))

    server = subprocess.Popen(["dotnet", dll, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        where = json.loads(server.stdout.readline())
        asked = {
            "floor: NativeAOT, one TLS GET": f"{get} {where['url']} {where['token']} {where['authority']}",
            "`proa -- true`, all sidecars ready": f"{proa} --log-level error -- /bin/true",
        }
        walls, cpus = hyperfine(asked, 2 if quick else 4, 20 if quick else 50, environment(KUBECONFIG=where["kubeconfig"]))
    finally:
        server.stdin.close()
        server.wait(30)
    for name in asked:
        rows.append(Row("Start", f"{name}: wall", "ms", sum(walls[name], [])))
        rows.append(Row("Start", f"{name}: CPU, means of rounds", "ms", cpus[name]))
    return rows, tini / REFERENCE_TINI_MS


# ---- What needs an API server: measured in Proa.Bench. ----

LIFE_LIMITS = {
    "ready event to main": LIMIT_READY_TO_MAIN_MS,
    "main's exit to shutdown request": LIMIT_EXIT_TO_REQUEST_MS,
    "last event to exit": LIMIT_LAST_EVENT_TO_EXIT_MS,
    "proa: resident": LIMIT_RESIDENT_KB,
    "proa: anonymous": LIMIT_ANONYMOUS_KB,
    "proa, after a signal: resident": LIMIT_RESIDENT_KB,
    "proa, after a signal: anonymous": LIMIT_ANONYMOUS_KB,
    "wait: peak memory": LIMIT_WORKER_KB,
    "wait: CPU until it watches": LIMIT_WORKER_CPU_MS,
    "wait, after 60000 events: peak": LIMIT_LONG_WATCH_KB,
    **{f"life: requests {when} main": limit for when, limit in LIMIT_REQUESTS.items()},
}


def unit(name):
    if "CPU" in name or " to " in name:
        return "ms"
    if "requests" in name or "connections" in name or "threads" in name:
        return ""
    return "bytes" if "bytes" in name else "kB"


def limit(name, slower):
    """The limit of a row, on a machine that is so many times slower than that of REFERENCE_TINI_MS."""
    limit = LIFE_LIMITS.get(name)
    return limit * slower if limit is not None and unit(name) == "ms" else limit


def group(name):
    if " to " in name:
        return "Nothing waits on proa"
    if name.startswith("life:"):
        return "A life with all sidecars ready (main, one sidecar, one shutdown request)"
    return "Workers" if re.match("wait[:,]|shutdown:", name) else "Memory while main sleeps, after waiting over TLS"


def lives(proa, stamp, dll, slower, quick):
    arguments = ["dotnet", dll, "measure", proa, stamp] + (["--quick"] if quick else [])
    out = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, env=environment(), timeout=120 if quick else 540).stdout
    measured = json.loads(out)
    rows = [Row(group(name), name, unit(name), values, limit(name, slower)) for name, values in measured["samples"].items()]
    for step in measured["growth"]:
        what = f"{step['value']} sidecar{'s' if step['value'] > 1 else ''}" if step["what"] == "sidecars" else f"Pod of {step['value'] / 1000:g} kB"
        for name in ("wait: CPU until it watches", "wait: peak memory", "ready event to main", "shutdown: peak memory", "last event to exit"):
            rows.append(Row("Growth", f"{what} ({step['size'] / 1000:.0f} kB): {name}", unit(name), step["samples"][name]))
    for step in measured["events"]:
        name = f"{step['rate']} events/s ({step['sent']} sent in {step['seconds']:.1f} s)"
        rows.append(Row("Growth", f"{name}: CPU per event", "ms", [step["cpuMilliseconds"] / step["sent"]]))
        rows.append(Row("Growth", f"{name}: share of one core", "%", [step["cpuMilliseconds"] / step["seconds"] / 10]))
        rows.append(Row("Growth", f"{name}: worker's peak memory", "kB", [step["peak"]]))
    fleet = measured["fleet"]
    for name, value in fleet.items():
        if name not in ("processes", "window seconds"):
            rows.append(Row(f"Fleet of {fleet['processes']:.0f}, over {fleet['window seconds']:.0f} s", name, "", [value]))
    return rows


# ---- Many processes to signal: those of a PID namespace of their own. ----

MANY = """for i in $(seq 1 2000); do sleep 60 & done
"$0" run "$1" "$2" --no-wait --kill-all --kill-signal=URG --shutdown-timeout=0 --log-level=error -- /bin/true
kill -KILL -1"""


def kill_all(proa, stamp, quick):
    rows = {"CPU": [], "peak memory": []}
    for _ in range(1 if quick else 5):
        say("--kill-all with 2,000 processes")
        with tempfile.NamedTemporaryFile() as usage:
            subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", "bash", "-c", MANY, stamp, usage.name, proa],
                           check=False, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
            micro, peak = usage.read().split()
        rows["CPU"].append(int(micro) / 1000)
        rows["peak memory"].append(int(peak))
    group = "--kill-all, 2,000 processes"
    return [Row(group, "CPU", "ms", rows["CPU"]), Row(group, "peak memory", "kB", rows["peak memory"], LIMIT_KILL_ALL_KB)]


# ---- Size: by section, and by part as far as symbols tell. ----

SECTIONS = [
    ("managed code", r"__managedcode|__unbox"),
    ("native code", r"\.text.*|\.plt|\.init|\.fini|__libc_freeres_fn"),
    ("read-only data", r"\.rodata|\.note.*|\.rela.*|\.gcc_except_table"),
    ("unwind and exception tables", r"\.eh_frame.*|\.dotnet_eh_table"),
    ("written data (types, relocated tables)", r"\.data.*|\.got.*|\.tdata|__modules|\..*_array|__libc_.*"),
]

MANAGED = [
    ("proa", r"(proa|Proa)_"),
    ("YAML reader", r"YamlDotNet"),
    ("System.Net (HTTP, TLS, sockets)", r"System_Net"),
    ("System.Security (certificates)", r"System_Security|System_Formats_Asn1|.*X509"),
    ("System.Text.Json", r"System_Text_Json"),
    ("core library", r"S_P_|System_Private_CoreLib"),
    ("other framework", r"System_|Microsoft_|Internal_|Interop"),
]


def size_rows(proa, symbols, nothing, get):
    rows = [Row("Size", "executable", "MB", [os.path.getsize(proa) / 1e6], LIMIT_EXECUTABLE_MB)]
    rows.append(Row("Size", "floor: NativeAOT, `return 0`", "MB", [os.path.getsize(nothing) / 1e6]))
    rows.append(Row("Size", "floor: NativeAOT, one TLS GET", "MB", [os.path.getsize(get) / 1e6]))
    totals = dict.fromkeys((name for name, _ in SECTIONS), 0)
    for line in run("readelf", "--sections", "--wide", proa).splitlines():
        found = re.match(r"\s*\[ *\d+\] (\S+)\s+(\S+)\s+[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+)", line)
        if found and found[2] != "NOBITS":
            name = next((name for name, pattern in SECTIONS if re.fullmatch(pattern, found[1])), None)
            if name is None:  # a comment, the names of the sections
                continue
            totals[name] += int(found[3], 16)
    rows += [Row("Size", f"section group: {name}", "kB", [total / 1000]) for name, total in totals.items()]
    if os.path.exists(symbols):
        found = parts(symbols)
        rows += [Row("Size", f"symbols of: {name}", "kB", [size / 1000]) for name, size in found]
        rest = sum(totals.values()) - sum(size for _, size in found)
        rows.append(Row("Size", "without a global symbol: tables, literals, local functions", "kB", [rest / 1000]))
    return rows


def parts(symbols):
    """Bytes by part. Tables without symbols (unwinding, string literals, dispatch maps) are in no part."""
    openssl = set()
    for library in ("libcrypto.a", "libssl.a"):
        path = run("gcc", f"-print-file-name={library}").strip()
        openssl |= {line.split()[-1] for line in run("nm", "--defined-only", path).splitlines() if len(line.split()) == 3}
    totals, seen = {}, set()
    for line in run("nm", "--print-size", "--defined-only", symbols).splitlines():
        words = line.split(" ", 3)
        if len(words) < 4 or words[2] in "bB" or words[0] in seen:
            continue
        seen.add(words[0])
        name = words[3]
        if name in openssl:
            part = "OpenSSL"
        else:
            bare = re.sub(r"^(unbox_|__|<Boxed>|_ZTV\d*|\?*)+", "", name)
            part = next((part for part, pattern in MANAGED if re.match(pattern, bare)), None)
            part = part or next((part for part, pattern in MANAGED if "<" in bare and re.search("<" + pattern, bare)), "runtime, libc and what is not told apart")
        totals[part] = totals.get(part, 0) + int(words[1], 16)
    return sorted(totals.items(), key=lambda item: -item[1])


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace").stdout


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), platform.machine())
    with open("/proc/meminfo") as file:
        memory = int(file.readline().split()[1]) / 2**20
    packages = [f"{name} {run('dpkg-query', '--show', '--showformat=${Version}', name)}" for name in ("tini", "dumb-init", "catatonit", "hyperfine")]
    with open("/etc/os-release") as file:
        system = re.search('PRETTY_NAME="(.*)"', file.read())[1]
    return f"{model}, {os.cpu_count()} CPUs, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}, {system}; {', '.join(packages)}"


def print_table(rows):
    print("| what | unit | median | minimum | maximum | limit | of the limit | samples |")
    print("| --- | --- | ---: | ---: | ---: | ---: | --- | ---: |")
    last = None
    for row in rows:
        if row.group != last:
            print(f"| **{row.group}** | | | | | | | |")
            last = row.group
        print("| " + " | ".join(row.cells()) + " |")


def main(arguments):
    quick = "--quick" in arguments
    proa, stamp, nothing, get, dll, symbols = [a for a in arguments if not a.startswith("--")]
    with tempfile.TemporaryDirectory(prefix="proa-bench-") as directory:
        # A build meanwhile does not change what is measured, and each file is written afresh: how an older one lies in the page cache changes its
        # start by a tenth.
        proa, nothing, get, stamp = (shutil.copy(path, os.path.join(directory, os.path.basename(path))) for path in (proa, nothing, get, stamp))
        rows, slower = starts(proa, nothing, get, dll, quick)
        rows += lives(proa, stamp, dll, slower, quick) + kill_all(proa, stamp, quick)
        rows += size_rows(proa, symbols, nothing, get)
    order = list(dict.fromkeys(row.group for row in rows))
    rows.sort(key=lambda row: order.index(row.group))
    described = machine()
    with open(RESULTS, "w") as file:
        json.dump({"machine": described, "quick": quick, "rows": [row.json() for row in rows]}, file, indent=1)
    print(f"{described}{'; the short version' if quick else ''}\n\nThe limits in milliseconds are multiplied by {slower:.2f}, the time that tini takes "
          f"here in units of {REFERENCE_TINI_MS} ms.\n")
    print_table(rows)
    missed = [row for row in rows if row.is_missed]
    print()
    for row in missed:
        print(f"MISSED  {row.what}: {number(row.median)} {row.unit}, the limit is {number(row.limit)}")
    print(f"{sum(row.limit is not None for row in rows)} limits, {len(missed)} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
