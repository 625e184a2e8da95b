package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.mlit.data.image.BoundedStream;
import dev.mlit.spec.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, an archive from the internet reads files that are not in it, or fills the memory.
 */
class FileTreeTest {
  private static final Map<String, byte[]> FILES =
      new TreeMap<>(
          Map.of(
              "a/b/1.txt", "one\ntwo".getBytes(StandardCharsets.UTF_8),
              "a/2.txt", new byte[] {2},
              "a.txt", new byte[] {3}));

  @Test
  void foldersAndArchivesAreTheSame(@TempDir Path root) throws IOException {
    Path folder = Files.createDirectory(root.resolve("folder"));
    Archives.folder(folder, FILES);
    assertTree(FileTree.open(folder), folder + "/");
    Path zip = Archives.zip(root.resolve("x.zip"), FILES);
    assertTree(FileTree.open(zip), zip + "!/");
    Path tar = Archives.tarGz(root.resolve("x.tar.gz"), FILES);
    assertTree(FileTree.open(tar), tar + "!/");
  }

  private static void assertTree(FileTree tree, String place) {
    assertThat(tree.files()).containsExactly("a.txt", "a/2.txt", "a/b/1.txt");
    assertThat(tree.folders()).containsExactly("a");
    FileTree below = tree.below("a");
    assertThat(below.files()).containsExactly("2.txt", "b/1.txt");
    assertThat(below.folders()).containsExactly("b");
    assertThat(below.lines("b/1.txt")).containsExactly("one", "two");
    assertThat(below.name("2.txt")).isEqualTo(place + "a/2.txt");
    assertThat(below.name("")).isEqualTo(place + "a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../../x.png", "a/../../x.png", "/etc/x.png", "..\\x.png", "C:\\x.png", "a/.."})
  void refusesNamesThatLeadOutOfAnArchive(String name, @TempDir Path root) throws IOException {
    Map<String, byte[]> files = Map.of(name, new byte[1]);
    String message = "entry \"%s\" leads out of the archive";
    // The zip's reader shows the slashes that the format wants.
    refused(Archives.zip(root.resolve("x.zip"), files), message.formatted(name.replace('\\', '/')));
    refused(Archives.tarGz(root.resolve("x.tgz"), files), message.formatted(name));
  }

  /** As Windows and some scripts write them. */
  @Test
  void readsFilesOfAZipWhoseNamesHaveBackslashesOrDots(@TempDir Path root) throws IOException {
    byte[] content = {1, 2, 3};
    for (String name : List.of("train\\cat\\1.png", "./train/cat/1.png", "train/./cat//1.png")) {
      FileTree tree = FileTree.open(Archives.zip(root.resolve("a.zip"), Map.of(name, content)));

      assertThat(tree.files()).as(name).containsExactly("train/cat/1.png");
      assertThat(tree.open("train/cat/1.png")).as(name).hasBinaryContent(content);
    }
  }

