package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Downloads from servers that misbehave. If this fails, a user on a bad line downloads hundreds of
 * megabytes again and again, waits for ever, or trains on half a file.
 */
@Timeout(30)
class DownloadTest {
  private static final byte[] CONTENT = random(1, 300_000);
  private static final byte[] OTHER = random(2, 300_000);
  private static final Download.Patience PATIENCE =
      new Download.Patience(Duration.ofSeconds(5), Duration.ofSeconds(2), 3, Duration.ofMillis(10));

  @TempDir private Path directory;

  private final List<String> retries = new ArrayList<>();

  @Test
  void wholeFileIsPutUnderItsName() throws Exception {
    try (FileServer server = new FileServer(FileServer.file(CONTENT, "\"a\""))) {
      DatasetFetch.Result result = fetch(server).run();

      assertThat(result)
          .isEqualTo(
              new DatasetFetch.Result(
                  directory, List.of("images.bin"), List.of(), CONTENT.length, List.of()));
      assertFetched();
      assertThat(server.requests()).containsExactly("/images.bin");
    }
  }

  @Test
  void whatIsThereAndRightIsNotDownloadedAgain() throws Exception {
    Files.write(directory.resolve("images.bin"), CONTENT);
    try (FileServer server = new FileServer(FileServer.status(500))) {
      DatasetFetch.Result result = fetch(server).run();

      assertThat(result.fetched()).isEmpty();
      assertThat(result.present()).containsExactly("images.bin");
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void damagedFileIsReplaced() throws Exception {
    Files.write(directory.resolve("images.bin"), OTHER);
    try (FileServer server = new FileServer(FileServer.file(CONTENT, "\"a\""))) {
      fetch(server).run();

      assertFetched();
    }
  }

  @Test
  void connectionCutInTheMiddleGoesOnFromThere() throws Exception {
    try (FileServer server =
        new FileServer(
            FileServer.cut(CONTENT, "\"a\"", 100_000), FileServer.file(CONTENT, "\"a\""))) {
      fetch(server).run();

      assertFetched();
      assertThat(server.requests())
          .hasSize(2)
          .last()
          .asString()
          .matches("/images\\.bin bytes=[1-9]\\d*- if \"a\"");
      assertThat(retries).hasSize(1);
    }
  }

  @Test
  void laterCommandGoesOnWhereAnEarlierOneStopped() throws Exception {
    try (FileServer server = new FileServer(FileServer.cut(CONTENT, "\"a\"", 100_000))) {
      // Every answer is the beginning of the file, cut: what is kept is that of the last one.
      fails(fetch(server), "gave up after 3 attempts with 100000 bytes, the same call goes on");
      assertThat(names()).containsExactly("images.bin.part", "images.bin.part.version");
    }
    try (FileServer server = new FileServer(FileServer.file(CONTENT, "\"a\""))) {
      fetch(server).run();

      assertFetched();
      assertThat(server.requests()).containsExactly("/images.bin bytes=100000- if \"a\"");
    }
  }

  @Test
  void serverThatIgnoresRangesSendsAllOfItAgain() throws Exception {
    leavePart(CONTENT, 1000);
    try (FileServer server = new FileServer(FileServer.whole(CONTENT))) {
      fetch(server).run();

      assertFetched();
      assertThat(server.requests()).containsExactly("/images.bin bytes=1000- if \"a\"");
    }
  }

  @Test
  void fileThatChangedOnTheServerIsNotMixedWithTheOldOne() throws Exception {
    leavePart(OTHER, 1000);
    try (FileServer server = new FileServer(FileServer.file(CONTENT, "\"b\""))) {
      fetch(server).run();

      assertFetched();
      assertThat(retries).isEmpty();
    }
  }

  @Test
  void partsOfTwoVersionsAreNoticedWithoutAnETag() throws Exception {
    Files.write(directory.resolve("images.bin.part"), Arrays.copyOf(OTHER, 1000));
    try (FileServer server = new FileServer(FileServer.file(CONTENT, "\"b\""))) {
      fetch(server).run();

      assertFetched();
      assertThat(retries)
          .containsExactly("the parts of the file do not fit together; starts again");
      assertThat(server.requests()).containsExactly("/images.bin bytes=1000-", "/images.bin");
    }
  }

  @Test
  void partThatIsLongerThanTheFileOnTheServerStartsAnew() throws Exception {
    leavePart(CONTENT, 200_000);
    byte[] shorter = Arrays.copyOf(CONTENT, 1000);
    try (FileServer server =
        new FileServer(FileServer.file(shorter, "\"a\""), FileServer.file(CONTENT, "\"a\""))) {
      fetch(server).run();

      assertFetched();
    }
  }

  @Test
  void wholePartNeedsNoRequest() throws Exception {
    leavePart(CONTENT, CONTENT.length);
    try (FileServer server = new FileServer(FileServer.status(500))) {
      fetch(server).run();

      assertFetched();
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void serverThatFallsSilentIsAskedAgain() throws Exception {
    FileServer.Answer[] answers = new FileServer.Answer[2];
    try (FileServer server = new FileServer(answers)) {
      answers[0] = server.stall(CONTENT, 50_000);
      answers[1] = FileServer.file(CONTENT, "\"a\"");

      fetch(server).run();

      assertFetched();
      assertThat(retries).containsExactly("the connection failed (no byte came for 2.0 s)");
    }
  }

  /** A page that says no, without an end: not waited for. */
  @Test
  void anEndlessErrorPageEndsAtOnce() throws Exception {
    FileServer.Answer[] answers = new FileServer.Answer[1];
    try (FileServer server = new FileServer(answers)) {
      answers[0] = server.endless(404, new byte[10_000]);

      fails(fetch(server), "the server answers 404 (no such file)");
      assertThat(retries).isEmpty();
    }
  }

  /** A byte now and then, as often as it takes to look alive. */
  @Test
  void aServerThatDripsIsGivenUp() throws Exception {
    FileServer.Answer[] answers = new FileServer.Answer[1];
    try (FileServer server = new FileServer(answers)) {
      answers[0] = server.endless(200, new byte[1]);

      fails(fetch(server), " bytes came in 2.0 s); gave up after 3 attempts");
    }
  }

  @Test
  void serverWithATransientFaultIsAskedAgain() throws Exception {
    try (FileServer server =
        new FileServer(
            FileServer.status(500), FileServer.status(503), FileServer.file(CONTENT, "\"a\""))) {
      fetch(server).run();

      assertFetched();
      assertThat(retries).containsExactly("the server answers 500", "the server answers 503");
    }
  }

  @Test
  void serverThatStaysBrokenIsGivenUp() throws Exception {
    try (FileServer server = new FileServer(FileServer.status(500))) {
      fails(
          fetch(server),
          server.address()
              + "/images.bin: the server answers 500; gave up after 3 attempts with 0 bytes, the"
              + " same call goes on from there");
      assertThat(server.requests()).hasSize(3);
      assertThat(names()).isEmpty();
    }
  }

  @Test
  void fileThatIsNotOnTheServerIsNotAskedForAgain() throws Exception {
    try (FileServer server = new FileServer(FileServer.status(404))) {
      fails(
          fetch(server),
          server.address()
              + "/images.bin: the server answers 404 (no such file); look for the file elsewhere"
              + " and name its address with DatasetFetch.from, or put the file in place by hand");
      assertThat(server.requests()).hasSize(1);
      assertThat(names()).isEmpty();
    }
  }

  @Test
  void wrongBytesNeverGetTheNameOfTheFile() throws Exception {
    try (FileServer server = new FileServer(FileServer.file(OTHER, "\"a\""))) {
      fails(
          fetch(server),
          server.address()
              + "/images.bin: not the published file: 300000 bytes, MD5 "
              + md5(OTHER)
              + ", must be 300000 bytes, MD5 "
              + md5(CONTENT)
              + "; it was removed; ");
      assertThat(server.requests()).hasSize(1);
      assertThat(names()).isEmpty();
    }
  }

  @Test
  void errorPageInThePlaceOfTheFileIsRefused() throws Exception {
    byte[] page = "<html>Please log in</html>".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    try (FileServer server = new FileServer(FileServer.whole(page))) {
      fails(fetch(server), "not the published file: 26 bytes, MD5 ");
      assertThat(names()).isEmpty();
    }
  }

  @Test
  void bytesBeyondTheEndOfTheFileAreNotWritten() throws Exception {
    byte[] longer = Arrays.copyOf(CONTENT, 50_000_000);
    try (FileServer server = new FileServer(FileServer.unannounced(longer))) {
      fails(fetch(server), "not the published file: more than ");
      assertThat(names()).isEmpty();
    }
  }

  @Test
  void failureLeavesWhatWasThereBefore() throws Exception {
    Files.write(directory.resolve("images.bin"), OTHER);
    try (FileServer server = new FileServer(FileServer.status(404))) {
      fails(fetch(server), "404");

      assertThat(directory.resolve("images.bin")).hasBinaryContent(OTHER);
      assertThat(names()).containsExactly("images.bin");
    }
  }

  @Test
  void failureLeavesNoEmptyDirectoryThatHidesAnotherPlace() throws Exception {
    Path fresh = directory.resolve("a").resolve("stamps");
    try (FileServer server = new FileServer(FileServer.status(404))) {
      fails(fetch(server).to(fresh), "404");

      assertThat(fresh).doesNotExist();
    }
  }

  @Test
  void unpacksAnArchiveOnRequest() throws Exception {
    byte[] zip = zip("cats/tom.txt");
    PublishedFile file =
        new PublishedFile("pets.zip", URI.create("http://x/"), zip.length, md5(zip), null);
    PublishedDataset pets =
        new PublishedDataset(
            "pets", "pets", 1, 1, "none", URI.create("http://x/"), "pets", List.of(file));
    try (FileServer server = new FileServer(FileServer.file(zip, "\"a\""))) {
      DatasetFetch fetch =
          DatasetFetch.of(pets, PATIENCE).to(directory).from(server.address()).unpack(true);

      assertThat(fetch.run().unpacked()).containsExactly(directory.resolve("pets"));
      assertThat(directory.resolve("pets/tom.txt")).isRegularFile();
      assertThat(fetch.run().unpacked()).as("a second time").isEmpty();
      assertThat(server.requests()).containsExactly("/pets.zip");
    }
  }

  @Test
  void serverThatIsNotThereIsReported() {
    fails(fetch("http://127.0.0.1:1", CONTENT.length), "no connection to the server; gave up");
    assertThat(names()).isEmpty();
  }

  @Test
  void unknownHostIsReportedAtOnce() {
    fails(
        fetch("http://nothere.invalid", CONTENT.length),
        "nothere.invalid: unknown host; is there a network? Else look for the file elsewhere");
    assertThat(retries).isEmpty();
  }

  @Test
  void tooLittleRoomIsNoticedBeforeTheDownload() throws Exception {
    try (FileServer server = new FileServer(FileServer.file(CONTENT, "\"a\""))) {
      fails(
          fetch(server.address(), 1L << 60),
          "images.bin.part: not enough space: 1152921504607 MB to come, ");
      assertThat(server.requests()).isEmpty();
      assertThat(names()).isEmpty();
    }
  }

  @Test
  void twoCommandsDoNotWriteIntoOneFile() throws Exception {
    Path part = directory.resolve("images.bin.part");
    try (FileServer server = new FileServer(FileServer.file(CONTENT, "\"a\""));
        FileChannel other =
            FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      assertThat(other.tryLock()).isNotNull();

      fails(fetch(server), part + ": another program downloads this file; wait for it");
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void linkInThePlaceOfThePartIsNotFollowed() throws Exception {
    Path precious = Files.write(directory.resolve("precious.txt"), OTHER);
    Files.createSymbolicLink(directory.resolve("images.bin.part"), precious);
    try (FileServer server = new FileServer(FileServer.file(CONTENT, "\"a\""))) {
      fails(fetch(server), "cannot be written");
      assertThat(precious).hasBinaryContent(OTHER);
    }
  }

  @Test
  void targetThatIsAFileIsTheUsersFault() throws Exception {
    Path file = Files.write(directory.resolve("file"), OTHER);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> fetch("http://127.0.0.1:1", 1).to(file).run())
        .withMessage("%s: is a file, must be a directory", file);
  }

  @Test
  void mirrorThatIsNoAddressIsTheUsersFault() {
    for (String address : List.of("example.org/data", "ftp://example.org", "http://", "a b")) {
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> DatasetFetch.of("mnist").from(address))
          .withMessage(
              "DatasetFetch.from: %s must be an address such as https://example.org/data", address);
    }
  }

  @Test
  void ownImagesAreNotFetched() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> DatasetFetch.of("image-folder"))
        .withMessageStartingWith("image-folder: nothing to fetch, these are your own images");
  }

  private DatasetFetch fetch(FileServer server) {
    return fetch(server.address(), CONTENT.length);
  }

  private DatasetFetch fetch(String address, long bytes) {
    PublishedFile file =
        new PublishedFile(
            "images.bin", URI.create(address + "/images.bin"), bytes, md5(CONTENT), null);
    PublishedDataset dataset =
        new PublishedDataset(
            "stamps", "stamps", 1, 1, "none", URI.create(address), "stamps", List.of(file));
    return DatasetFetch.of(dataset, PATIENCE)
        .to(directory)
        .listener(
            new FetchListener() {
              @Override
              public void retrying(PublishedFile retried, String problem, Duration pause) {
                retries.add(problem);
              }
            });
  }

  private static void fails(DatasetFetch fetch, String message) {
    assertThatExceptionOfType(FetchException.class)
        .isThrownBy(fetch::run)
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  private void leavePart(byte[] content, int bytes) throws IOException {
    Files.write(directory.resolve("images.bin.part"), Arrays.copyOf(content, bytes));
    Files.writeString(directory.resolve("images.bin.part.version"), "\"a\"");
  }

  private void assertFetched() {
    assertThat(directory.resolve("images.bin")).hasBinaryContent(CONTENT);
    assertThat(names()).containsExactly("images.bin");
  }

  private List<String> names() {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] zip(String entry) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(entry));
      zip.write(1);
    }
    return bytes.toByteArray();
  }

  private static byte[] random(int seed, int bytes) {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return content;
  }

  private static String md5(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
