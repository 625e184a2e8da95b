package dev.mlit.graph;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;

/** Calls the system's C library, for what neither Java nor TensorFlow Java has a call for. */
final class CLibrary {
  private CLibrary() {}

  /**
   * Calls a function that returns an int.
   *
   * @throws UnsatisfiedLinkError if this system's library has no such function
   */
  static int call(String function, Object... arguments) {
    return NativeLibrary.getInstance(Platform.C_LIBRARY_NAME)
        .getFunction(function)
        .invokeInt(arguments);
  }
}
