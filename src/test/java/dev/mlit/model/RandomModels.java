package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.ModelSpec.Pooling;
import dev.mlit.spec.ModelSpecBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small valid models by chance, no two fields tied to each other by more than the rules. */
public final class RandomModels {
  private RandomModels() {}

  /** Up to 4 blocks, 9 patches and an embedding of 24. */
  public static ModelSpec draw(Random random) {
    int patch = from1To(3, random);
    int channels = random.nextBoolean() ? 3 : 1;
    int groups = from1To(2, random);
    int heads = groups * from1To(2, random);
    int top = from1To(3, random);
    ModelSpecBuilder builder =
        ModelSpec.builder("random")
            .image(patch * from1To(3, random), patch * from1To(3, random), channels)
            .patch(patch)
            .embedding(heads * (2 + from1To(4, random)))
            .attention(heads, groups)
            .hidden(from1To(7, random), from1To(7, random))
            .routing(top)
            .pooling(random.nextBoolean() ? Pooling.MEAN : Pooling.CLASS_TOKEN)
            .classes(from1To(5, random));
    int stages = from1To(2, random);
    for (int stage = 0; stage < stages; stage++) {
      builder.stage(from1To(2, random), top + random.nextInt(3));
    }
    int values = random.nextBoolean() ? channels : 1;
    List<Double> mean = new ArrayList<>();
    List<Double> std = new ArrayList<>();
    for (int i = 0; i < values; i++) {
      mean.add(random.nextDouble());
      std.add(0.3 + random.nextDouble());
    }
    return builder.normalization(mean, std).build();
  }

  private static int from1To(int most, Random random) {
    return 1 + random.nextInt(most);
  }
}
