package dev.mlit.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A page in a running Chromium, spoken to by its DevTools protocol. */
public final class BrowserPage implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://([^/]+)/");
  private static final int LIMIT_SECONDS = 60;

  private final Process process;
  private final WebSocket socket;
  private final Answers answers;
  private final AtomicInteger sent = new AtomicInteger();

  private BrowserPage(Process process, WebSocket socket, Answers answers) {
    this.process = process;
    this.socket = socket;
    this.answers = answers;
  }

  static BrowserPage open(List<String> command, URI address, Path log)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(log.toFile())
            .start();
    try {
      HttpClient client = HttpClient.newHttpClient();
      HttpRequest blank =
          HttpRequest.newBuilder(URI.create("http://" + authority(process, log) + "/json/new"))
              .PUT(HttpRequest.BodyPublishers.noBody())
              .build();
      JsonNode tab = JSON.readTree(client.send(blank, HttpResponse.BodyHandlers.ofString()).body());
      Answers answers = new Answers();
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .buildAsync(URI.create(tab.get("webSocketDebuggerUrl").asText()), answers)
              .join();
      BrowserPage page = new BrowserPage(process, socket, answers);
      for (String domain : List.of("Runtime", "Log", "Page", "DOM")) {
        page.call(domain + ".enable", Map.of());
      }
      page.call("Page.navigate", Map.of("url", address.toString()));
      page.await("document.readyState === 'complete' && location.href !== 'about:blank'");
      return page;
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      end(process);
      throw e;
    }
  }

  private static String authority(Process process, Path log)
      throws IOException, InterruptedException {
    for (int i = 0; i < LIMIT_SECONDS * 10 && process.isAlive(); i++) {
      Matcher listening = LISTENING.matcher(Files.readString(log));
      if (listening.find()) {
        return listening.group(1);
      }
      Thread.sleep(100);
    }
    throw new AssertionError("the browser does not start:\n" + Files.readString(log));
  }

  /** What the browser says: answers by their number, and what came to the console. */
  private static final class Answers implements WebSocket.Listener {
    private final StringBuilder part = new StringBuilder();
    private final Map<Integer, CompletableFuture<JsonNode>> open = new ConcurrentHashMap<>();
    private final List<String> console = new CopyOnWriteArrayList<>();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        try {
          take(JSON.readTree(part.toString()));
        } catch (IOException e) {
          console.add(e.toString());
        }
        part.setLength(0);
      }
      from.request(1);
      return null;
    }

    private void take(JsonNode message) {
      String event = message.path("method").asText();
      if (message.has("id")) {
        CompletableFuture<JsonNode> waiting = open.remove(message.get("id").asInt());
        if (waiting != null) {
          waiting.complete(message);
        }
      } else if (event.equals("Runtime.consoleAPICalled")
          || event.equals("Runtime.exceptionThrown")
          || event.equals("Log.entryAdded")) {
        console.add(message.get("params").toString());
      }
    }
  }

  private JsonNode call(String method, Map<String, Object> parameters) {
    int id = sent.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.open.put(id, answer);
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    socket.sendText(message.toString(), true).join();
    JsonNode got = answer.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    assertThat(got.has("error")).as("%s: %s", method, got).isFalse();
    return got.get("result");
  }

  /** The value of an expression of JavaScript, as text. */
  public String evaluate(String expression) {
    JsonNode result =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    assertThat(result.has("exceptionDetails")).as("%s: %s", expression, result).isFalse();
    return result.get("result").path("value").asText();
  }

  /** Waits until an expression is true. */
  public void await(String condition) throws InterruptedException {
    for (int i = 0; !evaluate("Boolean(" + condition + ")").equals("true"); i++) {
      assertThat(i).as("waits for %s; console: %s", condition, console()).isLessThan(600);
      Thread.sleep(100);
    }
  }

  /** Chooses a file in a field for files, as the dialog of the browser would. */
  public void choose(String selector, Path file) {
    int root = call("DOM.getDocument", Map.of()).get("root").get("nodeId").asInt();
    int field =
        call("DOM.querySelector", Map.of("nodeId", root, "selector", selector))
            .get("nodeId")
            .asInt();
    call(
        "DOM.setFileInputFiles",
        Map.of("nodeId", field, "files", List.of(file.toAbsolutePath().toString())));
  }

  /** Drops a file onto an element. */
  public void drop(String selector, Path file, String type) throws IOException {
    String bytes = Base64.getEncoder().encodeToString(Files.readAllBytes(file));
    evaluate(
        """
        (() => {
          const bytes = Uint8Array.from(atob('%s'), c => c.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], '%s', {type: '%s'}));
          for (const kind of ['dragover', 'drop']) {
            document.querySelector('%s').dispatchEvent(
                new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: data}));
          }
        })()
        """
            .replaceFirst("%s", bytes)
            .replaceFirst("%s", String.valueOf(file.getFileName()))
            .replaceFirst("%s", type)
            .replaceFirst("%s", Matcher.quoteReplacement(selector)));
  }

  /** Everything that came to the console, errors and refused requests among it. */
  public List<String> console() {
    return List.copyOf(answers.console);
  }

  /** The whole page as a PNG file. */
  public byte[] screenshot() {
    return Base64.getDecoder()
        .decode(
            call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true))
                .get("data")
                .asText());
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    // Its profile lies in a directory that is deleted next.
    process.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    socket.abort();
    end(process);
  }
}
