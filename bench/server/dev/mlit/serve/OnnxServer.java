package dev.mlit.serve;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.mlit.savedmodel.Together;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

/**
 * ONNX Runtime behind the server of {@code ./mlit serve}: the same limits, protocols and threads.
 *
 * <pre>OnnxServer FILE.onnx SPEC.yaml PORT INTRA_OP BATCH</pre>
 *
 * <p>{@code INTRA_OP} is the number of threads of one operation, 0 what ONNX Runtime takes by
 * itself; {@code BATCH} the most images that are computed together, 1 for each call by itself.
 */
public final class OnnxServer implements Backend {
  private final ModelSpec spec;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final String input;
  private final Together together;

  private OnnxServer(String file, ModelSpec spec, int intraOp, int batch) throws OrtException {
    this.spec = spec;
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    if (intraOp > 0) {
      options.setIntraOpNumThreads(intraOp);
    }
    session = environment.createSession(file, options);
    input = session.getInputNames().iterator().next();
    together = new Together(batch, Duration.ofMillis(1), this::compute);
  }

  private float[] compute(float[] images, int count) {
    long[] shape = {count, spec.image().height(), spec.image().width(), spec.image().channels()};
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), shape);
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] logits = new float[values.remaining()];
      values.get(logits);
      return logits;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public ModelSpec spec() {
    return spec;
  }

  @Override
  public List<String> labels() {
    return IntStream.range(0, spec.classes()).mapToObj(i -> "class_" + i).toList();
  }

  @Override
  public float[] logits(float[] images, int count) {
    return together.run(images, count);
  }

  @Override
  public float[] features(float[] images, int count) {
    throw new UnsupportedOperationException("the file has no features");
  }

  @Override
  public void close() {
    // The process ends with it.
  }

  public static void main(String[] arguments) throws Exception {
    ModelSpec spec = Specs.model(Path.of(arguments[1]).toString());
    int intraOp = Integer.parseInt(arguments[3]);
    int batch = Integer.parseInt(arguments[4]);
    OnnxServer backend = new OnnxServer(arguments[0], spec, intraOp, batch);
    ModelServer server =
        ModelServer.start(
            options -> options.port(Integer.parseInt(arguments[2])).page(false),
            (options, metrics) -> new ServedModel(backend, Optional.empty(), options));
    System.out.println(server.uri());
    new CountDownLatch(1).await();
  }
}
