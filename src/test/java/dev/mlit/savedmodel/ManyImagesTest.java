package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.data.Offset.offset;

import dev.mlit.data.image.ImageFile;
import dev.mlit.spec.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many images at a time, and models from elsewhere. If this fails, one damaged upload costs a
 * service all the others, an answer belongs to another picture, or a model in a jar cannot be used.
 */
class ManyImagesTest {
  /** A sum of up to 10 in another order, in a batch of another size. */
  private static final double ROUNDING = 1e-5;

  private static final Path BAG = Path.of("examples/images/bag.png");
  private static final Path COAT = Path.of("examples/images/coat.png");

  @TempDir private Path temporary;
  private Path directory;
  private Classifier classifier;

  @BeforeEach
  void load() {
    directory = temporary.resolve("model");
    RandomModel.write(directory);
    classifier = Classifier.load(directory);
  }

  @AfterEach
  void close() {
    classifier.close();
  }

  /** More than go through the model together; every third one is broken in one of three ways. */
  @Test
  void imagesThatCannotBeReadHaveTheirProblemAndTheOthersTheirAnswers() throws IOException {
    byte[] coat = Files.readAllBytes(COAT);
    List<ImageSource> images = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      images.add(
          switch (i % 9) {
            case 2 -> ImageSource.of(temporary.resolve("missing.png"));
            case 5 -> ImageSource.of("text", new byte[] {1, 2, 3});
            case 8 ->
                ImageSource.of(
                    "gone",
                    () -> {
                      throw new FileNotFoundException("closed");
                    });
            default -> i % 2 == 0 ? ImageSource.of(BAG) : ImageSource.of("coat " + i, coat);
          });
    }

    List<ImageResult> results = classifier.classifyAll(images, 2);

