package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.graph.Sessions;
import dev.mlit.spec.RunSpec;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * What training images go through. If it fails, models learn from damaged images, or a run cannot
 * be repeated.
 */
class AugmentationsTest {
  private static final int IMAGES = 1000;
  private static final int HEIGHT = 3;
  private static final int WIDTH = 5;
  private static final int CHANNELS = 2;
  private static final int VALUES = HEIGHT * WIDTH * CHANNELS;

  private static final float[] RANDOM = random(1);

  @Test
  void flipMirrorsAboutHalfOfTheImagesAndLeavesTheRestBitForBit() {
    float[] augmented = flip(RANDOM, 1, 0);

    int mirrored = 0;
    for (int i = 0; i < IMAGES; i++) {
      float[] before = Arrays.copyOfRange(RANDOM, i * VALUES, (i + 1) * VALUES);
      float[] after = Arrays.copyOfRange(augmented, i * VALUES, (i + 1) * VALUES);
      if (!Arrays.equals(after, before)) {
        assertThat(after).as("image " + i).isEqualTo(mirror(before));
        mirrored++;
      }
    }
    // Five standard deviations of a fair coin: sqrt(1000) / 2 = 15.8.
    assertThat(mirrored).isBetween(IMAGES / 2 - 80, IMAGES / 2 + 80);
  }

  @Test
  void flipIsAFunctionOfSeedAndStep() {
    boolean[] mirrored = mirrored(RANDOM, 1, 7);

    assertThat(mirrored(RANDOM, 1, 7)).isEqualTo(mirrored);
    assertThat(mirrored(RANDOM, 1, 8)).isNotEqualTo(mirrored);
    assertThat(mirrored(RANDOM, 2, 7)).isNotEqualTo(mirrored);
  }

  @Test
  void flipDoesNotLookAtTheImages() {
    assertThat(mirrored(random(2), 1, 7)).isEqualTo(mirrored(RANDOM, 1, 7));
  }

  @Test
  void flipDiffersFromStepToStepAsIndependentCoinsDo() {
    boolean[] first = mirrored(RANDOM, 1, 1);
    boolean[] second = mirrored(RANDOM, 1, 2);

    int equal = 0;
    for (int i = 0; i < IMAGES; i++) {
      equal += first[i] == second[i] ? 1 : 0;
    }
    assertThat(equal).isBetween(IMAGES / 2 - 80, IMAGES / 2 + 80);
  }

  @Test
  void withoutAugmentationTheImagesAreTheSameOperand() {
    Sessions.load();
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> images = tf.constant(new float[1][HEIGHT][WIDTH][CHANNELS]);

      Operand<TFloat32> augmented =
          Augmentations.apply(
              tf, new RunSpec.Augmentation(false), images, tf.constant(1L), tf.constant(0L));

      assertThat(augmented).isSameAs(images);
    }
  }

  private static boolean[] mirrored(float[] images, long seed, long step) {
    float[] augmented = flip(images, seed, step);
    boolean[] mirrored = new boolean[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      mirrored[i] = augmented[i * VALUES] != images[i * VALUES];
    }
    return mirrored;
  }

  private static float[] flip(float[] images, long seed, long step) {
    Sessions.load();
    Shape shape = Shape.of(IMAGES, HEIGHT, WIDTH, CHANNELS);
    try (Graph graph = new Graph();
        TFloat32 input = TFloat32.tensorOf(shape, DataBuffers.of(images));
        TInt64 steps = TInt64.scalarOf(step)) {
      Ops tf = Ops.create(graph);
      // As in training: neither the number of images nor the step is known to the graph.
      Placeholder<TFloat32> operand =
          tf.placeholder(
              TFloat32.class,
              Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, HEIGHT, WIDTH, CHANNELS)));
      Placeholder<TInt64> count = tf.placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
      Operand<TFloat32> augmented =
          Augmentations.apply(
              tf, new RunSpec.Augmentation(true), operand, tf.constant(seed), count);
      try (Session session = Sessions.open(graph, 1);
          Result result =
              session.runner().feed(operand, input).feed(count, steps).fetch(augmented).run()) {
        float[] values = new float[images.length];
        ((TFloat32) result.get(0)).asRawTensor().data().asFloats().read(values);
        return values;
      }
    }
  }

  private static float[] mirror(float[] image) {
    float[] mirrored = new float[VALUES];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        for (int c = 0; c < CHANNELS; c++) {
          mirrored[(y * WIDTH + WIDTH - 1 - x) * CHANNELS + c] =
              image[(y * WIDTH + x) * CHANNELS + c];
        }
      }
    }
    return mirrored;
  }

  private static float[] random(long seed) {
    Random random = new Random(seed);
    float[] values = new float[IMAGES * VALUES];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }
}
