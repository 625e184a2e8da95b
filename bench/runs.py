"""What the programs in this directory share: they run mlit, and keep every run on disk at once.

A run is one process. It lands in the JSON file when it ends, so that a break loses one run at most;
the same command again goes on where it stopped.
"""
import datetime, functools, json, os, platform, re, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
LAUNCHER = os.path.join(HERE, "..", "mlit")
RESULTS = os.path.join(HERE, "results")


class Failed(Exception):
    """A command did not end well; the message has its last words."""


def last_line_as_json(command, timeout=600):
    """Runs a command and reads the last line of what it prints."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(command)}\ndid not end within {timeout} s")
    except OSError as e:
        raise Failed(f"{' '.join(command)}\ncould not be started: {e}")
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr.strip()[-2000:]}")
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise Failed(f"{' '.join(command)}\nprinted no JSON on its last line:\n{done.stdout.strip()[-500:]}")


def bench(mode, batch, threads, warmup, steps, model="mlit-xxs", precision="float32", settings=(),
          launcher=LAUNCHER):
    """./mlit bench: the result as a dict."""
    command = [launcher, "bench", "--model", model, "--mode", mode, "--batch", str(batch),
               "--threads", str(threads), "--warmup", str(warmup), "--steps", str(steps), "--json"]
    if precision != "float32":
        command += ["--precision", precision]
    if mode == "train" and has_optimizers(launcher):
        command += ["--optimizer", "adamw"]  # as PyTorch's side has it
    for setting in settings:
        command += ["--set", setting]
    return last_line_as_json(command)["result"]


@functools.cache
def has_optimizers(launcher):
    """Whether ./mlit bench can choose; commits from before it could have AdamW only."""
    done = subprocess.run([launcher, "bench", "--help"], capture_output=True, text=True)
    return "--optimizer" in done.stdout


def build(launcher=LAUNCHER):
    """Has the launcher build what is missing, so that no measurement waits for that."""
    done = subprocess.run([launcher, "--version"], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{launcher} --version\nended with {done.returncode}:\n{done.stderr.strip()[-2000:]}")


def machine(threads):
    """Which machine this is, for a reader who has another."""
    return {"processor": processor(), "system": platform.platform(), "threads": threads}


def processor():
    try:
        with open("/proc/cpuinfo") as f:
            text = f.read()
        name = re.search(r"model name\s*: (.*)", text).group(1)
        wide = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_tile") if re.search(rf"\b{flag}\b", text)]
        return f"{name} ({', '.join(wide) or 'no AVX2'})"
    except (OSError, AttributeError):
        return platform.processor() or platform.machine()


def has_bfloat16():
    """Whether the core multiplies in bfloat16."""
    try:
        with open("/proc/cpuinfo") as f:
            return re.search(r"\b(avx512_bf16|amx_bf16)\b", f.read()) is not None
    except OSError:
        return False


class Runs:
    """Runs with their keys, in a JSON file that is whole at any time."""

    def __init__(self, file, about, fresh=False):
        """about: what must be the same for runs to belong together."""
        self.file, self.about = file, about
        self.date, self.runs = datetime.date.today().isoformat(), []
        if not fresh and os.path.exists(file):
            with open(file) as f:
                kept = json.load(f)
            if kept.get("about") != about:
                raise Failed(f"{file} has runs of other settings or of another machine;\n"
                             "--fresh replaces them, --out FILE keeps them")
            self.date, self.runs = kept["date"], kept["runs"]

    def has(self, key):
        return any(run["key"] == key for run in self.runs)

    def drop(self, key):
        self.runs = [run for run in self.runs if run["key"] != key]

    def add(self, key, result):
        self.runs.append({"key": key, "time": datetime.datetime.now().isoformat(timespec="seconds"), "result": result})
        self.write()

    def write(self, **more):
        os.makedirs(os.path.dirname(os.path.abspath(self.file)), exist_ok=True)
        unfinished = self.file + ".part"
        with open(unfinished, "w") as f:
            json.dump({"date": self.date, "about": self.about, **more, "runs": self.runs}, f, indent=1)
        os.replace(unfinished, self.file)


class Progress:
    """Says on standard error what is being run, and how much of it is done."""

    def __init__(self, name, total, done):
        self.name, self.total, self.done, self.began = name, total, done, time.time()

    def step(self, what):
        print(f"{self.name}: {what}; {self.done} of {self.total} done, {time.time() - self.began:.0f} s",
              file=sys.stderr)
        self.done += 1


def main(program):
    """Runs a program's main function; what fails is one message, and the exit status 1."""
    try:
        sys.exit(program())
    except Failed as e:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {e}")
    except KeyboardInterrupt:
        sys.exit(f"{os.path.basename(sys.argv[0])}: stopped; the same command goes on from here")
