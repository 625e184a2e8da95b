package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A transfer study: what was pre-trained is tried on other images, in several ways, with more or
 * fewer labels, by several seeds.
 *
 * <pre>{@code
 * StudySpec study = StudySpec.builder("transfer")
 *     .pretraining("cifar100", p -> p.run("pretrain-cifar100.yaml"))
 *     .target("cifar10", t -> t.run("transfer.yaml").fraction(0.01, 400).fraction(0.1, 1000)
 *         .set("data.validation-fraction=0.1"))
 *     .arm(ArmKind.SCRATCH)
 *     .arm(ArmKind.FINE_TUNE, a -> a.sweep("optimizer.learning-rate", "1.0e-3", "4.0e-3"))
 *     .seeds(1, 2, 3)
 *     .build();
 * }</pre>
 *
 * @param name a short name, used for the study's directory
 * @param pretraining what the arms start from, but for {@link ArmKind#SCRATCH}
 * @param targets what it is tried on
 * @param arms the ways to train; gains are measured against the first of them
 * @param seeds every cell of the study is run once with each
 * @param tests tests of a cell, spread evenly over its epochs; more make finer learning curves
 * @param sweepSeeds how many of the seeds, from the first on, the settings of a sweep are compared
 *     by; the setting of the highest mean validation accuracy is then run with the other seeds too
 */
public record StudySpec(
    @Doc("a short name, used for the study's directory") String name,
    @Doc("what the arms start from, but for scratch") List<Pretraining> pretraining,
    @Doc("what it is tried on") List<Target> targets,
    @Default("[{arm: scratch}, {arm: fine-tune}]")
        @Doc("the ways to train; gains are measured against the first")
        List<Arm> arms,
    @Range(min = 0, max = Integer.MAX_VALUE)
        @Default("[1, 2, 3]")
        @Doc("every cell of the study is run once with each")
        List<Integer> seeds,
    @Range(min = 1, max = 1000)
        @Default("4")
        @Doc("tests of a cell, spread over its epochs; more make finer learning curves")
        int tests,
    @Range(min = 1, max = 1000)
        @Default("1")
        @Doc("how many of the seeds, from the first on, the settings of a sweep are compared by")
        int sweepSeeds) {

  /**
   * Weights to start from: those of a run that the study trains, or others.
   *
   * @param name a short name
   * @param run the path of a run, relative to the study's file: of task reconstruct, or of task
   *     classify for supervised pre-training, of which the encoder is taken and the head is not;
   *     null if {@code from} is trained enough
   * @param from where it starts: the name of pre-training further up, which this one goes on from,
   *     or a run directory, a SavedModel or a safetensors file that is there already, relative to
   *     the working directory; null for random weights
   * @param set changes of single fields of the run, such as {@code training.epochs=3}
   */
  public record Pretraining(
      @Doc("a short name") String name,
      @Doc("path of a run of task reconstruct or classify, relative to this file")
          @Nullable String run,
      @Doc(
              "what it goes on from: a name further up, or a run directory, SavedModel or"
                  + " safetensors file that is there already")
          @Nullable String from,
      @Default("[]") @Doc("changes of the run, such as training.epochs=3") List<String> set) {
    public Pretraining {
      set = List.copyOf(set);
    }
  }

  /**
   * Images to try it on.
   *
   * @param name a short name
   * @param run the path of a run of task classify, relative to the study's file: data, model and
   *     recipe of every cell
   * @param fractions how many of the labels
   * @param set changes of single fields of the run, such as {@code data.directory=flowers}
   */
  public record Target(
      @Doc("a short name") String name,
      @Doc("path of a run of task classify, relative to this file") String run,
      @Default("[{labels: 1}]") @Doc("how many of the labels, and for how long")
          List<Fraction> fractions,
      @Default("[]") @Doc("changes of the run, such as training.batch=50") List<String> set) {
    public Target {
      fractions = List.copyOf(fractions);
      set = List.copyOf(set);
    }
  }

  /**
   * A share of the labels.
   *
   * @param labels see {@link RunSpec.Data#labelFraction}
   * @param steps of every arm; null for those of the run's epochs
   */
  public record Fraction(
      @Range(min = 0, above = true, max = 1) @Doc("share of the training images of every class")
          double labels,
      @Range(min = 1, max = 2_000_000_000) @Doc("steps of every arm; without it, the run's epochs")
          @Nullable Integer steps) {}

  /**
   * A way to train.
   *
   * @param arm which kind
   * @param name a short name, other than those of the other arms; that of its kind unless given
   * @param set changes of single fields of the run, such as {@code optimizer.learning-rate=0.01}
   * @param sweep values of fields to choose from, each as {@code set} would have it, such as {@code
   *     optimizer.learning-rate} with {@code 1.0e-3} and {@code 4.0e-3}. Of several fields all
   *     combinations are tried. For every target, share of the labels and pre-training, that of the
   *     highest validation accuracy is chosen, of equal ones the first
   */
  public record Arm(
      @Doc("scratch, fine-tune, linear-probe or nearest-neighbour") ArmKind arm,
      @Doc("a short name; that of its kind unless given") @Nullable String name,
      @Default("[]") @Doc("changes of the run, such as optimizer.learning-rate=1.0e-2")
          List<String> set,
      @Default("{}")
          @Doc(
              "values of fields, such as optimizer.learning-rate: [1.0e-3, 4.0e-3]; the best on the"
                  + " validation images is chosen")
          Map<String, List<String>> sweep) {
    public Arm {
      name = name == null ? arm.text() : name;
      set = List.copyOf(set);
      Map<String, List<String>> copy = new LinkedHashMap<>();
      sweep.forEach((field, values) -> copy.put(field, List.copyOf(values)));
      sweep = Collections.unmodifiableMap(copy);
    }

    /** Named as its kind, without a sweep. */
    public Arm(ArmKind arm, List<String> set) {
      this(arm, null, set, Map.of());
    }

    /** A short name, other than those of the other arms. */
    @Override
    public String name() {
      return Objects.requireNonNull(name);
    }
  }

  /** Where training starts, and what is trained. */
  public enum ArmKind {
    /** Random weights, all of them trained. */
    SCRATCH,
    /** The pre-trained encoder and a new head, all of it trained. */
    FINE_TUNE,
    /**
     * The pre-trained encoder as it is, and a logistic regression on its features; {@link
     * RunSpec#probe} is its setting, such as {@code probe.l2=0.1}.
     */
    LINEAR_PROBE,
    /** The pre-trained encoder as it is, and the nearest neighbours by its features. */
    NEAREST_NEIGHBOUR;

    /** As it is written in YAML. */
    public String text() {
      return Fields.key(this);
    }
  }

  /**
   * Checks every rule.
   *
   * @throws InvalidSpecException with all broken rules
   */
  public StudySpec(
      String name,
      List<Pretraining> pretraining,
      List<Target> targets,
      List<Arm> arms,
      List<Integer> seeds,
      int tests,
      int sweepSeeds) {
    this.name = name;
    this.pretraining = List.copyOf(pretraining);
    this.targets = List.copyOf(targets);
    this.arms = List.copyOf(arms);
    this.seeds = List.copyOf(seeds);
    this.tests = tests;
    this.sweepSeeds = sweepSeeds;
    StudyRules.check(this);
  }

  /** Settings of a sweep are compared by the first seed. */
  public StudySpec(
      String name,
      List<Pretraining> pretraining,
      List<Target> targets,
      List<Arm> arms,
      List<Integer> seeds,
      int tests) {
    this(name, pretraining, targets, arms, seeds, tests, 1);
  }

  /** Starts a description; what a method is called is what the field is called in YAML. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** Collects the fields of a {@link StudySpec}; every rule is checked in {@link #build}. */
  public static final class Builder {
    private final String name;
    private final List<Pretraining> pretraining = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();
    private final List<Arm> arms = new ArrayList<>();
    private List<Integer> seeds = List.of(1, 2, 3);
    private int tests = 4;
    private int sweepSeeds = 1;

    private Builder(String name) {
      this.name = name;
    }

    /** Adds weights to start from: {@code p -> p.run("pretrain.yaml")}. */
    public Builder pretraining(String name, Consumer<PretrainingBuilder> settings) {
      PretrainingBuilder builder = new PretrainingBuilder();
      settings.accept(builder);
      pretraining.add(new Pretraining(name, builder.run, builder.from, builder.set));
      return this;
    }

    /** Adds images to try it on: {@code t -> t.run("transfer.yaml").fraction(0.1)}. */
    public Builder target(String name, Consumer<TargetBuilder> settings) {
      TargetBuilder builder = new TargetBuilder();
      settings.accept(builder);
      List<Fraction> fractions =
          builder.fractions.isEmpty() ? List.of(new Fraction(1, null)) : builder.fractions;
      targets.add(new Target(name, builder.run, fractions, builder.set));
      return this;
    }

    /** Adds a way to train, named as its kind; without any, from scratch and fine-tuned. */
    public Builder arm(ArmKind kind) {
      return arm(kind, settings -> {});
    }

    /** Adds a way to train: {@code a -> a.name("slow").set("optimizer.learning-rate=1e-4")}. */
    public Builder arm(ArmKind kind, Consumer<ArmBuilder> settings) {
      ArmBuilder builder = new ArmBuilder();
      settings.accept(builder);
      arms.add(new Arm(kind, builder.name, builder.set, builder.sweep));
      return this;
    }

    /** Every cell of the study is run once with each; 1, 2 and 3 unless set. */
    public Builder seeds(int... seeds) {
      this.seeds = Arrays.stream(seeds).boxed().toList();
      return this;
    }

    /** Tests of a cell, spread evenly over its epochs, 1 to 1000; 4 unless set. */
    public Builder tests(int tests) {
      this.tests = tests;
      return this;
    }

    /** How many of the seeds, from the first on, sweeps are compared by; 1 unless set. */
    public Builder sweepSeeds(int seeds) {
      this.sweepSeeds = seeds;
      return this;
    }

    /**
     * Checks every rule and makes the spec.
     *
     * @throws InvalidSpecException with all broken rules
     */
    public StudySpec build() {
      List<Arm> ways =
          arms.isEmpty()
              ? List.of(new Arm(ArmKind.SCRATCH, List.of()), new Arm(ArmKind.FINE_TUNE, List.of()))
              : arms;
      return new StudySpec(name, pretraining, targets, ways, seeds, tests, sweepSeeds);
    }
  }

  /** Collects the fields of a {@link Pretraining}. */
  public static final class PretrainingBuilder {
    private @Nullable String run;
    private @Nullable String from;
    private List<String> set = List.of();

    private PretrainingBuilder() {}

    /** The path of a run of task reconstruct or classify. */
    public PretrainingBuilder run(String path) {
      this.run = path;
      return this;
    }

    /** What it goes on from: a name further up, or a run, SavedModel or safetensors file. */
    public PretrainingBuilder from(String from) {
      this.from = from;
      return this;
    }

    /** Changes of the run, such as {@code training.epochs=3}. */
    public PretrainingBuilder set(String... changes) {
      this.set = List.of(changes);
      return this;
    }
  }

  /** Collects the fields of a {@link Target}. */
  public static final class TargetBuilder {
    private String run = "";
    private final List<Fraction> fractions = new ArrayList<>();
    private List<String> set = List.of();

    private TargetBuilder() {}

    /** The path of a run of task classify; required. */
    public TargetBuilder run(String path) {
      this.run = path;
      return this;
    }

    /** Adds a share of the labels, above 0 and at most 1; all of them unless any is added. */
    public TargetBuilder fraction(double labels) {
      fractions.add(new Fraction(labels, null));
      return this;
    }

    /** Adds a share of the labels, and how many steps every arm trains on it. */
    public TargetBuilder fraction(double labels, int steps) {
      fractions.add(new Fraction(labels, steps));
      return this;
    }

    /** Changes of the run, such as {@code training.batch=50}. */
    public TargetBuilder set(String... changes) {
      this.set = List.of(changes);
      return this;
    }
  }

  /** Collects the fields of an {@link Arm}. */
  public static final class ArmBuilder {
    private @Nullable String name;
    private List<String> set = List.of();
    private final Map<String, List<String>> sweep = new LinkedHashMap<>();

    private ArmBuilder() {}

    /** A short name; that of its kind unless set. */
    public ArmBuilder name(String name) {
      this.name = name;
      return this;
    }

    /** Changes of the run, such as {@code optimizer.learning-rate=1.0e-2}. */
    public ArmBuilder set(String... changes) {
      this.set = List.of(changes);
      return this;
    }

    /** Values of a field to choose from, each as {@link #set} would have it. */
    public ArmBuilder sweep(String field, String... values) {
      sweep.put(field, List.of(values));
      return this;
    }
  }
}
