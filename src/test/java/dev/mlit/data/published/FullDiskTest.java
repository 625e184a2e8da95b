package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlit.testing.ChildJava;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that takes no more, while a dataset is downloaded and while it is unpacked. What fails is
 * the operating system's write, in a process of its own that may write files of 100 KB only. If
 * this fails, a user whose disk is full gets a stack trace, or loses what he has downloaded.
 */
@Tag("slow")
class FullDiskTest {
  private static final String ONLY_100_KB = "ulimit -f 100";
  private static final int BYTES = 300_000;
  private static final Download.Patience PATIENCE =
      new Download.Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 2, Duration.ofMillis(10));

  @TempDir private Path scratch;
  private Path directory = Path.of("");

  @BeforeEach
  void shell() throws IOException {
    assumeTrue(Files.exists(Path.of("/bin/bash")), "no ulimit without bash");
    directory = Files.createDirectory(scratch.resolve("data"));
  }

  @Test
  void downloadKeepsWhatItHasAndGoesOnFromThere() throws Exception {
    byte[] content = new byte[BYTES];
    new Random(1).nextBytes(content);
    String md5 = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
    try (FileServer server = new FileServer(FileServer.file(content, "\"a\""))) {
      List<String> lines =
          ChildJava.run(scratch, ONLY_100_KB, List.of(), Fetch.class, server.address(), dir(), md5);

      assertThat(lines).hasSize(1);
      assertThat(lines.get(0))
          .startsWith(directory.resolve("images.bin.part") + ": File too large: 1 MB to come, ")
          .endsWith(
              " MB free on this disk; make room or name another directory with DatasetFetch.to, the"
                  + " same call goes on from there");
      assertThat(directory.resolve("images.bin.part")).hasSize(100 * 1024);
      fetch(server.address(), dir(), md5).run();

      assertThat(directory.resolve("images.bin")).hasBinaryContent(content);
      assertThat(server.requests())
          .containsExactly("/images.bin", "/images.bin bytes=102400- if \"a\"");
    }
    assertThat(names()).containsExactly("images.bin");
  }

  @Test
  void archiveThatIsNotUnpackedIsLeftAsItIs() throws Exception {
    Path archive = directory.resolve("pets.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
      zip.putNextEntry(new ZipEntry("cats/small.txt"));
      zip.write(new byte[1000]);
      zip.putNextEntry(new ZipEntry("cats/tom.txt"));
      zip.write(new byte[BYTES]);
    }
    List<String> lines =
        ChildJava.run(scratch, ONLY_100_KB, List.of(), Unpack.class, archive.toString());

    Path target = directory.resolve("pets");
    assertThat(lines)
        .containsExactly(
            target
                + ": cannot be written: File too large; nothing was unpacked, "
                + archive
                + " is left as it is; make room and repeat the call, or read the archive, which"
                + " needs no unpacking");
    assertThat(names()).containsExactly("pets.zip");
    assertThat(Unpacker.unpack(archive, Unpacker.Limits.of(archive)).resolve("tom.txt"))
        .hasSize(BYTES);
  }

  private String dir() {
    return directory.toString();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static DatasetFetch fetch(String address, String to, String md5) {
    PublishedFile file =
        new PublishedFile("images.bin", URI.create(address + "/images.bin"), BYTES, md5, null);
    URI homepage = URI.create(address);
    return DatasetFetch.of(
            new PublishedDataset("tiny", "tiny", 1, 1, "none", homepage, "tiny", List.of(file)),
            PATIENCE)
        .to(Path.of(to));
  }

  /** Prints how a download fails. */
  static final class Fetch {
    private Fetch() {}

    public static void main(String[] args) {
      try {
        fetch(args[0], args[1], args[2]).run();
      } catch (FetchException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  /** Prints how an archive fails to be unpacked. */
  static final class Unpack {
    private Unpack() {}

    public static void main(String[] args) {
      Path archive = Path.of(args[0]);
      try {
        Unpacker.unpack(archive, Unpacker.Limits.of(archive));
      } catch (FetchException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
