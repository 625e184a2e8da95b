package dev.mlit.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.testing.ChildJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Directories that are replaced as a whole. If it fails, an export takes a user's files with it, a
 * link or the model that was there, or it says only after the training that it cannot be done.
 */
class WholeDirectoryTest {
  private static final Set<String> OWN = Set.of("mark", "inner/data");

  @TempDir private Path parent;
  private Path target;

  @BeforeEach
  void name() {
    target = parent.resolve("model");
  }

  private static WholeDirectory at(Path path) {
    return WholeDirectory.at(path, OWN, Set.of("mark"));
  }

  /** Both files say the same. */
  static void write(Path directory, String content) throws IOException {
    Files.writeString(directory.resolve("mark"), content);
    Files.createDirectory(directory.resolve("inner"));
    Files.writeString(directory.resolve("inner/data"), content);
  }

  private void assertWhole(String content) throws IOException {
    assertThat(target.resolve("mark")).hasContent(content);
    assertThat(target.resolve("inner/data")).hasContent(content);
    try (Stream<Path> beside = Files.list(parent)) {
      assertThat(beside.filter(PrivateNames::isPrivate)).isEmpty();
    }
  }

  private void refused(Path path, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> at(path).requireReplaceable())
        .withMessage(path + ": " + message);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> at(path).replace(into -> write(into, "new")))
        .withMessage(path + ": " + message);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isReplacedAndNothingIsLeftBeside(boolean exchanges) throws IOException {
    WholeDirectory directory = exchanges ? at(target) : at(target).withoutExchange();
    directory.replace(into -> write(into, "first"));
    assertWhole("first");
    directory.replace(into -> write(into, "second"));
    assertWhole("second");
  }

  @Test
  void theOldOneStaysWhereTheNewOneFails() throws IOException {
    at(target).replace(into -> write(into, "old"));

    assertThatExceptionOfType(NotWrittenException.class)
        .isThrownBy(
            () ->
                at(target)
                    .replace(
                        into -> {
                          Files.writeString(into.resolve("mark"), "new");
                          throw new IOException("x: No space left on device\n\tat somewhere");
                        }))
        .withMessage(target + ": cannot be written: No space left on device");

    assertWhole("old");
  }

  @Test
  void whatSomebodyElseHasBesideItStays() throws IOException {
    at(target).replace(into -> write(into, "old"));
    Path previous = Files.createDirectory(parent.resolve("model.previous"));
    Path unfinished = Files.createDirectory(parent.resolve("model.unfinished"));
    Files.writeString(previous.resolve("mine"), "mine");
    Files.writeString(unfinished.resolve("mine"), "mine");

    at(target).replace(into -> write(into, "new"));

    assertWhole("new");
    assertThat(previous.resolve("mine")).hasContent("mine");
    assertThat(unfinished.resolve("mine")).hasContent("mine");
  }

  @Test
  void whatSomebodyElseHasInItIsNamedAndStays() throws IOException {
    at(target).replace(into -> write(into, "old"));
    Files.writeString(target.resolve("notes.txt"), "mine");
    Files.createDirectories(target.resolve("assets/deep"));
    Files.createSymbolicLink(target.resolve("inner/link"), Path.of("data"));

    refused(
        target,
        "holds something that mlit did not write, it is not overwritten: assets, inner/link,"
            + " notes.txt");

    assertWhole("old");
    assertThat(target.resolve("notes.txt")).hasContent("mine");
  }

  @Test
  void aLinkStaysAndWhatItPointsToIsReplaced() throws IOException {
    at(target).replace(into -> write(into, "old"));
    Path link = Files.createSymbolicLink(parent.resolve("link"), target);

    at(link).replace(into -> write(into, "new"));

    assertThat(link).isSymbolicLink();
    assertWhole("new");
  }

  @Test
  void aLinkToNowhereIsRefused() throws IOException {
    Path link = Files.createSymbolicLink(parent.resolve("link"), Path.of("no/where"));

    refused(
        link, "cannot be written: is a link that leads nowhere, to " + parent.resolve("no/where"));
  }

  @Test
  void aFileInTheWayIsRefused() throws IOException {
    Files.writeString(target, "mine");

    refused(target, "must be a directory");
    refused(target.resolve("below/model"), target + " is a file");
    assertThat(target).hasContent("mine");
  }

  /** Not even root can make a directory here. */
  @Test
  void aPlaceThatCannotBeWrittenIsRefusedBeforeThereIsAnything() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> at(Path.of("/proc/mlit/model")).requireReplaceable())
        .withMessageStartingWith("/proc/mlit/model: cannot be written: ");
  }

  @Test
  void aMountPointIsKnown() {
    assertThat(Mounts.contains(Path.of("/proc"))).isTrue();
    assertThat(Mounts.contains(parent)).isFalse();
  }

  @Test
  void theWorkingDirectoryIsRefused() {
    Path here = Path.of("").toAbsolutePath();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> at(here).requireReplaceable())
        .withMessageStartingWith(here + ": holds something that mlit did not write");
  }

  @Tag("slow")
  @Test
  void onlyOneWriterAtATime() throws Exception {
    at(target)
        .replace(
            into -> {
              assertThatExceptionOfType(InvalidInputException.class)
                  .isThrownBy(() -> at(target).replace(other -> write(other, "other")))
                  .withMessage(
                      target + ": is being written by somebody else right now; it is left to them");
              assertThat(otherProcess()).containsExactly("refused");
              write(into, "this");
            });

    assertWhole("this");
    assertThat(otherProcess()).containsExactly("written");
    assertWhole("other");
  }

  private List<String> otherProcess() throws IOException {
    try {
      return ChildJava.run(parent, "", List.of(), Writer.class, target.toString());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the directory if it may. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) {
      try {
        at(Path.of(arguments[0])).replace(into -> write(into, "other"));
        System.out.println("written");
      } catch (InvalidInputException e) {
        System.out.println("refused");
      }
    }
  }

  /** As a kill between the two moves of a system that cannot exchange directories leaves it. */
  @Test
  void theOldOneIsPutBackForWhoeverReadsIt() throws IOException {
    at(target).replace(into -> write(into, "old"));
    Files.move(target, PrivateNames.drawn(target, PrivateNames.Kind.OLD));

    WholeDirectory.recover(target);

    assertWhole("old");
    WholeDirectory.recover(parent.resolve("nothing"));
    assertThat(parent.resolve("nothing")).doesNotExist();
  }

  @Test
  void whatAKilledOneLeftIsDeletedByTheNext() throws IOException {
    at(target).replace(into -> write(into, "old"));
    write(Files.createDirectory(PrivateNames.drawn(target, PrivateNames.Kind.NEW)), "half");
    write(Files.createDirectory(PrivateNames.drawn(target, PrivateNames.Kind.OLD)), "older");

    at(target).replace(into -> write(into, "new"));

    assertWhole("new");
  }

  @Test
  void permissionsStay() throws IOException {
    at(target).replace(into -> write(into, "old"));
    var permissions = java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwx--x");
    Files.setPosixFilePermissions(target, permissions);

    at(target).replace(into -> write(into, "new"));

    assertThat(Files.getPosixFilePermissions(target)).isEqualTo(permissions);
  }
}
