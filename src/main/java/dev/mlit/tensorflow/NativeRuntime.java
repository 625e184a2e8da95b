package dev.mlit.tensorflow;

import dev.mlit.spec.InvalidInputException;

/**
 * Settings of the process for TensorFlow. Nothing is changed unless the program calls {@link
 * #tune}.
 *
 * @since 0.1.0
 */
public final class NativeRuntime {
  private static final String MOST_MEMORY = "org.bytedeco.javacpp.maxPhysicalBytes";
  private static volatile boolean tuned;

  private NativeRuntime() {}

  /**
   * Tunes the process for TensorFlow; for a program that has its process for itself, as the command
   * line, or a service that only predicts. To be called first of all, before anything of
   * TensorFlow: later it changes less.
   *
   * <ul>
   *   <li>TensorFlow's native log is kept down to errors: {@code TF_CPP_MIN_LOG_LEVEL=2} is set in
   *       the environment, and while the first graph of the process runs, and while a server for
   *       other workers starts, file descriptor 2 leads to a temporary file, of which all but
   *       TensorFlow's remarks is printed afterwards. A value of that variable that is there
   *       already stays, and then nothing of this is done.
   *   <li>On glibc, threads share two arenas of memory ({@code M_ARENA_MAX}), and memory that is
   *       free after a graph was made ready is given back to the system ({@code malloc_trim}).
   *   <li>JavaCPP no longer asks the system at every allocation how much memory the process has
   *       ({@code org.bytedeco.javacpp.maxPhysicalBytes=0}, unless the property is set), which
   *       takes a tenth of the time to the first answer or step. Its own count stays.
   * </ul>
   */
  public static void tune() {
    tuned = true;
  }

  /**
   * Loads TensorFlow and settles its threads, one per core, so that a later caller need not wait as
   * long. What goes wrong is thrown to that caller.
   */
  public static void preload() {
    try {
      Sessions.load(0);
    } catch (InvalidInputException | LinkageError e) {
      // Again where it is used.
    }
  }

  static boolean isTuned() {
    return tuned;
  }

  /** Applies what {@link #tune} asked for; called once, before TensorFlow is used. */
  static void prepare() {
    if (tuned) {
      if (System.getProperty(MOST_MEMORY) == null) {
        System.setProperty(MOST_MEMORY, "0");
      }
      NativeMemory.share();
      NativeLog.quiet();
    }
  }
}
