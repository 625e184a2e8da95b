package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.bench.Benchmark;
import dev.mlit.bench.Profile;
import dev.mlit.data.Dataset;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.Precision;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.TrainingSpec.Recompute;
import dev.mlit.testing.TinyData;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code training.recompute}. If it fails, a user who has the memory does not get the faster step,
 * one who has not runs out of it, or either gets another model than the other.
 */
class RecomputeTest {
  private static final Dataset IMAGES = TinyData.dataset(50, 30);

  @TempDir private Path temporary;

  private Path checkpoint(Recompute recompute) {
    RunSpec run =
        TinyData.run()
            .training(t -> t.dropout(0.1).patchDropout(0.25).recompute(recompute))
            .build();
    Path directory = temporary.resolve(recompute.name());
    return Trainer.of(run).data(IMAGES).directory(directory).train().checkpoint();
  }

  @Test
  void theModelIsTheSameBitByBit() {
    Path always = checkpoint(Recompute.ALWAYS);
    Path never = checkpoint(Recompute.NEVER);

    String weights = "variables.data-00000-of-00001";
    assertThat(never.resolveSibling(weights))
        .hasSameBinaryContentAs(always.resolveSibling(weights));
  }

  /** An image of 8x8 is small: it is kept unless somebody says otherwise. */
  @ParameterizedTest
  @CsvSource({"ALWAYS, 2", "NEVER, 1", "AUTO, 1"})
  void attentionIsComputedAsOftenAsItIsMeantTo(Recompute recompute, int times) {
    ModelSpec model = TinyData.model();
    Profile profile =
        Benchmark.profile(
            new Benchmark.Settings(
                model,
                Benchmark.Mode.TRAIN,
                1,
                1,
                1,
                1,
                Precision.FLOAT32,
                OptimizerSpec.DEFAULT,
                recompute));

    // Each block's gate has a softmax of its own, which is never computed again.
    int softmaxes =
        profile.byOperation().stream()
            .filter(part -> part.name().matches("(_Mkl)?Softmax"))
            .mapToInt(Profile.Part::count)
            .sum();
    assertThat(softmaxes).isEqualTo((times + 1) * model.experts().size());
  }
}
