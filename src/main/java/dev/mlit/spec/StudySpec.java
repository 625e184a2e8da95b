package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Range;
import dev.mlit.spec.text.KebabCase;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A transfer study: pre-trained weights are tried on other images, in several ways, with more or
 * fewer labels, with several seeds.
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
 * <p>It is a record, because reading, writing, the JSON Schema and equality follow its components
 * in order. Make one with {@link #builder}: a new field changes the constructor, not the builder.
 *
 * @param name a short name, used for the study's directory
 * @param pretraining the weights that all arms start from, except {@link ArmKind#SCRATCH}
 * @param targets the datasets that the weights are tried on
 * @param arms the ways to train; gains are measured against the first of them
 * @param seeds every cell of the study is run once with each
 * @param tests tests of a cell, spread evenly over its epochs; more make finer learning curves
 * @param sweepSeeds how many of the seeds, from the first on, the settings of a sweep are compared
 *     by; the setting of the highest mean validation accuracy is then run with the other seeds too
 * @since 0.1.0
 */
public record StudySpec(
    @Doc("a short name, used for the study's directory") String name,
    @Doc("the weights that all arms start from, except scratch") List<Pretraining> pretraining,
    @Doc("the datasets that the weights are tried on") List<Target> targets,
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
   *     null if {@code from} is used as it is
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
   * A dataset that the weights are tried on.
   *
   * @param name a short name
   * @param run the path of a run of task classify, relative to the study's file: data, model and
   *     recipe of every cell
   * @param fractions the shares of the labels that every arm trains on
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
   * A share of the labels, and for how long it is trained on.
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
      return KebabCase.of(this);
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

  /** Starts a description; what a method is called is what the field is called in YAML. */
  public static StudySpecBuilder builder(String name) {
    return new StudySpecBuilder(name);
  }
}
