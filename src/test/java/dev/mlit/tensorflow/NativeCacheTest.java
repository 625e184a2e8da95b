package dev.mlit.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.mlit.spec.advice.Advice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where TensorFlow's library is loaded from. If it fails, another user of the machine runs his own
 * code in the process of one whose home directory cannot be written.
 */
class NativeCacheTest {
  private static final int SOMEBODY = 12345;

  @TempDir private Path temporary;
  private Path closed;
  private Path shared;

  /** A home that not even root can make a folder in. */
  @BeforeEach
  void layOut() throws IOException {
    closed = Files.createFile(temporary.resolve("home"));
    shared = Files.createDirectory(temporary.resolve(".javacpp-me"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void aHomeThatCanBeWrittenIsUsed() throws IOException {
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThat(NativeCache.problem(temporary, shared)).isEmpty();
  }

  @Test
  void aFolderOfOnesOwnOrNoneIsUsed() throws IOException {
    assertThat(NativeCache.problem(closed, shared)).isEmpty();
    Files.delete(shared);
    assertThat(NativeCache.problem(closed, shared)).isEmpty();
  }

  @Test
  void aFolderThatEverybodyMayWriteToIsRefused() throws IOException {
    Path cache = Files.createDirectory(shared.resolve("cache"));
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThat(NativeCache.problem(closed, shared).orElseThrow().text(Advice.LIBRARY))
        .isEqualTo(
            cache
                + ": TensorFlow's library would be loaded from here, as "
                + closed.resolve(".javacpp/cache")
                + " cannot be written, and others can have put one here; name a directory of your"
                + " own with -Dorg.bytedeco.javacpp.cachedir=DIR");
  }

  @Test
  void aLinkIsRefused() throws IOException {
    Path link = Files.createSymbolicLink(temporary.resolve("link"), shared);

    assertThat(NativeCache.problem(closed, link)).isPresent();
  }

  @Test
  void aFolderOfSomebodyElseIsRefused() throws IOException {
    assumeThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid")).as("root").isEqualTo(0);
    Files.setAttribute(shared, "unix:uid", SOMEBODY);

    assertThat(NativeCache.problem(closed, shared)).isPresent();
  }
}
