package dev.mlit.spec;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The models of the paper, for images of 36x36x3 in 100 classes; {@link ModelSpec#toBuilder} adapts
 * one to other images.
 */
public final class Presets {
  private static final Map<String, Supplier<ModelSpec>> BY_NAME =
      Map.of("mlit-s", Presets::mlitS, "mlit-xs", Presets::mlitXs, "mlit-xxs", Presets::mlitXxs);

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

  private static ModelSpec.Builder start(String name) {
    return ModelSpec.builder(name).image(36, 36, 3).patch(3).classes(100);
  }

  /** The names of all presets, smallest model first. */
  public static List<String> names() {
    return List.of("mlit-xxs", "mlit-xs", "mlit-s");
  }

  /** The preset of this name, or null. */
  public static @Nullable ModelSpec named(String name) {
    Supplier<ModelSpec> preset = BY_NAME.get(name);
    return preset == null ? null : preset.get();
  }
}
