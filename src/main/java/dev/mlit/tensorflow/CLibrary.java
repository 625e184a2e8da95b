package dev.mlit.tensorflow;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;

/**
 * Calls the system's C library, for what neither Java nor TensorFlow Java has a call for.
 *
 * @since 0.1.0
 */
public final class CLibrary {
  private CLibrary() {}

  /**
   * Calls a function that returns an int.
   *
   * @throws UnsatisfiedLinkError if this system's library has no such function, or JNA cannot load
   *     its own library, as where neither home nor the temporary directory allows executables
   */
  public static int call(String function, Object... arguments) {
    try {
      return NativeLibrary.getInstance(Platform.C_LIBRARY_NAME)
          .getFunction(function)
          .invokeInt(arguments);
    } catch (UnsatisfiedLinkError e) {
      throw e;
    } catch (LinkageError e) {
      // JNA's classes cannot be initialised, and fail in other ways from the second time on.
      UnsatisfiedLinkError problem = new UnsatisfiedLinkError(String.valueOf(e.getMessage()));
      problem.initCause(e);
      throw problem;
    }
  }
}
