package dev.mlit.model;

import dev.mlit.spec.seed.RandomStream;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.tensorflow.StepSeed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Drops parts of what attention and experts add to the tokens while training: single values
 * (dropout), and all of it for some images (drop path, or stochastic depth), more often in higher
 * blocks.
 *
 * @since 0.1.0
 */
public final class Drops {
  /** Drops nothing. */
  public static final Drops NONE = new Drops(0, 0, null);

  private final double dropout;
  private final double dropPath;
  private final @Nullable Numbers numbers;

  private Drops(double dropout, double dropPath, @Nullable Numbers numbers) {
    this.dropout = dropout;
    this.dropPath = dropPath;
    this.numbers = numbers;
  }

  /** Random numbers, uniform in [0, 1), of a shape, by the key of a {@link RandomStream}. */
  @FunctionalInterface
  private interface Numbers {
    Operand<TFloat32> draw(Ops tf, long key, Operand<TInt32> shape);
  }

  /**
   * Drops that are a function of the run's seed and the step, and of nothing else.
   *
   * @param dropout chance of a value, in [0, 1)
   * @param dropPath chance of an image in the last block, in [0, 1); 0 in the first, linear between
   * @param seed a scalar
   * @param step a scalar
   */
  public static Drops stateless(
      double dropout, double dropPath, Operand<TInt64> seed, Operand<TInt64> step) {
    return new Drops(
        dropout,
        dropPath,
        (tf, key, shape) ->
            tf.random.statelessRandomUniform(shape, StepSeed.of(tf, seed, key, step)));
  }

  /**
   * The drops of a block.
   *
   * @param attention of what attention adds
   * @param experts of what the experts add
   */
  record OfBlock(Drop attention, Drop experts) {
    static final OfBlock NOTHING = new OfBlock(Drop.NOTHING, Drop.NOTHING);
  }

  /**
   * The drops of a block, lane by lane; together they are those of one lane of all images.
   *
   * @param block counted from 0
   * @param blocks of the model
   * @param tokens rows of an image
   * @param expertRows rows of an image that the experts of this block are read at
   */
  List<OfBlock> ofBlock(
      FloatOps calc, Lanes lanes, int block, int blocks, int tokens, int expertRows, int width) {
    List<Drop> attention =
        branch(
            calc,
            lanes,
            block,
            blocks,
            tokens,
            width,
            RandomStream.ATTENTION_DROPOUT,
            RandomStream.ATTENTION_DROP_PATH);
    List<Drop> experts =
        branch(
            calc,
            lanes,
            block,
            blocks,
            expertRows,
            width,
            RandomStream.EXPERTS_DROPOUT,
            RandomStream.EXPERTS_DROP_PATH);
    List<OfBlock> drops = new ArrayList<>();
    for (int lane = 0; lane < lanes.count(); lane++) {
      drops.add(new OfBlock(attention.get(lane), experts.get(lane)));
    }
    return drops;
  }

  private List<Drop> branch(
      FloatOps calc,
      Lanes lanes,
      int block,
      int blocks,
      int rows,
      int width,
      RandomStream values,
      RandomStream images) {
    List<Drop> drops = new ArrayList<>(Collections.nCopies(lanes.count(), Drop.NOTHING));
    if (dropout > 0) {
      Operand<TInt32> shape = calc.tf().stack(List.of(lanes.rows(rows), calc.tf().constant(width)));
      List<Operand<TFloat32>> drawn = lanes.split(draw(calc, values.key(block), shape), rows);
      for (int lane = 0; lane < drops.size(); lane++) {
        drops.set(lane, Drop.values(calc, drawn.get(lane), dropout));
      }
    }
    double chance = pathChance(block, blocks);
    if (chance > 0) {
      Operand<TInt32> shape = calc.tf().stack(List.of(lanes.rows(1)));
      List<Operand<TFloat32>> drawn = lanes.split(draw(calc, images.key(block), shape), 1);
      for (int lane = 0; lane < drops.size(); lane++) {
        drops.set(lane, drops.get(lane).and(Drop.images(calc, drawn.get(lane), chance, rows)));
      }
    }
    return drops;
  }

  /** The chance of an image to be dropped in a block. */
  double pathChance(int block, int blocks) {
    return blocks == 1 ? dropPath : dropPath * block / (blocks - 1);
  }

  private Operand<TFloat32> draw(FloatOps calc, long key, Operand<TInt32> shape) {
    if (numbers == null) {
      throw new IllegalStateException("nothing is dropped, so nothing is drawn");
    }
    return numbers.draw(calc.tf(), key, shape);
  }
}