    assertThat(results).hasSize(150);
    for (int i = 0; i < 150; i++) {
      ImageResult result = results.get(i);
      assertThat(result.name()).isEqualTo(images.get(i).name());
      String problem = result.problem().map(Throwable::getMessage).orElse("");
      switch (i % 9) {
        case 2 -> assertThat(problem).endsWith("missing.png: no such file");
        case 5 -> assertThat(problem).startsWith("text: not an image that can be read");
        case 8 -> assertThat(problem).startsWith("gone: ").contains("closed");
        default -> {
          assertThat(problem).isEmpty();
          assertSame(result.predictions(), classifier.classify(i % 2 == 0 ? BAG : COAT, 2));
        }
      }
    }
  }

  private static void assertSame(List<Prediction> actual, List<Prediction> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i).label()).isEqualTo(expected.get(i).label());
      assertThat(actual.get(i).probability())
          .isCloseTo(expected.get(i).probability(), offset(ROUNDING));
    }
  }

  @Test
  void theSameImagesGetTheSameAnswersToTheLastBit() {
    List<ImageSource> images = new ArrayList<>(Collections.nCopies(70, ImageSource.of(BAG)));
    images.add(ImageSource.of(COAT));

    assertThat(classifier.classifyAll(images, 3)).isEqualTo(classifier.classifyAll(images, 3));
  }

  /** Such as one that a program has drawn or cut out itself. */
  @Test
  void anImageInMemoryIsOneOfMany() {
    List<ImageResult> results =
        classifier.classifyAll(
            List.of(ImageSource.of("cut out", ImageFile.decode(BAG)), ImageSource.of(COAT)), 3);

    assertThat(results).extracting(ImageResult::name).containsExactly("cut out", COAT.toString());
    assertSame(results.get(0).predictions(), classifier.classify(BAG, 3));
  }

  /** A service's executor may be full. */
  @Test
  void anExecutorThatTakesNothingLeavesAllToTheCaller() {
    try (Classifier own =
        Classifier.load(
            directory,
            options ->
                options.executor(
                    task -> {
                      throw new RejectedExecutionException();
                    }))) {
      List<ImageSource> images = Collections.nCopies(10, ImageSource.of(BAG));

      assertThat(own.classifyAll(images, 1)).isEqualTo(classifier.classifyAll(images, 1));
    }
  }

  /** A million images must not be in memory at a time. */
  @Test
  void imagesAreTakenOnlyAsFarAheadAsIsSaid() {
    int[] taken = {0};
    int[] answered = {0};
    int[] furthest = {0};
    Iterable<ImageSource> images =
        () ->
            Stream.generate(() -> ImageSource.of(BAG))
                .limit(6_000)
                .peek(
                    image -> {
                      taken[0]++;
                      furthest[0] = Math.max(furthest[0], taken[0] - answered[0]);
                    })
                .iterator();

    classifier.classifyAll(images, 1, result -> answered[0]++);

    assertThat(answered[0]).isEqualTo(6_000);
    assertThat(furthest[0]).isBetween(4_000, 4_096 + 2 * ManyImages.BATCH);
  }

  /** Who types paths gets an answer to one before the next. */
  @Test
  void answersDoNotWaitForImagesThatAreNotThereYet() {
    List<String> order = new ArrayList<>();
    LiveSources typed =
        new LiveSources() {
          private int next;

          @Override
          public boolean isReady() {
            // As where the next line is still to come.
            return false;
          }

          @Override
          public boolean hasNext() {
            return next < 3;
          }

          @Override
          public ImageSource next() {
            order.add("typed " + next++);
            return ImageSource.of(BAG);
          }
        };

    classifier.classifyAll(() -> (Iterator<ImageSource>) typed, 1, result -> order.add("answer"));

    assertThat(order)
        .containsExactly("typed 0", "answer", "typed 1", "answer", "typed 2", "answer");
  }

  @Test
  void aProblemOfTheReceiverEndsTheCall() {
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () ->
                classifier.classifyAll(
                    Collections.nCopies(200, ImageSource.of(BAG)),
                    1,
                    result -> {
                      throw new IllegalStateException("enough");
                    }))
        .withMessage("enough");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> classifier.classifyAll(List.of(), 0))
        .withMessage("top 0 must be at least 1");
    assertThat(classifier.classifyAll(List.of(), 1)).isEmpty();
  }

  // ---- models from elsewhere

  private Path zip(String folder) throws IOException {
    Path zip = temporary.resolve("model" + folder.length() + ".zip");
    try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"));
        Stream<Path> all = Files.walk(directory)) {
      Path inside = files.getPath("/" + folder);
      for (Path path : all.toList()) {
        Path copy = inside.resolve(directory.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(path, copy);
        }
      }
    }
    return zip;
  }

  @Test
  void aModelInAZipInAnotherFileSystemAndOnTheClassPath() throws IOException {
    List<Prediction> expected = classifier.classify(BAG);

    Path folder = zip("clothes");
    for (Path zip : List.of(zip(""), folder)) {
      try (Classifier loaded = Classifier.load(zip)) {
        assertThat(loaded.classify(BAG)).isEqualTo(expected);
      }
    }
    try (FileSystem files = FileSystems.newFileSystem(folder);
        Classifier loaded = Classifier.load(files.getPath("clothes"))) {
      assertThat(loaded.classify(BAG)).isEqualTo(expected);
    }
    try (URLClassLoader classes = new URLClassLoader(new URL[] {folder.toUri().toURL()}, null);
        Classifier loaded = Classifier.loadResource(classes, "/clothes", options -> {})) {
      assertThat(loaded.classify(BAG)).isEqualTo(expected);
    }
    assertThat(copies()).isEmpty();
  }

  /** Of this test's models; those of others may be there. */
  private static List<Path> copies() throws IOException {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return all.filter(path -> path.getFileName().toString().startsWith("mlit-model")).toList();
    }
  }

  @Test
  void whatIsWrongWithAModelElsewhereIsSaidInTheWordsOfTheCaller() throws IOException {
    Files.writeString(directory.resolve("labels.txt"), "one\n");
    Path zip = zip("");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Classifier.load(zip))
        .withMessageStartingWith(zip + ": labels.txt: is not the file that SHA256SUMS");

    Path text = Files.writeString(temporary.resolve("text.zip"), "no zip");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Classifier.load(text))
        .withMessageStartingWith(text + ": damaged or truncated zip (");
    ClassLoader classes = ManyImagesTest.class.getClassLoader();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Classifier.loadResource(classes, "no/model", options -> {}))
        .withMessage("class path no/model: not a SavedModel of mlit, it has no saved_model.pb");
  }
}
