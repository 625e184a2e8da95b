package dev.mlit.testing;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.ModelSpec.Pooling;
import java.util.List;

/**
 * Two small models that have between them the choices of a spec: what each is, the other is not.
 */
public final class OpposedModels {
  /** The class token, as many experts as are chosen and more, one head for two. */
  public static final ModelSpec GRAY =
      ModelSpec.builder("gray")
          .image(28, 28, 1)
          .patch(7)
          .embedding(24)
          .attention(4, 2)
          .stage(1, 2)
          .stage(2, 4)
          .hidden(24, 12)
          .classes(10)
          .build();

  /** All that {@link #GRAY} is not: colours, no square, the mean of the tokens, other top-k. */
  public static final ModelSpec COLOUR =
      ModelSpec.builder("colour")
          .image(20, 28, 3)
          .patch(4)
          .embedding(30)
          .attention(6, 2)
          .stage(1, 4)
          .stage(1, 5)
          .hidden(16, 23)
          .routing(3)
          .normalization(List.of(0.3, 0.4, 0.5), List.of(0.2, 0.3, 0.4))
          .pooling(Pooling.MEAN)
          .classes(10)
          .build();

  private OpposedModels() {}
}
