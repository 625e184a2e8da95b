package dev.mlit.tensorflow;

import com.sun.jna.Platform;

/** Limits the freed memory of TensorFlow that glibc keeps; does nothing with another C library. */
final class NativeMemory {
  /** Of mallopt, from malloc.h. */
  private static final int ARENA_MAX = -8;

  /**
   * Arenas of memory; otherwise every thread has one, with freed memory that the others may not
   * use.
   */
  private static final int ARENAS = 2;

  private NativeMemory() {}

  /** Lets threads share what others have freed. Call it before TensorFlow starts its threads. */
  static void share() {
    call("mallopt", ARENA_MAX, ARENAS);
  }

  /**
   * In a process that is tuned, gives back to the system what is free after a graph was made ready.
   */
  static void giveBack() {
    if (NativeRuntime.isTuned()) {
      call("malloc_trim", 0L);
    }
  }

  private static void call(String function, Object... arguments) {
    if (!Platform.isLinux()) {
      return;
    }
    try {
      CLibrary.call(function, arguments);
    } catch (UnsatisfiedLinkError e) {
      // Another C library, which has no such call.
    }
  }
}
