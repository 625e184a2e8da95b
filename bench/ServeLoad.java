import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks a server of {@code ./mlit serve} for logits over many connections, each again as soon as it has its answer:
 *
 * <pre>java bench/ServeLoad.java [--url http://127.0.0.1:8080] [--connections 32] [--seconds 120] [--warmup 10]</pre>
 *
 * <p>It finds the model's name and image size by the Open Inference Protocol, sends one image a request as bytes, and
 * prints requests a second, the 50th and 99th percentile, statuses, and the server's resident memory at the start and
 * the end, as one line of JSON.
 */
public final class ServeLoad {
  private static final Pattern SHAPE = Pattern.compile("\"inputs\":\\[\\{\"name\":\"images\".*?\"shape\":\\[-1,(\\d+),(\\d+),(\\d+)]");
  private static final Pattern RESIDENT = Pattern.compile("(?m)^process_resident_memory_bytes (\\d+)");

  private final URI server;
  private final byte[] request;

  private ServeLoad(URI server, byte[] request) {
    this.server = server;
    this.request = request;
  }

  /** A connection that stays open. */
  private static final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    Connection(URI server) throws IOException {
      socket = new Socket(server.getHost(), server.getPort());
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      out = socket.getOutputStream();
    }

    /** An answer. */
    record Reply(int status, byte[] body) {}

    Reply ask(byte[] request) throws IOException {
      out.write(request);
      String status = line();
      int length = 0;
      for (String header = line(); !header.isEmpty(); header = line()) {
        if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(header.substring(15).strip());
        }
      }
      return new Reply(Integer.parseInt(status.split(" ")[1]), in.readNBytes(length));
    }

    private String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next == -1) {
          throw new IOException("the server closed the connection");
        }
        line.write(next);
      }
      return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static String get(URI server, String path) throws IOException {
    try (Connection connection = new Connection(server)) {
      byte[] request = ("GET " + path + " HTTP/1.1\r\nHost: " + server.getHost() + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
      return new String(connection.ask(request).body(), StandardCharsets.UTF_8);
    }
  }

  private static byte[] infer(URI server, String model) throws IOException {
    Matcher shape = SHAPE.matcher(get(server, "/v2/models/" + model));
    if (!shape.find()) {
      throw new IOException("no model " + model + " at " + server);
    }
    int[] size = {Integer.parseInt(shape.group(1)), Integer.parseInt(shape.group(2)), Integer.parseInt(shape.group(3))};
    int values = size[0] * size[1] * size[2];
    byte[] json =
        String.format(
                Locale.ROOT,
                "{\"inputs\":[{\"name\":\"images\",\"datatype\":\"FP32\",\"shape\":[1,%d,%d,%d],\"parameters\":{\"binary_data_size\":%d}}],"
                    + "\"outputs\":[{\"name\":\"logits\",\"parameters\":{\"binary_data\":true}}]}",
                size[0], size[1], size[2], 4 * values)
            .getBytes(StandardCharsets.US_ASCII);
    byte[] head =
        String.format(
                Locale.ROOT,
                "POST /v2/models/%s/infer HTTP/1.1\r\nHost: %s\r\nInference-Header-Content-Length: %d\r\nContent-Length: %d\r\n\r\n",
                model, server.getHost(), json.length, json.length + 4 * values)
            .getBytes(StandardCharsets.US_ASCII);
    ByteBuffer request = ByteBuffer.allocate(head.length + json.length + 4 * values).order(ByteOrder.LITTLE_ENDIAN);
    request.put(head).put(json);
    Random random = new Random(1);
    for (int i = 0; i < values; i++) {
      request.putFloat(random.nextFloat());
    }
    return request.array();
  }

  private long residentMib() throws IOException {
    Matcher resident = RESIDENT.matcher(get(server, "/metrics"));
    return resident.find() ? Long.parseLong(resident.group(1)) >> 20 : -1;
  }

  /** What one connection measured. */
  private static final class Client extends Thread {
    private final ServeLoad load;
    private final long end;
    private long[] nanos = new long[1 << 16];
    private int count;
    private final Map<Integer, Integer> statuses = new TreeMap<>();
    private IOException failure;

    Client(ServeLoad load, long end) {
      this.load = load;
      this.end = end;
    }

    @Override
    public void run() {
      try (Connection connection = new Connection(load.server)) {
        while (System.nanoTime() < end) {
          long began = System.nanoTime();
          statuses.merge(connection.ask(load.request).status(), 1, Integer::sum);
          if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
          }
          nanos[count++] = System.nanoTime() - began;
        }
      } catch (IOException e) {
        failure = e;
      }
    }
  }

  private List<Client> run(int connections, int seconds) throws InterruptedException, IOException {
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      clients.add(new Client(this, end));
    }
    clients.forEach(Thread::start);
    for (Client client : clients) {
      client.join();
      if (client.failure != null) {
        throw client.failure;
      }
    }
    return clients;
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new TreeMap<>(Map.of("--url", "http://127.0.0.1:8080", "--connections", "32", "--seconds", "120", "--warmup", "10", "--model", ""));
    for (int i = 0; i < args.length; i += 2) {
      if (!options.containsKey(args[i]) || i + 1 == args.length) {
        System.err.println(args[i] + ": must be one of " + options.keySet() + ", with a value");
        System.exit(2);
      }
      options.put(args[i], args[i + 1]);
    }
    URI server = URI.create(options.get("--url"));
    String model = options.get("--model");
    if (model.isEmpty()) {
      Matcher named = Pattern.compile("name is ([^\"]+)\"").matcher(get(server, "/v2/models/?").replace("\\", ""));
      model = named.find() ? named.group(1) : "";
    }
    ServeLoad load = new ServeLoad(server, infer(server, model));
    int connections = Integer.parseInt(options.get("--connections"));
    int seconds = Integer.parseInt(options.get("--seconds"));
    load.run(connections, Integer.parseInt(options.get("--warmup")));
    long before = load.residentMib();
    List<Client> clients = load.run(connections, seconds);
    long after = load.residentMib();
    long[] nanos = clients.stream().flatMapToLong(c -> Arrays.stream(c.nanos, 0, c.count)).sorted().toArray();
    Map<Integer, Integer> statuses = new TreeMap<>();
    clients.forEach(c -> c.statuses.forEach((status, n) -> statuses.merge(status, n, Integer::sum)));
    System.out.printf(
        Locale.ROOT,
        "{\"model\":\"%s\",\"connections\":%d,\"seconds\":%d,\"requests\":%d,\"requests_per_second\":%.1f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,"
            + "\"max_ms\":%.2f,\"statuses\":\"%s\",\"rss_start_mib\":%d,\"rss_end_mib\":%d}%n",
        model, connections, seconds, nanos.length, (double) nanos.length / seconds, nanos[nanos.length / 2] / 1e6,
        nanos[(int) (nanos.length * 0.99)] / 1e6, nanos[nanos.length - 1] / 1e6, statuses, before, after);
  }
}
