package dev.mlit.spec;

import dev.mlit.spec.EarlyStopping.Metric;
import dev.mlit.spec.ModelSpec.Pooling;
import dev.mlit.spec.ModelSpec.Stage;
import dev.mlit.spec.text.Printable;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Valid specs by chance, small ones and with texts that YAML could take for something else. */
final class RandomSpecs {
  private RandomSpecs() {}

  /** Models. */
  static Arbitrary<ModelSpec> models() {
    return Combinators.combine(names(), images(), attentions(), blocks(), normalizations())
        .as(
            (name, image, attention, blocks, normalization) -> {
              ModelSpecBuilder builder =
                  ModelSpec.builder(name)
                      .image(image.rows * image.patch, image.columns * image.patch, image.channels)
                      .patch(image.patch)
                      .embedding(attention.heads * attention.width)
                      .attention(attention.heads, attention.groups)
                      .hidden(blocks.first, blocks.last)
                      .routing(blocks.top, normalization.weight, normalization.otherWeight)
                      .pooling(normalization.pooling)
                      .classes(blocks.classes);
              blocks.stages.forEach(s -> builder.stage(s.layers(), s.experts()));
              int values = normalization.perChannel ? image.channels : 1;
              return builder
                  .normalization(
                      normalization.mean.subList(0, values), normalization.std.subList(0, values))
                  .build();
            });
  }

  private record Images(int rows, int columns, int patch, int channels) {}

  private static Arbitrary<Images> images() {
    return Combinators.combine(whole(1, 9), whole(1, 9), whole(1, 9), Arbitraries.of(1, 3))
        .as(Images::new);
  }

  private record Attentions(int heads, int groups, int width) {}

  private static Arbitrary<Attentions> attentions() {
    return Combinators.combine(whole(1, 4), whole(1, 4), whole(1, 9))
        .as((groups, share, width) -> new Attentions(groups * share, groups, width));
  }

  private record Blocks(int top, List<Stage> stages, int first, int last, int classes) {}

  private static Arbitrary<Blocks> blocks() {
    return whole(1, 3)
        .flatMap(
            top ->
                Combinators.combine(
                        Combinators.combine(whole(1, 4), whole(top, top + 5))
                            .as(Stage::new)
                            .list()
                            .ofMinSize(1)
                            .ofMaxSize(4),
                        whole(1, 300),
                        whole(1, 300),
                        whole(1, 1_000_000))
                    .as((stages, first, last, n) -> new Blocks(top, stages, first, last, n)));
  }

  private record Normalizations(
      boolean perChannel,
      List<Double> mean,
      List<Double> std,
      double weight,
      double otherWeight,
      Pooling pooling) {}

  private static Arbitrary<Normalizations> normalizations() {
    return Combinators.combine(
            Arbitraries.of(true, false),
            real(-1000, 1000).list().ofSize(3),
            positive(1000).list().ofSize(3),
            real(0, 1000),
            real(0, 1000),
            Arbitraries.of(Pooling.class))
        .as(Normalizations::new);
  }

  /** Runs. */
  static Arbitrary<RunSpec> runs() {
    return Combinators.combine(
            names(), models(), texts().list().ofSize(3), recipes(), texts().list().ofMaxSize(3))
        .as(
            (name, model, texts, recipe, freeze) -> {
              RunSpecBuilder builder =
                  RunSpec.builder(name).model(model).freeze(freeze.toArray(new String[0]));
              recipe.set(builder);
              if (recipe.everything) {
                builder.data(texts.get(0), path(texts.get(1))).initialize(path(texts.get(2)));
                builder.export(path(texts.get(1)));
              } else {
                builder.data(texts.get(0));
              }
              return builder.build();
            });
  }

  /** Where a path is wanted, ~ is refused. */
  private static String path(String text) {
    return text.equals("~") || text.startsWith("~/") ? "./" + text : text;
  }

