package dev.mlit.files;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Exchanges two directories in one step, so that at no moment one of them is missing. Java has no
 * call for that; Linux has renameat2, macOS renamex_np.
 */
final class Exchange {
  /** Of renameat2: paths relative to the working directory, and what to do. */
  private static final int AT_FDCWD = -100;

  private static final int RENAME_EXCHANGE = 2;

  /** Of renamex_np. */
  private static final int RENAME_SWAP = 2;

  private Exchange() {}

  /**
   * Exchanges the two; false, with nothing changed, where the system or file system cannot do it.
   */
  static boolean of(Path one, Path other) {
    try {
      NativeLibrary library = NativeLibrary.getInstance(Platform.C_LIBRARY_NAME);
      byte[] first = bytes(one);
      byte[] second = bytes(other);
      if (Platform.isLinux()) {
        Object[] arguments = {AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE};
        return library.getFunction("renameat2").invokeInt(arguments) == 0;
      }
      return Platform.isMac()
          && library.getFunction("renamex_np").invokeInt(new Object[] {first, second, RENAME_SWAP})
              == 0;
    } catch (LinkageError | RuntimeException e) {
      // No such function, or JNA's own library cannot be loaded, as where nothing may be executed.
      return false;
    }
  }

  /** The path as a string of C. */
  private static byte[] bytes(Path path) {
    String encoding = System.getProperty("sun.jnu.encoding");
    Charset charset = encoding == null ? StandardCharsets.UTF_8 : Charset.forName(encoding);
    byte[] name = path.toString().getBytes(charset);
    byte[] terminated = new byte[name.length + 1];
    System.arraycopy(name, 0, terminated, 0, name.length);
    return terminated;
  }
}
