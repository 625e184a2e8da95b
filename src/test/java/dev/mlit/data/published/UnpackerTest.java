package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.ArchiveEntries;
import dev.mlit.data.Archives;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Archives as they should be, and hostile ones. If this fails, an archive from a bad mirror writes
 * over a user's files or fills his disk.
 */
@Timeout(30)
class UnpackerTest {
  private static final byte[] TEXT = "meow".getBytes(StandardCharsets.UTF_8);
  private static final Unpacker.Limits LIMITS = new Unpacker.Limits(100, 1_000_000);

  @TempDir private Path root;

  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createDirectory(root.resolve("data"));
  }

  @Test
  void archivesAreKnownByTheirName() {
    assertThat(Stream.of("a.zip", "A.ZIP", "a.tgz", "a.tar.gz"))
        .allMatch(ArchiveEntries::isArchive);
    assertThat(Stream.of("a.mat", "train-images-idx3-ubyte.gz", "zip"))
        .noneMatch(ArchiveEntries::isArchive);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pets.zip", "pets.tar.gz", "pets.tgz"})
  void filesLieInADirectoryNamedAfterTheArchive(String name) throws IOException {
    Path archive = archive(name, "cats/tom.txt", "dogs/rex.txt");

    Path target = Unpacker.unpack(archive, LIMITS);

    assertThat(target).isEqualTo(directory.resolve("pets"));
    assertThat(names())
        .containsExactlyInAnyOrder(
            "data",
            "data/" + name,
            "data/pets",
            "data/pets/cats",
            "data/pets/cats/tom.txt",
            "data/pets/dogs",
            "data/pets/dogs/rex.txt");
    assertThat(target.resolve("cats/tom.txt")).hasBinaryContent(TEXT);
  }

  @Test
  void directoryAroundEverythingIsNotDoubled() throws IOException {
    Path target = Unpacker.unpack(archive("pets.zip", "pets/cats/tom.txt"), LIMITS);

    assertThat(target.resolve("cats/tom.txt")).hasBinaryContent(TEXT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../evil.txt",
        "cats/../../../evil.txt",
        "cats/../tom.txt",
        "..",
        "..\\..\\evil.txt"
      })
  void entryThatLeavesTheDirectoryIsRefused(String entry) throws IOException {
    for (String name : List.of("pets.zip", "pets.tar.gz")) {
      refused(archive(name, "tom.txt", entry), "would lie outside of the directory");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/evil.txt", "C:/evil.txt"})
  void entryWithAnAbsolutePathIsRefused(String entry) throws IOException {
    for (String name : List.of("pets.zip", "pets.tar.gz")) {
      refused(archive(name, entry), "must have a name relative to the archive");
    }
  }

  @Test
  void symbolicLinkInATarIsRefused() throws IOException {
    refused(linked(TarConstants.LF_SYMLINK), "entry link is a link; nothing was unpacked");
  }

  @Test
  void hardLinkInATarIsRefused() throws IOException {
    refused(linked(TarConstants.LF_LINK), "entry link is a link; nothing was unpacked");
  }

  @Test
  void deviceInATarIsRefused() throws IOException {
    refused(linked(TarConstants.LF_CHR), "entry link is neither a file nor a directory");
  }

  @Test
  void symbolicLinkInAZipIsRefused() throws IOException {
    Path archive = directory.resolve("pets.zip");
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(archive)) {
      ZipArchiveEntry link = new ZipArchiveEntry("link");
      link.setUnixMode(0120777);
      add(zip, link, "/etc".getBytes(StandardCharsets.UTF_8));
      add(zip, new ZipArchiveEntry("link/evil.txt"), TEXT);
    }

    refused(archive, "entry link is a link; nothing was unpacked");
  }

  @Test
  void bombIsStoppedBeforeItFillsTheDisk() throws IOException {
    Path zip = directory.resolve("pets.zip");
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(zip)) {
      add(out, new ZipArchiveEntry("zeros"), new byte[2_000_000]);
    }
    assertThat(Files.size(zip)).isLessThan(10_000);

    refused(zip, "unpacks to more than 1000000 bytes; nothing was unpacked");
  }

  @Test
  void manyFilesTogetherCountAsOneBomb() throws IOException {
    Path tar = directory.resolve("pets.tgz");
    try (TarArchiveOutputStream out = tar(tar)) {
      for (int i = 0; i < 20; i++) {
        add(out, "zeros" + i, new byte[100_000]);
      }
    }

    refused(tar, "unpacks to more than 1000000 bytes; nothing was unpacked");
  }

  @Test
  void tooManyEntriesAreRefused() throws IOException {
    String[] names = new String[101];
    Arrays.setAll(names, i -> "cats/" + i + ".txt");

    refused(archive("pets.zip", names), "more than 100 entries; nothing was unpacked");
  }

  @Test
  void limitOfARealArchiveGrowsWithItsSize() throws IOException {
    Path archive = Files.write(directory.resolve("pets.zip"), new byte[1000]);

    assertThat(Unpacker.Limits.of(archive))
        .isEqualTo(new Unpacker.Limits(1_000_000, 100_000_000 + 20 * 1000));
  }

  @Test
  void secondEntryOfANameDoesNotReplaceTheFirst() throws IOException {
    refused(archive("pets.tgz", "tom.txt", "tom.txt"), "entry tom.txt is there twice");
    refused(archive("pets.tgz", "tom.txt", "cats/./../tom.txt"), "outside");
  }

  @Test
  void zipsThatAreEncryptedOrCompressedInAnotherWayAreRefused() throws IOException {
    refused(
        Archives.encryptedZip(directory.resolve("pets.zip")),
        "entry cats/tom.txt is encrypted, must not be; nothing was unpacked");
    refused(
        Archives.bzip2Zip(directory.resolve("pets.zip")),
        "entry cats/tom.txt is compressed by bzip2, method 12, must be stored or deflated;"
            + " nothing was unpacked");
  }

  @Test
  void truncatedArchiveLeavesNothing() throws IOException {
    for (String name : List.of("pets.zip", "pets.tar.gz")) {
      Path archive = archive(name, "cats/tom.txt", "cats/tim.txt");
      byte[] whole = Files.readAllBytes(archive);
      Files.write(archive, Arrays.copyOf(whole, whole.length / 2));

      refused(archive, "damaged archive (");
    }
  }

  @Test
  void whatIsUnpackedAlreadyStays() throws IOException {
    Path archive = archive("pets.zip", "tom.txt");
    Path mine = Files.createDirectory(directory.resolve("pets")).resolve("mine.txt");
    Files.write(mine, TEXT);

    refused(archive, directory.resolve("pets") + ": is there already; remove it to unpack again");
  }

  private void refused(Path archive, String message) throws IOException {
    List<String> before = names();

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Unpacker.unpack(archive, LIMITS))
        .withMessageContaining(message)
        .withMessageStartingWith(String.valueOf(directory));
    assertThat(names()).isEqualTo(before);
  }

  /** Everything below the directory above the archive's. */
  private List<String> names() {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(path -> !path.equals(root))
          .map(path -> root.relativize(path).toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path archive(String name, String... entries) throws IOException {
    Path archive = directory.resolve(name);
    if (name.endsWith(".zip")) {
      try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(archive)) {
        for (String entry : entries) {
          add(zip, new ZipArchiveEntry(entry), TEXT);
        }
      }
    } else {
      try (TarArchiveOutputStream tar = tar(archive)) {
        for (String entry : entries) {
          add(tar, entry, TEXT);
        }
      }
    }
    return archive;
  }

  private Path linked(byte type) throws IOException {
    Path archive = directory.resolve("pets.tgz");
    try (TarArchiveOutputStream tar = tar(archive)) {
      TarArchiveEntry link = new TarArchiveEntry("link", type);
      link.setLinkName("/etc/passwd");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
      add(tar, "link/evil.txt", TEXT);
    }
    return archive;
  }

  private static TarArchiveOutputStream tar(Path archive) throws IOException {
    OutputStream file = Files.newOutputStream(archive);
    return new TarArchiveOutputStream(new GZIPOutputStream(file));
  }

  private static void add(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private static void add(ZipArchiveOutputStream zip, ZipArchiveEntry entry, byte[] content)
      throws IOException {
    zip.putArchiveEntry(entry);
    zip.write(content);
    zip.closeArchiveEntry();
  }
}
