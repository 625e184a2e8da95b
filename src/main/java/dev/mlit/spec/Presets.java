package dev.mlit.spec;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The models of the paper, for images of 36x36x3, the classifiers for 100 classes; {@link
 * ModelSpec#toBuilder} adapts one to other images.
 *
 * @since 0.1.0
 */
public final class Presets {
  private static final Map<String, Supplier<ModelSpec>> BY_NAME =
      Map.of(
          "mlit-s", Presets::mlitS,
          "mlit-xs", Presets::mlitXs,
          "mlit-xxs", Presets::mlitXxs,
          "mmlit-s", Presets::mmlitS,
          "mmlit-xs", Presets::mmlitXs,
          "mmlit-xxs", Presets::mmlitXxs);

  private Presets() {}

  /** mLiT-S: 15 blocks of width 144, 2,378,014 parameters. */
  public static ModelSpec mlitS() {
    return start("mlit-s")
        .embedding(144)
        .attention(8, 4)
        .stage(5, 3)
        .stage(5, 4)
        .stage(5, 5)
        .hidden(144, 72)
        .build();
  }

  /** mLiT-XS: 12 blocks of width 128, 1,219,594 parameters. */
  public static ModelSpec mlitXs() {
    return start("mlit-xs")
        .embedding(128)
        .attention(8, 4)
        .stage(4, 3)
        .stage(4, 4)
        .stage(4, 5)
        .hidden(96, 32)
        .build();
  }

  /** mLiT-XXS: 9 blocks of width 108, 665,282 parameters. */
  public static ModelSpec mlitXxs() {
    return start("mlit-xxs")
        .embedding(108)
        .attention(6, 3)
        .stage(3, 3)
        .stage(3, 4)
        .stage(3, 5)
        .hidden(81, 27)
        .build();
  }

  /** mmLiT-S: mLiT-S as a masked autoencoder. */
  public static ModelSpec mmlitS() {
    return autoencoder(mlitS());
  }

  /** mmLiT-XS: mLiT-XS as a masked autoencoder. */
  public static ModelSpec mmlitXs() {
    return autoencoder(mlitXs());
  }

  /** mmLiT-XXS: mLiT-XXS as a masked autoencoder. */
  public static ModelSpec mmlitXxs() {
    return autoencoder(mlitXxs());
  }

  /** Three quarters hidden, and a decoder of two blocks. */
  private static ModelSpec autoencoder(ModelSpec classifier) {
    return classifier.toBuilder()
        .name("m" + classifier.name())
        .classes(0)
        .mask(0.75)
        .decoder(2, 108, 54, 3, 6, 3)
        .build();
  }

  private static ModelSpecBuilder start(String name) {
    return ModelSpec.builder(name).image(36, 36, 3).patch(3).classes(100);
  }

  /** The names of all presets, the smallest classifier first, then the autoencoders. */
  public static List<String> names() {
    return List.of("mlit-xxs", "mlit-xs", "mlit-s", "mmlit-xxs", "mmlit-xs", "mmlit-s");
  }

  /** The preset of this name, or null. */
  public static @Nullable ModelSpec named(String name) {
    Supplier<ModelSpec> preset = BY_NAME.get(name);
    return preset == null ? null : preset.get();
  }
}
