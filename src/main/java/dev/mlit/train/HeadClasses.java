package dev.mlit.train;

import dev.mlit.data.ClassNames;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.weights.Weights;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which classes of a head that was trained before are those of a run: those of the same names. A
 * head whose classes have no names has them in the order of the run's.
 */
final class HeadClasses {
  /** As many classes in the same order. */
  static final HeadClasses IN_ORDER = new HeadClasses(null);

  /** For every class of the run, which one of the head it is; null in the same order. */
  private final int @Nullable [] source;

  private HeadClasses(int @Nullable [] source) {
    this.source = source;
  }

  /**
   * Compares the classes of a head with those of a run, of which there are as many.
   *
   * @param from where the head is, for messages
   * @param ofHead the names of its classes; empty if they are not known
   * @param ofRun the names of the run's classes
   * @return null if they have none in common, so that the run needs another head
   * @throws InvalidInputException if only some of them are the same
   */
  static @Nullable HeadClasses of(String from, List<String> ofHead, List<String> ofRun) {
    if (ClassNames.areMadeUp(ofHead)) {
      return IN_ORDER;
    }
    int[] source = ClassNames.indices(ofRun, ofHead);
    if (ClassNames.allFound(source)) {
      return new HeadClasses(source);
    }
    if (Arrays.stream(source).allMatch(i -> i < 0)) {
      return null;
    }
    throw new InvalidInputException(
        "initialize.from: "
            + from
            + ": only some of its classes have the names of the run's; its classes are "
            + ClassNames.shown(ofHead)
            + "; those of the run are "
            + ClassNames.shown(ofRun)
            + "; initialize.head=false takes a new head");
  }

  /**
   * A kernel or bias of the head with its classes in the run's order.
   *
   * @param array its last axis is the classes
   */
  Weights.Array ordered(Weights.Array array) {
    int[] columns = source;
    if (columns == null) {
      return array;
    }
    float[] values = new float[array.values().length];
    for (int i = 0; i < values.length; i++) {
      int row = i / columns.length * columns.length;
      values[i] = array.values()[row + columns[i % columns.length]];
    }
    return new Weights.Array(array.shape(), values);
  }

  /** How they were found, for the log. */
  @Override
  public String toString() {
    return source == null ? "its classes in their order, as they have no names" : "by its classes";
  }
}
