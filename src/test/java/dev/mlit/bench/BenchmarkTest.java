package dev.mlit.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.bench.Benchmark.Mode;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.Precision;
import dev.mlit.spec.TrainingSpec.Recompute;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The numbers of {@code ./mlit bench}. If it fails, somebody chooses a model or a machine by a
 * wrong figure.
 */
class BenchmarkTest {
  private static final ModelSpec MODEL =
      ModelSpec.builder("tiny")
          .image(8, 8, 1)
          .patch(4)
          .embedding(12)
          .attention(2, 1)
          .stage(2, 3)
          .hidden(8, 6)
          .classes(3)
          .build();

  @ParameterizedTest
  @EnumSource(Mode.class)
  void ratesFollowFromTheMedianAndTheCostOfTheModel(Mode mode) {
    List<Integer> progress = new ArrayList<>();

    Benchmark.Result result =
        Benchmark.run(
            new Benchmark.Settings(MODEL, mode, 5, 1, 1, 3, Precision.FLOAT32), progress::add);

    double macs = 5.0 * ModelCost.of(MODEL).macs() * (mode == Mode.TRAIN ? 3 : 1);
    double seconds = result.medianMs() / 1e3;
    assertThat(progress).containsExactly(1, 2, 3, 4);
    assertThat(result.minMs()).isPositive().isLessThanOrEqualTo(result.medianMs());
    assertThat(result.maxMs()).isGreaterThanOrEqualTo(result.medianMs());
    assertThat(result.imagesPerSecond()).isCloseTo(5 / seconds, within(1e-6 / seconds));
    assertThat(result.gflopPerSecond()).isCloseTo(2 * macs / seconds / 1e9, within(1e-6 / seconds));
    assertThat(result.share())
        .isCloseTo(result.gflopPerSecond() / result.machineGflopPerSecond(), within(1e-9));
    assertThat(result.threads()).isEqualTo(1);
    assertThat(result.firstStepSeconds()).isGreaterThan(result.minMs() / 1e3);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void profileNamesTheLayersAndAddsUpToTheWhole(Mode mode) {
    Profile profile =
        Benchmark.profile(
            new Benchmark.Settings(
                MODEL,
                mode,
                5,
                1,
                1,
                1,
                Precision.FLOAT32,
                OptimizerSpec.Name.MUON,
                Recompute.NEVER));

    assertThat(profile.totalMs()).isPositive();
    assertThat(profile.byLayer())
        .extracting(Profile.Part::name)
        .contains("encoder/block/attention", "encoder/block/moe");
    assertThat(
            profile.byLayer().stream().anyMatch(part -> part.name().startsWith("optimizer/muon")))
        .isEqualTo(mode == Mode.TRAIN);
    assertThat(profile.byOperation())
        .extracting(Profile.Part::name)
        .anyMatch(name -> name.contains("MatMul"));
    for (List<Profile.Part> parts : List.of(profile.byLayer(), profile.byOperation())) {
      assertThat(parts.stream().mapToDouble(Profile.Part::share).sum()).isCloseTo(1, within(1e-6));
    }
  }
}
