"""Recipes of training, the same for mlit and for PyTorch, and runs of either; one process a run.

A recipe is that of a file in specs/runs, or AdamW with or without flips, which is what a PyTorch user begins with.
"""
import dataclasses, json, os, subprocess, sys, tempfile
from dataclasses import dataclass

import yaml

from runs import HERE, LAUNCHER, Failed

ROOT = os.path.join(HERE, "..")
TORCH = os.path.join(HERE, "torch_recipe.py")


@dataclass(frozen=True)
class Recipe:
    """What decides how a model is trained, but for its epochs and seed."""
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    muon_learning_rate: float = 4e-3
    momentum: float = 0.95
    weight_decay: float = 0.05
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    clip_norm: float = 1.0
    batch: int = 64
    warmup_epochs: float = 1.0
    label_smoothing: float = 0.0
    patch_dropout: float = 0.0
    flip: bool = False
    crop_padding: int = 0

    @staticmethod
    def of(file):
        """The recipe of a run's file; what PyTorch's side does not have here is refused."""
        with open(file) as f:
            run = yaml.safe_load(f)
        training, augmentation = dict(run.get("training", {})), dict(run.get("augmentation", {}))
        optimizer, schedule = dict(run.get("optimizer", {})), dict(run.get("schedule", {}))
        fill, crop = augmentation.pop("fill", "black"), augmentation.pop("random-crop", None)
        if crop and fill != "reflect":
            raise Failed(f"{file}: crops are of images that are reflected, fill: reflect")
        for key in ("epochs", "seed", "threads"):
            training.pop(key, None)
        fields = {**training, **augmentation, **schedule, **optimizer, "optimizer": optimizer.pop("name", "muon")}
        fields.pop("name", None)
        fields = {key.replace("-", "_"): value for key, value in fields.items()}
        if crop:
            fields["crop_padding"] = crop["padding"]
        fields.setdefault("muon_learning_rate", 4 * fields.get("learning_rate", Recipe.learning_rate))
        unknown = set(fields) - set(TYPES)
        if unknown:
            raise Failed(f"{file}: PyTorch's side has no {', '.join(sorted(unknown))}")
        return Recipe(**{key: TYPES[key](value) for key, value in fields.items()})  # YAML reads 1e-3 as a text

    def changed(self, text):
        """With fields of a text such as learning_rate=2e-3,batch=32."""
        changes = {}
        for part in filter(None, text.split(",")):
            key, _, value = part.partition("=")
            if key not in TYPES:
                raise Failed(f"{key} must be one of {', '.join(TYPES)}")
            changes[key] = value == "true" if TYPES[key] is bool else TYPES[key](value)
        return dataclasses.replace(self, **changes)

    def settings(self):
        """What --set says of it; every field, so that the file that is trained has no say."""
        keys = ["learning_rate", "weight_decay", "beta1", "beta2", "epsilon", "clip_norm"]
        if self.optimizer == "muon":
            keys += ["muon_learning_rate", "momentum"]
        rates = ", ".join(f"{key.replace('_', '-')}: {getattr(self, key)}" for key in keys)
        yield f"optimizer={{name: {self.optimizer}, {rates}}}"
        yield f"training.batch={self.batch}"
        yield f"training.label-smoothing={self.label_smoothing}"
        yield f"training.patch-dropout={self.patch_dropout}"
        yield f"schedule={{warmup-epochs: {self.warmup_epochs}}}"
        crop = f", random-crop: {{padding: {self.crop_padding}}}, fill: reflect" if self.crop_padding else ""
        yield f"augmentation={{flip: {str(self.flip).lower()}{crop}}}"


TYPES = {field.name: field.type for field in dataclasses.fields(Recipe)}


@dataclass(frozen=True)
class Task:
    """What is trained: the run's file names the model; the images are its own, or those of a directory."""
    run: str
    images: str | None
    threads: int

    def model(self):
        """The model's description."""
        with open(self.run) as f:
            named = yaml.safe_load(f)["model"]
        with open(os.path.join(os.path.dirname(self.run), named)) as f:
            return yaml.safe_load(f)


def finished(command):
    """The last line of what a command prints, as JSON; what it says of its progress is shown."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}\nended with {done.returncode}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def train_mlit(task, recipe, epochs, seed):
    """One run of mlit: test accuracy and seconds of training, without tests, after every epoch."""
    with tempfile.TemporaryDirectory() as out:
        run = os.path.join(out, "run")
        command = [LAUNCHER, "train", task.run, "--out", run, "--json"]
        settings = [f"training.epochs={epochs}", f"training.seed={seed}", f"training.threads={task.threads}",
                    f"export={os.path.join(out, 'savedmodel')}", *recipe.settings()]
        if task.images:
            settings.append(f"data={{dataset: image-folder, directory: {task.images}}}")
        for setting in settings:
            command += ["--set", setting]
        accuracy = finished(command)["test_accuracy"]
        with open(os.path.join(run, "metrics.jsonl")) as f:
            lines = [json.loads(line) for line in f]
    images = next(line["train_images"] for line in lines if line["kind"] == "start")
    seconds, curve = 0.0, []
    for line in lines:
        if line["kind"] == "epoch":
            seconds += images / line["images_per_second"]
            curve.append({"epoch": line["epoch"], "seconds": seconds, "accuracy": line["test_accuracy"]})
    return {"accuracy": accuracy, "seconds": seconds, "curve": curve}


def train_torch(task, recipe, epochs, seed, impl="compiled"):
    """The same in PyTorch; the seconds of torch.compile are apart."""
    settings = {"model": task.model(), "images": task.images, "threads": task.threads, "epochs": epochs, "seed": seed,
                "impl": impl, "recipe": dataclasses.asdict(recipe)}
    return finished([sys.executable, TORCH, json.dumps(settings)])
