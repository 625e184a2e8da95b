package dev.mlit.cli;

import dev.mlit.serve.ModelServer;
import dev.mlit.spec.text.NumberRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit serve}. */
@Command(
    name = "serve",
    description =
        "Answers requests over HTTP: Open Inference Protocol v2, TensorFlow Serving's REST, pictures"
            + " to /classify, metrics, and a page to try it with.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      converter = ModelPlace.class,
      completionCandidates = Candidates.Models.class,
      description = ModelPlace.DESCRIPTION)
  private Path model;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "Where to listen, 0 for any that is free; ${DEFAULT-VALUE} if left out.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "The address to listen at, 0.0.0.0 for all; ${DEFAULT-VALUE} if left out, which only this"
              + " machine reaches. There is no authentication.")
  private String host;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The model's name in paths; that of its description if left out.")
  private @Nullable String name;

  @Option(
      names = "--queue",
      paramLabel = "N",
      defaultValue = "128",
      description = "The most requests at a time, one more gets 429; ${DEFAULT-VALUE} if left out.")
  private int queue;

  @Option(
      names = "--max-body",
      paramLabel = "MIB",
      defaultValue = "8",
      description = "The largest body in MiB, more gets 413; ${DEFAULT-VALUE} if left out.")
  private int maxBody;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "How long a client may take, a request may wait, and stopping may last; ${DEFAULT-VALUE}"
              + " if left out.")
  private int timeout;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "The most images that are computed together; ${DEFAULT-VALUE} if left out.")
  private int batch;

  @Option(
      names = "--max-wait",
      paramLabel = "MS",
      defaultValue = "1",
      description =
          "How many milliseconds a request waits for others to fill its batch; ${DEFAULT-VALUE} if"
              + " left out.")
  private int maxWait;

  @Option(names = "--no-page", description = "Leaves out the page at / and what it asks.")
  private boolean noPage;

  @Override
  public Integer call() throws InterruptedException {
    OptionRange.require("--port", port, 0, 65_535);
    OptionRange.require("--queue", queue, 1, 65_536);
    OptionRange.require("--max-body", maxBody, 1, 1024);
    OptionRange.require("--timeout", timeout, 1, 3600);
    OptionRange.require("--batch", batch, 1, 4096);
    OptionRange.require("--max-wait", maxWait, NumberRule.between(0, 10_000));
    ModelServer server =
        ModelServer.start(
            model,
            options -> {
              options.host(host).port(port).queue(queue).maxBody(maxBody << 20);
              options.timeout(Duration.ofSeconds(timeout));
              options.batch(batch).maxWait(Duration.ofMillis(maxWait)).page(!noPage);
              if (name != null) {
                options.name(name);
              }
            });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop-on-signal"));
    Console console = Console.of(command);
    console.line("%s serves %s; stop it with Ctrl-C", server.uri(), server.name());
    // Until a signal ends the process.
    new CountDownLatch(1).await();
    return 0;
  }

  private static void stop(ModelServer server) {
    System.err.println("stopping after the requests that are there");
    server.close();
  }
}
