package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.testing.ChildJava;
import dev.mlit.testing.HostileFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files that claim or unpack to more than there is memory for, read where Java may take 96 MB. If
 * this fails, a service that takes uploads, or a run on a small machine, ends with an
 * OutOfMemoryError instead of a line that says what is wrong with which file.
 */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmallHeapTest {
  private final Map<String, String> messages = new LinkedHashMap<>();

  @BeforeAll
  void readAll(@TempDir Path directory) throws IOException, InterruptedException {
    for (HostileSize size : HostileSize.all()) {
      size.maker()
          .write(Files.createDirectory(directory.resolve(size.name())).resolve(size.file()));
    }
    List<String> options = List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    for (String line :
        ChildJava.run(directory, "", options, SmallHeap.class, directory.toString())) {
      messages.put(line.split(" ", 2)[0], line.split(" ", 2)[1]);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          idx-of-2-to-the-31 | the header claims 2147483648 images of 28x28 (1683627180032 bytes)
          idx-of-2-gb        | 3 bytes of pixels, but the header claims 2097151 images of 32x32
          idx-of-300-mb      | takes
          mat-numbers        | damaged or truncated MATLAB file (1228800000 bytes of an array
          mat-compressed     | damaged or truncated MATLAB file (1228800000 bytes of an array
          mat-flags          | damaged or truncated MATLAB file (1000000000 bytes of flags, dim
          mat-dimensions     | damaged or truncated MATLAB file (1000000000 bytes of flags, dim
          mat-name           | damaged or truncated MATLAB file (1000000000 bytes of flags, dim
          mat-of-300-mb      | takes
          mat-objects        | damaged or truncated MATLAB file (an object of MATLAB's own
          mat-cells          | has no array of numbers that is called X
          png-60000x60000    | 60000x60000 pixels, must be at most 100000000
          png-9999x9999      | takes
          png-text           | more than
          gif-comment        | more than
          tar                | unpacks to more than 23 MB, too much to keep in memory; unpack it
          tar-of-empty-files | unpacks to more than 23 MB, too much to keep in memory; unpack it
          zip-of-text        | more than 8388608 bytes of text
          """)
  void fileThatIsTooLargeIsNamed(String name, String problem) {
    assertThat(messages.get(name))
        .matches("(x|train_32x32[.]mat).*: " + Pattern.quote(problem) + ".*");
  }

  @Test
  void datasetThatIsTooLargeIsNamed() {
    assertThat(messages.get("cifar")).startsWith("cifar10: takes 146 MB of memory, Java may take ");
  }

  @Test
  void keptFilesAreReadOrRefused() {
    assertThat(messages).containsEntry("kept-files", "are read or refused");
  }

  /** Prints what the readers say. */
  static final class SmallHeap {
    private SmallHeap() {}

    public static void main(String[] args) throws IOException {
      Path directory = Path.of(args[0]);
      for (HostileSize size : HostileSize.all()) {
        Path own = directory.resolve(size.name());
        try {
          size.reader().read(own.resolve(size.file()));
          System.out.println(size.name() + " is read");
        } catch (InvalidInputException e) {
          String message = String.valueOf(e.getMessage());
          System.out.println(size.name() + " " + message.replace(own + "/", ""));
        }
      }
      keptFiles(Files.createDirectory(directory.resolve("kept")));
    }

    private static void keptFiles(Path directory) throws IOException {
      for (FuzzedReader reader : FuzzedReader.values()) {
        Path own = Files.createDirectory(directory.resolve(reader.name()));
        for (Path file : HostileFiles.kept(reader.folder())) {
          reader.run(own, Files.readAllBytes(file));
        }
      }
      System.out.println("kept-files are read or refused");
    }
  }
}
