package dev.mlit.augment;

import dev.mlit.model.TestGraph;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * Images that a graph is fed with, and what comes out of it.
 *
 * @param values [count, height, width, channels]
 */
record Images(int count, int height, int width, int channels, float[] values) {
  static {
    Sessions.load();
  }

  /** Values drawn from [0, 1). */
  static Images random(long seed, int count, int height, int width, int channels) {
    Random random = new Random(seed);
    float[] values = new float[count * height * width * channels];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return new Images(count, height, width, channels, values);
  }

  /** The value of a pixel, by its place. */
  @FunctionalInterface
  interface Pixels {
    double at(int y, int x, int channel);
  }

  /** Equal images of these pixels. */
  static Images of(int count, int height, int width, int channels, Pixels pixels) {
    Images images =
        new Images(count, height, width, channels, new float[count * height * width * channels]);
    int next = 0;
    for (int image = 0; image < count; image++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          for (int channel = 0; channel < channels; channel++) {
            images.values[next++] = (float) pixels.at(y, x, channel);
          }
        }
      }
    }
    return images;
  }

  float at(int image, int y, int x, int channel) {
    return values[((image * height + y) * width + x) * channels + channel];
  }

  /** One image. */
  float[] image(int image) {
    int size = height * width * channels;
    return Arrays.copyOfRange(values, image * size, (image + 1) * size);
  }

  Images with(float[] values) {
    return new Images(count, height, width, channels, values);
  }

  /** What to compute of the images. */
  @FunctionalInterface
  interface Computation {
    List<Operand<TFloat32>> of(Ops tf, Operand<TFloat32> images);
  }

  /** Computes a batch of the same shape. */
  Images run(BiFunction<Ops, Operand<TFloat32>, Operand<TFloat32>> computed) {
    return with(runAll((tf, images) -> List.of(computed.apply(tf, images))).get(0));
  }

  /** As in training, the graph does not know the number of images. */
  List<float[]> runAll(Computation computation) {
    Shape shape = Shape.of(count, height, width, channels);
    try (Graph graph = new Graph();
        TFloat32 input = TFloat32.tensorOf(shape, DataBuffers.of(values))) {
      Ops tf = Operations.of(graph);
      Placeholder<TFloat32> images =
          tf.placeholder(
              TFloat32.class,
              Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, height, width, channels)));
      List<Operand<TFloat32>> fetched = computation.of(tf, images);
      try (Session session = Sessions.openToTrain(graph, 1, CompileOptions.ofMachine())) {
        Session.Runner runner = session.runner().feed(images, input);
        fetched.forEach(runner::fetch);
        try (Result result = runner.run()) {
          return IntStream.range(0, fetched.size())
              .mapToObj(i -> TestGraph.floats((TFloat32) result.get(i)))
              .toList();
        }
      }
    }
  }

  /** Computes numbers without any images. */
  static float[] numbers(Function<Ops, Operand<TFloat32>> computed) {
    return random(1, 1, 1, 1, 1).runAll((tf, images) -> List.of(computed.apply(tf))).get(0);
  }
}