  /** The same name to whoever looks at the folders. */
  @Test
  void saysThatAClassIsWrittenInOtherUnicodeCharacters(@TempDir Path root) throws IOException {
    assumeNamesInUnicode();
    for (String folder : List.of("train/caf\u00e9", "train/tea", "test/cafe\u0301", "test/tea")) {
      Archives.folder(root, Map.of(folder + "/1.png", Archives.png(4, 4, 9)));
    }

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ImageFolder.read("drinks", root))
        .withMessageEndingWith(
            "; it looks like one, whose letters are written in other Unicode characters (NFC and"
                + " NFD): rename one of the folders");
  }

  /** Two classes to a program, one to everybody else. */
  @Test
  void refusesClassesWhoseNamesLookTheSame(@TempDir Path root) throws IOException {
    assumeNamesInUnicode();
    for (String folder : List.of("cafe\u0301", "caf\u00e9", "tea")) {
      Archives.folder(root, Map.of(folder + "/1.png", Archives.png(4, 4, 9)));
    }

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ImageFolder.read("drinks", root))
        .withMessage(
            root
                + "/caf\u00e9: has the same name as another class, whose letters are written in"
                + " other Unicode characters (NFC and NFD): put their images into one folder, or"
                + " rename one of them");
  }

  @Test
  void refusesLinksInArchives(@TempDir Path root) throws IOException {
    for (byte kind : List.of(TarConstants.LF_SYMLINK, TarConstants.LF_LINK)) {
      Path tar = Archives.tarGzWith(root.resolve("x.tgz"), "x.png", kind);
      refused(tar, "entry \"x.png\" is a link");
    }
    Path pipe = Archives.tarGzWith(root.resolve("x.tgz"), "x.png", TarConstants.LF_FIFO);
    refused(pipe, "entry \"x.png\" is no plain file");
    Path zip = root.resolve("x.zip");
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(zip)) {
      ZipArchiveEntry link = new ZipArchiveEntry("x.png");
      link.setUnixMode(0120777);
      out.putArchiveEntry(link);
      out.write("/etc/passwd".getBytes(StandardCharsets.UTF_8));
      out.closeArchiveEntry();
    }
    refused(zip, "entry \"x.png\" is a link");
  }

  @Test
  void refusesALinkThatLeadsBackIntoItsFolder(@TempDir Path root) throws IOException {
    Files.createSymbolicLink(root.resolve("again"), root);
    refused(root, root + ": cannot be read: ");
  }

  @Test
  void refusesAZipCutOffAnywhere(@TempDir Path root) throws IOException {
    byte[] whole = Files.readAllBytes(Archives.zip(root.resolve("whole.zip"), FILES));
    Path part = root.resolve("part.zip");
    for (int length = 0; length < whole.length; length++) {
      Files.write(part, Arrays.copyOf(whole, length));
      refused(part, part + ": damaged or truncated zip (");
    }
  }

  /** Neither is damaged, and to fetch it again would change nothing. */
  @Test
  void refusesZipsThatAreEncryptedOrCompressedInAnotherWay(@TempDir Path root) throws IOException {
    refused(
        Archives.encryptedZip(root.resolve("encrypted.zip")),
        "entry \"cats/tom.txt\" is encrypted, must not be");
    refused(
        Archives.bzip2Zip(root.resolve("bzip2.zip")),
        "entry \"cats/tom.txt\" is compressed by bzip2, method 12, must be stored or deflated");
  }

  @Test
  void refusesATarCutOffAnywhere(@TempDir Path root) throws IOException {
    byte[] whole = Files.readAllBytes(Archives.tarGz(root.resolve("whole.tgz"), FILES));
    Path part = root.resolve("part.tgz");
    for (int length = 0; length < whole.length; length++) {
      Files.write(part, Arrays.copyOf(whole, length));
      refused(part, part + ": damaged or truncated .tar.gz (");
    }
  }

  /** Such as the page of a server that no longer has the file. */
  @ParameterizedTest
  @ValueSource(strings = {"x.zip", "x.tgz", "x.tar.gz"})
  void refusesWhatIsNoArchive(String name, @TempDir Path root) throws IOException {
    Path file = Files.writeString(root.resolve(name), "<html>404 not found</html>".repeat(50));
    refused(file, file + ": damaged or truncated ");
  }

  @Test
  void aFileUnpacksToNoMoreThanAnImageTakes() throws IOException {
    try (InputStream in = new BoundedStream(new ByteArrayInputStream(new byte[10]), 9)) {
      assertThatIOException().isThrownBy(in::readAllBytes).withMessage("more than 9 bytes");
    }
    try (InputStream in = new BoundedStream(new ByteArrayInputStream(new byte[9]), 9)) {
      assertThat(in.readAllBytes()).hasSize(9);
    }
  }

  private static void refused(Path path, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> FileTree.open(path))
        .withMessageContaining(message)
        .withMessageStartingWith(path.toString())
        .withMessageNotContaining("\n");
  }

  /** Without a locale, Java knows no file whose name has other letters than those of ASCII. */
  private static void assumeNamesInUnicode() {
    assumeThat(System.getProperty("sun.jnu.encoding")).isEqualTo("UTF-8");
  }
}
