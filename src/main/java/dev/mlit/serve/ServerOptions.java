package dev.mlit.serve;

import dev.mlit.data.image.ImageFile;
import dev.mlit.spec.text.NumberRule;
import java.time.Duration;
import java.util.Optional;

/**
 * How a {@link ModelServer} listens and what it accepts.
 *
 * @since 0.1.0
 */
public final class ServerOptions {
  private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
  private static final int LARGEST_BODY = 1 << 30;
  private static final int LARGEST_PORT = 65_535;
  private static final int LARGEST_BATCH = 4096;
  private static final int LONGEST_QUEUE = 65_536;
  private static final int USUAL_PIXELS = 64_000_000;

  private String host = "127.0.0.1";
  private int port = 8080;
  private Optional<String> name = Optional.empty();
  private int queue = 128;
  private int maxBody = 8 << 20;
  private Duration timeout = Duration.ofSeconds(30);
  private int batch = 16;
  private Duration maxWait = Duration.ofMillis(1);
  private long maxPixels = USUAL_PIXELS;
  private boolean page = true;

  ServerOptions() {}

  /**
   * The address to listen at; 127.0.0.1, which only programs of this machine reach, unless set.
   * There is no authentication: whoever reaches the address may ask the model.
   *
   * @param address a name or a number, such as {@code 0.0.0.0} for all of this machine
   */
  public ServerOptions host(String address) {
    this.host = address;
    return this;
  }

  String host() {
    return host;
  }

  /**
   * The port to listen at; 8080 unless set.
   *
   * @param number 0 for any that is free; {@link ModelServer#port()} says which
   * @throws IllegalArgumentException if it is below 0 or above 65535
   */
  public ServerOptions port(int number) {
    this.port = NumberRule.between(0, LARGEST_PORT).require("port", number);
    return this;
  }

  int port() {
    return port;
  }

  /**
   * The model's name in paths such as {@code /v2/models/NAME/infer}; that of its description unless
   * set.
   *
   * @throws IllegalArgumentException if it is empty or has a slash or a colon
   */
  public ServerOptions name(String model) {
    if (model.isEmpty() || model.contains("/") || model.contains(":")) {
      throw new IllegalArgumentException(
          "name \"" + model + "\" must not be empty, and have no slash and no colon");
    }
    this.name = Optional.of(model);
    return this;
  }

  Optional<String> name() {
    return name;
  }

  /**
   * The most requests to the model that are there at a time, read, waiting or computed; 128 unless
   * set. One more is answered with 429.
   *
   * @throws IllegalArgumentException if it is below 1 or above 65536
   */
  public ServerOptions queue(int requests) {
    this.queue = NumberRule.between(1, LONGEST_QUEUE).require("queue", requests);
    return this;
  }

  int queue() {
    return queue;
  }

  /**
   * The most bytes of a request's body; 8 MiB unless set. A larger one is answered with 413. All
   * bodies together have at most {@code queue} times as many bytes, and take two to three times
   * that in memory while they are read.
   *
   * @throws IllegalArgumentException if it is below 1 or above 1 GiB
   */
  public ServerOptions maxBody(int bytes) {
    this.maxBody = NumberRule.between(1, LARGEST_BODY).require("maxBody", bytes);
    return this;
  }

  int maxBody() {
    return maxBody;
  }

  /**
   * The longest time that a client may take to send a request, a request waits for its turn, a
   * connection stays open without one, and the server takes to stop; 30 s unless set.
   *
   * @throws IllegalArgumentException if it is below 1 ms or above an hour
   */
  public ServerOptions timeout(Duration longest) {
    if (longest.toMillis() < 1 || longest.compareTo(LONGEST_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "timeout " + longest + " must be at least 1 ms and at most 1 hour");
    }
    this.timeout = longest;
    return this;
  }

  Duration timeout() {
    return timeout;
  }

  /**
   * The most images that go through the model together; 16 unless set, 1 for each by itself.
   *
   * @throws IllegalArgumentException if it is below 1 or above 4096
   */
  public ServerOptions batch(int images) {
    this.batch = NumberRule.between(1, LARGEST_BATCH).require("batch", images);
    return this;
  }

  int batch() {
    return batch;
  }

  /**
   * The longest time that a request waits for others to fill its batch; 1 ms unless set.
   *
   * @throws IllegalArgumentException if it is negative or above 10 s
   */
  public ServerOptions maxWait(Duration longest) {
    if (longest.isNegative() || longest.compareTo(LONGEST_WAIT) > 0) {
      throw new IllegalArgumentException(
          "maxWait " + longest + " must be at least 0 s and at most 10 s");
    }
    this.maxWait = longest;
    return this;
  }

  Duration maxWait() {
    return maxWait;
  }

  /**
   * The most pixels of an image file; 64 million unless set.
   *
   * @throws IllegalArgumentException if it is below 1 or above 100 million
   */
  public ServerOptions maxPixels(long pixels) {
    this.maxPixels = NumberRule.between(1, ImageFile.MOST_PIXELS).require("maxPixels", pixels);
    return this;
  }

  long maxPixels() {
    return maxPixels;
  }

  /**
   * Whether there is a page at {@code /} that shows the classes of a picture and which expert each
   * patch went to; true unless set. It takes a second copy of the weights.
   */
  public ServerOptions page(boolean shown) {
    this.page = shown;
    return this;
  }

  boolean page() {
    return page;
  }
}
