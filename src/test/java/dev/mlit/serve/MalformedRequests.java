package dev.mlit.serve;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Requests that are wrong in many ways: the same ones for the same seed. */
final class MalformedRequests {
  private static final String[] PATHS = {
    "/v2/models/tiny/infer",
    "/v1/models/tiny:predict",
    "/classify",
    "/inspect",
    "/v2/models/tiny",
    "/",
    "/metrics",
    "/v2/../v2",
    "/%2e%2e/%00",
    "/%",
    "//",
    "/classify?top=%zz",
    "/v2/models/%74iny/infer",
    "*",
    "http://["
  };
  private static final String[] METHODS = {
    "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "post", "", "P\u0000"
  };
  private static final String[] VALUES = {
    "null",
    "true",
    "-1",
    "1e400",
    "\"a\"",
    "{}",
    "[]",
    "[[[[[[[[[[1]]]]]]]]]]",
    "NaN",
    "-Infinity",
    "9223372036854775808",
    "0.5",
    "\"\\ud800\"",
    "{\"a\":{\"b\":[1]}}",
    ""
  };

  private final Random random;
  private final byte[] picture;

  MalformedRequests(long seed) throws IOException {
    this.random = new Random(seed);
    this.picture = Files.readAllBytes(Path.of("examples/images/sneaker.png"));
  }

  byte[] next() {
    return switch (random.nextInt(9)) {
      case 0 -> noise(1 + random.nextInt(400));
      case 1 -> damaged(request("POST", PATHS[0], Served.infer(Served.images(1), "")));
      case 2 -> request("POST", PATHS[0], damaged(bytes(Served.infer(Served.images(1), ""))));
      case 3 -> request("POST", random.nextBoolean() ? PATHS[0] : PATHS[1], wrongFields());
      case 4 -> request("GET", "/v2", new byte[0], "X: " + "a".repeat(random.nextInt(40_000)));
      case 5 ->
          request(
              "POST",
              PATHS[0],
              bytes(Served.infer(Served.images(1), "") + "\u0000".repeat(random.nextInt(300))),
              InferRequest.JSON_LENGTH + ": " + (random.nextInt(1200) - 50));
      case 6 -> request("POST", random.nextBoolean() ? PATHS[2] : PATHS[3], damaged(picture));
      case 7 -> request(pick(METHODS), pick(PATHS), noise(random.nextInt(50)));
      default -> chunked();
    };
  }

  private String pick(String[] from) {
    return from[random.nextInt(from.length)];
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] request(String method, String path, String body) {
    return request(method, path, bytes(body));
  }

  private static byte[] request(String method, String path, byte[] body, String... headers) {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    request.writeBytes(
        bytes(
            method
                + " "
                + path
                + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                + body.length
                + "\r\n"
                + more
                + "\r\n"));
    request.writeBytes(body);
    return request.toByteArray();
  }

  /** Some bytes changed, left out, put in or cut off. */
  private byte[] damaged(byte[] bytes) {
    byte[] damaged = bytes.clone();
    for (int i = random.nextInt(6); i >= 0; i--) {
      int at = random.nextInt(damaged.length);
      switch (random.nextInt(4)) {
        case 0 -> damaged[at] = (byte) random.nextInt(256);
        case 1 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> {
          byte[] longer = new byte[damaged.length + 1];
          System.arraycopy(damaged, 0, longer, 0, at);
          longer[at] = (byte) "\"[]{},:0e-\\\r\n".charAt(random.nextInt(13));
          System.arraycopy(damaged, at, longer, at + 1, damaged.length - at);
          damaged = longer;
        }
        default -> {
          if (random.nextInt(4) == 0 && at > 0) {
            damaged = java.util.Arrays.copyOf(damaged, at);
          }
        }
      }
    }
    return damaged;
  }

  private String wrongFields() {
    String[] names = {
      "inputs", "outputs", "instances", "id", "parameters", "signature_name", "\\u0000", "x"
    };
    String[] inner = {"name", "shape", "datatype", "data", "parameters"};
    StringBuilder json = new StringBuilder("{");
    for (int i = random.nextInt(4); i >= 0; i--) {
      json.append('"').append(pick(names)).append("\":");
      if (random.nextBoolean()) {
        json.append("[{\"").append(pick(inner)).append("\":").append(pick(VALUES)).append("}]");
      } else {
        json.append(pick(VALUES));
      }
      json.append(i == 0 ? "" : ",");
    }
    return json.append('}').toString();
  }

  private byte[] chunked() {
    String size =
        random.nextBoolean() ? "5" : pick(new String[] {"-1", "zz", "ffffffffff", "", "0"});
    return bytes(
        "POST /classify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            + (random.nextInt(3) == 0 ? "Content-Length: 3\r\n" : "")
            + "\r\n"
            + size
            + "\r\nabcde\r\n"
            + (random.nextBoolean() ? "0\r\n\r\n" : ""));
  }
}