  private record Recipes(
      boolean everything,
      int epochs,
      int batch,
      long seed,
      double rate,
      double epsilon,
      double factor,
      double other) {
    void set(RunSpecBuilder builder) {
      builder
          .training(t -> t.epochs(epochs).batch(batch).seed(seed))
          .optimizer(
              o ->
                  o.learningRate(rate)
                      .weightDecay(other)
                      .betas(factor, other)
                      .epsilon(epsilon)
                      .clipNorm(1000 * rate))
          .schedule(s -> s.warmupEpochs(factor * epochs).finalFactor(other))
          .augmentation(a -> a.flip(everything).rotation(180 * factor).mixup(rate));
      if (!everything) {
        builder.augmentation(a -> a.trivialAugmentWide(2 + epochs % 999));
      }
      if (everything) {
        builder.training(
            t ->
                t.steps(batch)
                    .threads(epochs)
                    .microBatch(1 + batch / 2)
                    .labelSmoothing(factor)
                    .dropout(other)
                    .dropPath(factor)
                    .patchDropout(other));
        builder
            .optimizer(
                o ->
                    o.layerDecay(epsilon)
                        .name(OptimizerSpec.Name.MUON)
                        .muonLearningRate(rate)
                        .momentum(other))
            .schedule(s -> s.decay(ScheduleSpec.Decay.LINEAR))
            .ema(0.5 + factor / 2.1)
            .augmentation(
                a ->
                    a.randomResizedCrop(epsilon, 1)
                        .randomCrop(epochs)
                        .translation(factor)
                        .fill(AugmentationSpec.Fill.REFLECT)
                        .randomErasing(other)
                        .colorJitter(factor, other, 0, 0)
                        .cutmix(rate)
                        .mixProbability(other)
                        .verticalFlip(true)
                        .randAugment(1 + epochs % 14, epochs % 31));
        builder
            .neighbours(n -> n.every(epochs).k(batch).images(epochs))
            .checkpoints(c -> c.everyMinutes(rate).everySteps(epochs))
            .earlyStopping(e -> e.patience(epochs).minDelta(factor).metric(Metric.TEST_LOSS));
      }
    }
  }

  private static Arbitrary<Recipes> recipes() {
    return Combinators.combine(
            Arbitraries.of(true, false),
            whole(1, 1000),
            whole(1, 65_536),
            Arbitraries.longs(),
            positive(1000),
            positive(1),
            real(0, 0.9999),
            real(0, 0.9999))
        .as(Recipes::new);
  }

  private static Arbitrary<Integer> whole(int lowest, int highest) {
    return Arbitraries.integers().between(lowest, highest);
  }

  private static Arbitrary<Double> real(double lowest, double highest) {
    return Arbitraries.doubles().between(lowest, highest).ofScale(12);
  }

  /** From the smallest number there is, so that the shortest and the longest are written. */
  private static Arbitrary<Double> positive(double highest) {
    return Arbitraries.oneOf(
        Arbitraries.of(Double.MIN_VALUE, Double.MIN_NORMAL, 1e-300, 1e-8, 1.0 / 3, 1.0),
        real(1e-9, highest));
  }

  private static Arbitrary<String> names() {
    Arbitrary<String> any =
        Arbitraries.strings()
            .withCharRange('a', 'z')
            .withCharRange('A', 'Z')
            .numeric()
            .withChars("._-")
            .ofMinLength(1)
            .ofMaxLength(100)
            .filter(name -> Character.isLetterOrDigit(name.charAt(0)));
    Arbitrary<String> numbers =
        Arbitraries.strings()
            .numeric()
            .withChars("._-exEXobaf")
            .ofMinLength(1)
            .ofMaxLength(6)
            .filter(name -> Character.isLetterOrDigit(name.charAt(0)));
    return Arbitraries.oneOf(any, numbers, Arbitraries.of(WORDS));
  }

  /** What YAML takes for something else than text unless it is in quotes. */
  private static final List<String> WORDS =
      List.of(
          "true",
          "True",
          "FALSE",
          "yes",
          "No",
          "on",
          "OFF",
          "y",
          "n",
          "null",
          "Null",
          "NULL",
          "1",
          "0",
          "007",
          "1.5",
          "1e3",
          "1E-3",
          "1.0e-3",
          "0x1F",
          "0o17",
          "0b11",
          "1_000",
          "2024-01-01",
          "1.",
          "Infinity",
          "NaN",
          "9223372036854775808");

  private static Arbitrary<String> texts() {
    Arbitrary<String> odd =
        Arbitraries.of(
                "~",
                "*x",
                "&x",
                "!x",
                "<<",
                "-",
                "- a",
                "? a",
                ": ",
                "a: b",
                "a:",
                "#",
                "a #b",
                "[a",
                "{a",
                "a, b",
                "'a'",
                "\"a\"",
                "%a",
                "@a",
                "`a",
                "|",
                ">",
                " a",
                "a ",
                "a\n",
                "\na",
                "a\n\nb\n",
                "a\tb",
                "\t",
                "C:\\x",
                ".inf",
                "-.inf",
                ".nan",
                "+1",
                "-1",
                "1:30",
                "---",
                "...",
                "\u00e9",
                "\u2028",
                "\u0085",
                "\u0000a",
                "\ufeffa",
                "\ud83d\ude00",
                "=",
                "/")
            .filter(text -> !text.isBlank());
    Arbitrary<String> any =
        Arbitraries.strings().ascii().ofMinLength(1).ofMaxLength(40).filter(t -> !t.isBlank());
    return Arbitraries.oneOf(names(), odd, any).filter(Printable::isLine);
  }
}
