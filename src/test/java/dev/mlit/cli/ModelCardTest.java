package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.mlit.Mlit;
import dev.mlit.examples.kotlin.UseModelKt;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.Prediction;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.Java;
import dev.mlit.testing.Python;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.TensorFlow;

/**
 * The card of a model that a run has exported. If this fails, who finds the model in a year does
 * not know what it was trained on and how good it is, or copies a snippet that does not run.
 */
@Tag("slow")
class ModelCardTest {
  private static final Path IMAGE = Path.of("examples/images/sneaker.png").toAbsolutePath();
  private static final ModelSpec MODEL =
      ModelSpec.builder("card")
          .image(28, 28, 1)
          .patch(7)
          .embedding(12)
          .attention(2, 1)
          .stage(1, 3)
          .stage(1, 4)
          .hidden(8, 6)
          .classes(10)
          .build();

  @TempDir private static Path directory;
  private static Mlit.TrainedModel trained;
  private static String card;
  private static List<Prediction> expected;

  @BeforeAll
  static void train() throws IOException {
    RunSpec run =
        RunSpec.builder("card")
            .model(MODEL)
            .data("fashion-small")
            .training(t -> t.epochs(1).batch(50).steps(4).seed(7))
            .optimizer(o -> o.name(OptimizerSpec.Name.ADAMW))
            .export(directory.resolve("savedmodel").toString())
            .build();
    trained = Mlit.train(run, trainer -> trainer.directory(directory.resolve("run")));
    card = Files.readString(trained.savedModel().resolve("README.md"));
    try (Classifier classifier = Mlit.load(trained.savedModel())) {
      expected = classifier.classify(IMAGE, 3);
    }
  }

  @Test
  void saysWhatTheModelIsAndHowItWasTrained() {
    assertThat(card)
        .startsWith("---\nlibrary_name: \"mlit\"\npipeline_tag: \"image-classification\"\n")
        .contains("\n---\n\n# card\n")
        .contains(
            String.format(
                Locale.ROOT,
                "| test accuracy | %.4f on 2,000 images of fashion-small |",
                trained.training().testAccuracy()))
        .contains("| data | fashion-small: 10,000 images to train on, 2,000 to test on |")
        .contains("| trained | 4 steps of 50 images, seed 7 |")
        .contains("| optimizer | AdamW, learning rate up to 0.001 |")
        .contains(
            String.format(Locale.ROOT, "| parameters | %,d |", ModelCost.of(MODEL).parameters()))
        .contains(
            String.format(
                Locale.ROOT,
                "| multiply-accumulates per image | %,d |",
                ModelCost.of(MODEL).macs()))
        .contains("| images | float32 [batch, 28, 28, 1] in [0, 1] |")
        .contains("TensorFlow " + TensorFlow.version() + ", Java " + Runtime.version())
        .contains("## How it was trained\n\n```yaml\nname: card\n");
  }

  /** Every token goes to two experts, so that the shares of a block add up to 2. */
  @Test
  void saysHowTheRouterSpreadsTheTokens() {
    Matcher row =
        Pattern.compile("^\\| (\\d) \\| ([0-9. ]+) \\| ([0-9.]+) \\|$", Pattern.MULTILINE)
            .matcher(card);
    for (int block = 0; block < MODEL.layers(); block++) {
      assertThat(row.find()).isTrue();
      List<Double> shares =
          Pattern.compile(" ").splitAsStream(row.group(2)).map(Double::valueOf).toList();
      assertThat(row.group(1)).isEqualTo("" + block);
      assertThat(shares).hasSize(MODEL.experts().get(block));
      double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
      assertThat(sum).isCloseTo(2, offset(0.02));
      double most = shares.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
      assertThat(Double.parseDouble(row.group(3)))
          .isCloseTo(most * shares.size() / 2, offset(0.03));
    }
    assertThat(row.find()).isFalse();
  }

  @Test
  void commandRuns() {
    StringWriter printed = new StringWriter();
    String[] words = placed(snippet("sh")).strip().split(" +", -1);
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(printed))
            .execute(
                IntStream.range(1, words.length).mapToObj(i -> words[i]).toArray(String[]::new));

    assertThat(exit).isZero();
    assertThat(printed.toString().lines())
        .hasSize(3)
        .first()
        .asString()
        .startsWith(IMAGE + ": " + expected.get(0).label());
  }

  @Test
  void javaSnippetRuns() throws Exception {
    String snippet = placed(snippet("java"));
    String imports = String.join("\n", snippet.lines().filter(this::isImport).toList());
    String body = String.join("\n", snippet.lines().filter(line -> !isImport(line)).toList());

    String output =
        Java.run(
            directory,
            "Card",
            imports
                + "\npublic class Card { public static void main(String[] args) {\n"
                + body
                + "\n} }");

    assertThat(output.lines())
        .containsExactlyElementsOf(expected.stream().map(Prediction::toString).toList());
  }

  private boolean isImport(String line) {
    return line.startsWith("import ");
  }

  /** Every build compiles it as a part of examples/kotlin/UseModel.kt. */
  @Test
  void kotlinSnippetRuns() throws IOException {
    String program = Files.readString(Path.of("examples/kotlin/UseModel.kt"));
    String snippet =
        snippet("kotlin").replace("\"DIR\"", "args[0]").replace("\"IMAGE.png\"", "args[1]");
    assertThat(program).contains(snippet.indent(4));

    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      UseModelKt.main(new String[] {trained.savedModel().toString(), IMAGE.toString()});
    } finally {
      System.setOut(out);
    }

    Prediction best = expected.get(0);
    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines)
        .startsWith(best.label() + " " + best.probability())
        .contains("64 pictures at once: " + best.label());
    assertThat(lines.get(lines.size() - 1))
        .matches("http://127.0.0.1:\\d+/classify: .*\"" + best.label() + "\".*");
  }

  @Test
  void pythonSnippetRuns() {
    String output =
        Python.with("tensorflow")
            .run(
                Duration.ofMinutes(3),
                Map.of(),
                "-c",
                placed(snippet("python")) + "print('best', float(probabilities.numpy().max()))");

    Matcher best = Pattern.compile("^best ([0-9.]+)$", Pattern.MULTILINE).matcher(output);
    assertThat(best.find()).as(output).isTrue();
    // The pixels are a gray level apart where the image is resized; this one is not.
    assertThat(Double.parseDouble(best.group(1)))
        .isCloseTo(expected.get(0).probability(), offset(1e-2));
  }

  private static String placed(String snippet) {
    return snippet
        .replace("DIR", trained.savedModel().toString())
        .replace("IMAGE.png", IMAGE.toString());
  }

  private static String snippet(String language) {
    Matcher block =
        Pattern.compile("^```" + language + "\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE)
            .matcher(card);
    assertThat(block.find()).as(language + " in " + card).isTrue();
    return block.group(1);
  }
}
