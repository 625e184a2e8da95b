package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * Parts of the tokens of every image that are computed side by side, one per thread: what {@link
 * Lanes} are for many images, for one. They meet in every block, where all tokens read the keys and
 * values of all.
 */
final class TokenLanes {
  /** With fewer, another thread costs more than it saves. */
  private static final int TOKENS_OF_A_LANE = 36;

  private final FloatOps calc;
  private final int tokens;
  private final int[] sizes;

  /**
   * Parts that differ by one token at most, the larger ones first.
   *
   * @param tokens of an image
   * @param count of the parts, from 1 to the number of tokens
   */
  TokenLanes(FloatOps calc, int tokens, int count) {
    this.calc = calc;
    this.tokens = tokens;
    this.sizes = new int[count];
    for (int lane = 0; lane < count; lane++) {
      sizes[lane] = (tokens + count - 1 - lane) / count;
    }
  }

  /** The number of parts that is worthwhile. */
  static int count(int threads, int tokens) {
    return Math.max(1, Math.min(threads, tokens / TOKENS_OF_A_LANE));
  }

  /** The tokens of a lane. */
  int tokens(int lane) {
    return sizes[lane];
  }

  /** [batch * tokens, width] to the tokens of every lane, [batch * tokens(lane), width]. */
  List<Operand<TFloat32>> split(Operand<TFloat32> rows, int width) {
    List<Operand<TFloat32>> lanes = new ArrayList<>();
    for (Operand<TFloat32> lane : calc.split(calc.reshape(rows, -1, tokens, width), 1, sizes)) {
      lanes.add(calc.reshape(lane, -1, width));
    }
    return lanes;
  }

  /** The inverse of {@link #split}. */
  Operand<TFloat32> join(List<Operand<TFloat32>> lanes, int width) {
    List<Operand<TFloat32>> parts = new ArrayList<>();
    for (int lane = 0; lane < sizes.length; lane++) {
      parts.add(calc.reshape(lanes.get(lane), -1, sizes[lane], width));
    }
    return calc.reshape(calc.concat(1, parts), -1, width);
  }
}
