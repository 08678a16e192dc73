"""hostile.py PROA LAUNCH PUPPET BENCH SECONDS [SEED]: lives of proa where a system call is denied or a limit is low, chosen by chance.

Whatever is missing, proa ends, with main's exit code or with one of its own and a reason on stderr, and takes little memory. A life in which
main alone, or the .NET runtime, cannot even start is none of proa's. The seed is printed, and makes the same lives again.
"""
import json
import os
import random
import select
import subprocess
import sys
import time

MAINS_CODE = 7
OWN_CODES = (124, 125, 126, 127)
ERRORS = ("EPERM", "ENOSYS", "EACCES", "EINVAL", "ENOMEM", "EAGAIN")
MOST_KILOBYTES = 48 * 1024  # of one process
# A worker that hangs is found after a minute.
PATIENCE = 100

# Nothing at all runs without these.
INDISPENSABLE = {
    "brk", "clone", "close", "execve", "exit", "exit_group", "fork", "futex", "mmap", "mprotect", "munmap", "read", "rt_sigaction",
    "rt_sigprocmask", "rt_sigreturn", "vfork", "wait4", "write",
}

MEGABYTE = 1 << 20
LIMITS = {
    "AS": [size * MEGABYTE for size in (64, 96, 128, 192, 256, 384, 512, 1024, 16384)],
    "CORE": [0],
    "CPU": [1, 2],
    "DATA": [size * MEGABYTE for size in (12, 16, 20, 24, 32, 48, 64, 128)],
    "FSIZE": [0, 1, 1024, 4096],
    "MEMLOCK": [0],
    "NOFILE": [4, 5, 6, 7, 8, 9, 10, 12, 16],
    "NPROC": list(range(3, 14)),
    "SIGPENDING": [0, 1, 10],
    "STACK": [size * 1024 for size in (64, 128, 256, 512, 1024, 65536, 16 << 20, 1 << 30)],
}
USER = 61734  # a limit of processes counts by user: this one has no others


class Life:
    def __init__(self, conditions, command, variables):
        self.conditions = conditions
        # A pipe: a limit of files' sizes is none of its.
        errors, writable = os.pipe()
        begun = time.monotonic()
        process = subprocess.Popen([*conditions, "--", *command], env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writable, start_new_session=True)
        os.close(writable)
        self.hangs = not ended_within(process.pid, PATIENCE)
        if self.hangs:
            os.killpg(process.pid, 9)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        self.code = os.waitstatus_to_exitcode(status)
        self.kilobytes = usage.ru_maxrss
        self.seconds = time.monotonic() - begun
        os.set_blocking(errors, False)
        with open(errors, "rb", buffering=0) as pipe:
            self.said = (pipe.readall() or b"").decode(errors="replace").strip()


def ended_within(pid, seconds):
    end = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(end, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(end)


def choose(chance, calls):
    conditions = []
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        conditions += ["--deny", f"{chance.choice(calls)}={chance.choice(ERRORS)}"]
    for _ in range(chance.choice((0, 1, 1, 2)) if conditions else chance.choice((1, 2))):
        name = chance.choice(list(LIMITS))
        conditions += ["--limit", f"{name}={chance.choice(LIMITS[name])}"]
    return conditions


def problem(life):
    if life.hangs:
        return "it hangs"
    if life.kilobytes > MOST_KILOBYTES:
        return f"it takes {life.kilobytes} kB"
    if life.code != MAINS_CODE and life.code not in OWN_CODES:
        return f"it ends with {life.code}"
    if life.code != MAINS_CODE and not life.said:
        return f"it ends with {life.code} without a word"
    return None


def main():
    proa, launch, puppet, bench, seconds = sys.argv[1:6]
    seed = int(sys.argv[6]) if len(sys.argv) > 6 else int(time.time())
    chance = random.Random(seed)
    calls = [call for call in subprocess.check_output([launch, "--list"], text=True).split() if call not in INDISPENSABLE]
    user = ["--user", str(USER)] if os.geteuid() == 0 else []
    server = subprocess.Popen(["dotnet", bench, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    where = json.loads(server.stdout.readline())["kubeconfig"]
    os.chmod(os.path.dirname(where), 0o755)
    os.chmod(where, 0o644)
    variables = {name: os.environ[name] for name in ("STRESS_RUN",) if name in os.environ} | {"PATH": "/usr/bin:/bin", "HOME": "/", "KUBECONFIG": where, "PROA_LOG_FORMAT": "text"}
    options = ["--container", "main", "--ready-timeout", "3s", "--shutdown-timeout", "300ms", "--shutdown-http-get", "http://127.0.0.1:9/"]
    lives = largest = slowest = 0
    outcomes = {}
    end = time.monotonic() + float(seconds)
    try:
        whole = Life([launch, *user], [proa, *options, "--", puppet, "exit", str(MAINS_CODE)], variables)
        if whole.code != MAINS_CODE:
            print(f"stress: with nothing missing it ends with {whole.code}: {whole.said}", file=sys.stderr)
            return 1
        while time.monotonic() < end:
            conditions = [launch, *choose(chance, calls), *user]
            alone = Life(conditions, [puppet, "exit", str(MAINS_CODE)], variables)
            version = Life(conditions, [proa, "--version"], variables)
            if alone.code != MAINS_CODE or version.code != 0:
                continue
            life = Life(conditions, [proa, *options, "--", puppet, "exit", str(MAINS_CODE)], variables)
            lives += 1
            largest, slowest = max(largest, life.kilobytes), max(slowest, life.seconds)
            outcomes[life.code] = outcomes.get(life.code, 0) + 1
            what = problem(life)
            if what:
                print(f"stress: {what}: {' '.join(conditions[1:])} (seed {seed}): {life.said[-1500:]}", file=sys.stderr)
                return 1
    finally:
        server.stdin.close()
        server.wait()
    codes = ", ".join(f"{count} with {code}" for code, count in sorted(outcomes.items()))
    print(f"{lives} lives without a system call or within a limit (seed {seed}): {codes}; {largest} kB at most, {slowest:.0f} s")
    return 0


sys.exit(main())
