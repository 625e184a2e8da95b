package dev.mlit.spec;

import dev.mlit.spec.StudySpec.Arm;
import dev.mlit.spec.StudySpec.ArmKind;
import dev.mlit.spec.StudySpec.Fraction;
import dev.mlit.spec.StudySpec.Pretraining;
import dev.mlit.spec.StudySpec.Target;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects the fields of a {@link StudySpec}; every rule is checked in {@link #build}.
 *
 * <p>{@code pretraining}, {@code target} and {@code arm} add one with every call. A field that is
 * set again to another value is an {@link IllegalStateException}.
 *
 * @since 0.1.0
 */
public final class StudySpecBuilder {
  private final Draft<StudySpec> fields;
  private int pretrainings;
  private int targets;
  private int arms;

  StudySpecBuilder(String name) {
    this.fields =
        new Draft<>(StudySpec.class, "", null)
            .set("name", name)
            .set("pretraining", List.of())
            .set("targets", List.of());
  }

  private StudySpecBuilder set(String field, Object value) {
    fields.set(field, value);
    return this;
  }

  /** Adds weights to start from: {@code p -> p.run("pretrain.yaml")}. */
  public StudySpecBuilder pretraining(String name, Consumer<PretrainingBuilder> settings) {
    PretrainingBuilder builder = new PretrainingBuilder(name, pretrainings++);
    settings.accept(builder);
    fields.add("pretraining", builder.fields.part());
    return this;
  }

  /** Adds a dataset to try the weights on: {@code t -> t.run("transfer.yaml").fraction(0.1)}. */
  public StudySpecBuilder target(String name, Consumer<TargetBuilder> settings) {
    TargetBuilder builder = new TargetBuilder(name, targets++);
    settings.accept(builder);
    fields.add("targets", builder.target());
    return this;
  }

  /** Adds a way to train, named as its kind; without any, from scratch and fine-tuned. */
  public StudySpecBuilder arm(ArmKind kind) {
    return arm(kind, settings -> {});
  }

  /** Adds a way to train: {@code a -> a.name("slow").set("optimizer.learning-rate=1e-4")}. */
  public StudySpecBuilder arm(ArmKind kind, Consumer<ArmBuilder> settings) {
    ArmBuilder builder = new ArmBuilder(kind, arms++);
    settings.accept(builder);
    fields.add("arms", builder.fields.part());
    return this;
  }

  /**
   * Every cell of the study is run once with each of these, from 0 on, all different; 1, 2 and 3
   * unless set.
   */
  public StudySpecBuilder seeds(int... seeds) {
    return set("seeds", Arrays.stream(seeds).boxed().toList());
  }

  /** Tests of a cell, spread evenly over its epochs, 1 to 1000; 4 unless set. */
  public StudySpecBuilder tests(int tests) {
    return set("tests", tests);
  }

  /** How many of the seeds, the first ones, sweeps are compared by, at least 1; 1 unless set. */
  public StudySpecBuilder sweepSeeds(int seeds) {
    return set("sweepSeeds", seeds);
  }

  /**
   * Checks every rule and makes the spec.
   *
   * @throws InvalidSpecException with all broken rules
   */
  public StudySpec build() {
    return fields.spec();
  }

  /** Collects the fields of a {@link Pretraining}. */
  public static final class PretrainingBuilder {
    private final Draft<Pretraining> fields;

    private PretrainingBuilder(String name, int index) {
      this.fields =
          new Draft<>(Pretraining.class, "pretraining[" + index + "]", null).set("name", name);
    }

    /** The path of a run of task reconstruct or classify, relative to the study's file. */
    public PretrainingBuilder run(String path) {
      fields.set("run", path);
      return this;
    }

    /** What it goes on from: a name further up, or a run, SavedModel or safetensors file. */
    public PretrainingBuilder from(String from) {
      fields.set("from", from);
      return this;
    }

    /** Changes of the run, such as {@code training.epochs=3}. */
    public PretrainingBuilder set(String... changes) {
      fields.set("set", List.of(changes));
      return this;
    }
  }

  /** Collects the fields of a {@link Target}. */
  public static final class TargetBuilder {
    private final Draft<Target> fields;

    private TargetBuilder(String name, int index) {
      this.fields = new Draft<>(Target.class, "targets[" + index + "]", null).set("name", name);
    }

    /** The path of a run of task classify, relative to the study's file; required. */
    public TargetBuilder run(String path) {
      fields.set("run", path);
      return this;
    }

    /** Adds a share of the labels, above 0 and at most 1; all of them unless any is added. */
    public TargetBuilder fraction(double labels) {
      return fraction(new Fraction(labels, null));
    }

    /** Adds a share of the labels, and how many steps, at least 1, every arm trains on it. */
    public TargetBuilder fraction(double labels, int steps) {
      return fraction(new Fraction(labels, steps));
    }

    private TargetBuilder fraction(Fraction fraction) {
      fields.add("fractions", fraction);
      return this;
    }

    /** Changes of the run, such as {@code training.batch=50}. */
    public TargetBuilder set(String... changes) {
      fields.set("set", List.of(changes));
      return this;
    }

    private Target target() {
      if (fields.get("run", String.class) == null) {
        fields.set("run", "");
      }
      return fields.part();
    }
  }

  /** Collects the fields of an {@link Arm}. */
  public static final class ArmBuilder {
    private final Draft<Arm> fields;
    private final String path;
    private final Map<String, List<String>> sweep = new LinkedHashMap<>();

    private ArmBuilder(ArmKind kind, int index) {
      this.path = "arms[" + index + "]";
      this.fields = new Draft<>(Arm.class, path, null).set("arm", kind);
    }

    /** A short name; that of its kind unless set. */
    public ArmBuilder name(String name) {
      fields.set("name", name);
      return this;
    }

    /** Changes of the run, such as {@code optimizer.learning-rate=1.0e-2}. */
    public ArmBuilder set(String... changes) {
      fields.set("set", List.of(changes));
      return this;
    }

    /** Values of a field to choose from, each written as in {@link #set}, all different. */
    public ArmBuilder sweep(String field, String... values) {
      @Nullable List<String> before = sweep.putIfAbsent(field, List.of(values));
      if (before != null) {
        Draft.requireSame(path + ".sweep." + field, before, List.of(values));
      }
      fields.replace("sweep", sweep);
      return this;
    }
  }
}
