import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Times an ONNX file with ONNX Runtime's Java API as {@code ./mlit bench --mode serve} times a
 * SavedModel: some threads, the clients, call one session, each of them again as soon as it has its
 * answer. Images and figures are the same as there.
 *
 * <pre>OnnxRuntimePeer FILE.onnx [clients=8] [batch=1] [intra-op=0] [warmup=4] [seconds=5] [logits=FILE]</pre>
 *
 * <p>{@code intra-op} is the number of threads of one operation, 0 what ONNX Runtime takes by
 * itself. Prints the result as JSON, on the last line.
 */
public final class OnnxRuntimePeer {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String input;
  private final long[] shape;
  private final int batch;

  private OnnxRuntimePeer(String file, int batch, int intraOp) throws OrtException {
    this.batch = batch;
    environment = OrtEnvironment.getEnvironment();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    if (intraOp > 0) {
      options.setIntraOpNumThreads(intraOp);
    }
    session = environment.createSession(file, options);
    input = session.getInputNames().iterator().next();
    shape = ((TensorInfo) session.getInputInfo().get(input).getInfo()).getShape();
    shape[0] = batch;
  }

  private int values() {
    return (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  private float[] logits(float[] images) throws OrtException {
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), shape);
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] logits = new float[values.remaining()];
      values.get(logits);
      return logits;
    }
  }

  /** What a client's calls took. */
  private record Timing(List<Double> millis, double seconds) {}

  private Timing call(float[] images, double seconds) throws OrtException {
    List<Double> millis = new ArrayList<>();
    long start = System.nanoTime();
    long ended = start;
    while (ended - start < seconds * 1e9 || millis.isEmpty()) {
      long began = ended;
      logits(images);
      ended = System.nanoTime();
      millis.add((ended - began) / 1e6);
    }
    return new Timing(millis, (ended - start) / 1e9);
  }

  private static <T> List<T> all(ExecutorService threads, List<Callable<T>> calls)
      throws Exception {
    List<T> results = new ArrayList<>();
    for (Future<T> result : threads.invokeAll(calls)) {
      results.add(result.get());
    }
    return results;
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (String argument : List.of(arguments).subList(1, arguments.length)) {
      String[] parts = argument.split("=", 2);
      options.put(parts[0], parts[1]);
    }
    int clients = Integer.parseInt(options.getOrDefault("clients", "8"));
    int batch = Integer.parseInt(options.getOrDefault("batch", "1"));
    int intraOp = Integer.parseInt(options.getOrDefault("intra-op", "0"));
    int warmup = Integer.parseInt(options.getOrDefault("warmup", "4"));
    double seconds = Double.parseDouble(options.getOrDefault("seconds", "5"));

    OnnxRuntimePeer peer = new OnnxRuntimePeer(arguments[0], batch, intraOp);
    Random random = new Random(1);
    List<Callable<float[]>> first = new ArrayList<>();
    List<Callable<Timing>> timed = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      float[] images = new float[peer.values()];
      for (int k = 0; k < images.length; k++) {
        images[k] = random.nextFloat();
      }
      first.add(
          () -> {
            for (int call = 1; call < warmup; call++) {
              peer.logits(images);
            }
            return peer.logits(images);
          });
      timed.add(() -> peer.call(images, seconds));
    }

    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<float[]> logits = all(threads, first);
      long began = System.nanoTime();
      List<Timing> timings = all(threads, timed);
      double whole = (System.nanoTime() - began) / 1e9;
      if (options.containsKey("logits")) {
        write(Path.of(options.get("logits")), logits);
      }
      print(peer, clients, intraOp, timings, whole);
    } finally {
      threads.shutdown();
    }
  }

  private static void write(Path file, List<float[]> parts) throws IOException {
    int values = parts.stream().mapToInt(part -> part.length).sum();
    ByteBuffer bytes =
        ByteBuffer.allocate(values * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    FloatBuffer floats = bytes.asFloatBuffer();
    parts.forEach(floats::put);
    Files.write(file, bytes.array());
  }

  private static void print(
      OnnxRuntimePeer peer, int clients, int intraOp, List<Timing> timings, double seconds)
      throws IOException {
    double[] millis =
        timings.stream().flatMap(t -> t.millis.stream()).mapToDouble(x -> x).sorted().toArray();
    double rate = timings.stream().mapToDouble(t -> peer.batch * t.millis.size() / t.seconds).sum();
    int n = millis.length;
    System.out.printf(
        Locale.ROOT,
        "{\"peer\": \"onnxruntime %s\", \"mode\": \"serve\", \"clients\": %d, \"batch\": %d, \"intra_op\": %d,"
            + " \"calls\": %d, \"seconds\": %.3f, \"images_per_second\": %.2f, \"median_ms\": %.4f,"
            + " \"p99_ms\": %.4f, \"max_ms\": %.4f, \"peak_rss_mib\": %s}%n",
        peer.environment.getVersion(),
        clients,
        peer.batch,
        intraOp,
        n,
        seconds,
        rate,
        (millis[(n - 1) / 2] + millis[n / 2]) / 2,
        millis[Math.max(0, (int) Math.ceil(0.99 * n) - 1)],
        millis[n - 1],
        peakRssMib());
  }

  private static String peakRssMib() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return "null";
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmHWM:")) {
        return String.valueOf(Long.parseLong(line.replaceAll("\\D", "")) / 1024);
      }
    }
    return "null";
  }
}
