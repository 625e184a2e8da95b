package dev.mlit.tensorflow;

import dev.mlit.spec.advice.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Where JavaCPP unpacks TensorFlow's library and loads it from. Where the home directory cannot be
 * written, that is a folder of a known name in the shared temporary directory, which another user
 * may have made before, with another library in it.
 */
final class NativeCache {
  private static final String CHOSEN = "org.bytedeco.javacpp.cachedir";

  private static final int OTHERS_WRITE = 0b10;

  private NativeCache() {}

  /**
   * What is wrong with the place: the directory is another user's, or others may write to it; empty
   * if nobody else can have put a library there.
   */
  static Optional<Message> problem() {
    if (System.getProperty(CHOSEN) != null) {
      return Optional.empty();
    }
    return problem(
        Path.of(System.getProperty("user.home")),
        Path.of(
            System.getProperty("java.io.tmpdir"), ".javacpp-" + System.getProperty("user.name")));
  }

  static Optional<Message> problem(Path user, Path shared) {
    Path home = user.resolve(".javacpp").resolve("cache");
    if (canBeWritten(home)) {
      return Optional.empty();
    }
    for (Path path : new Path[] {shared, shared.resolve("cache")}) {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !isPrivate(path)) {
        return Optional.of(
            advice ->
                path
                    + ": TensorFlow's library would be loaded from here, as "
                    + home
                    + " cannot be written, and others can have put one here; name a directory of"
                    + " your own with "
                    + advice.javaOption("-D" + CHOSEN + "=DIR"));
      }
    }
    return Optional.empty();
  }

  private static boolean canBeWritten(Path directory) {
    Path path = directory;
    while (!Files.exists(path) && path.getParent() != null) {
      path = path.getParent();
    }
    return Files.isDirectory(path) && Files.isWritable(path);
  }

  /** A directory of this user's that not everybody may write to. */
  private static boolean isPrivate(Path path) {
    try {
      Set<String> views = path.getFileSystem().supportedFileAttributeViews();
      if (!views.contains("unix") || !Files.exists(Path.of("/proc/self"))) {
        return true;
      }
      Object owner = Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      Object user = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
          && owner.equals(user)
          && (mode & OTHERS_WRITE) == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
