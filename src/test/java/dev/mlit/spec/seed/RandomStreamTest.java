package dev.mlit.spec.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * If this fails, a run that was begun with an earlier version cannot go on with its numbers, nor be
 * repeated; or two things of a run are drawn by the same numbers.
 */
class RandomStreamTest {
  private static final int BLOCKS = 1000;

  /** In the order in which they came. */
  @Test
  void keysOfRunsThatBeganEarlierStay() {
    assertThat(streams(false))
        .containsExactly(
            "FLIP 1 0",
            "CROP_SCALE 2 0",
            "CROP_RATIO 3 0",
            "CROP_LEFT 4 0",
            "CROP_TOP 5 0",
            "SHIFT_X 6 0",
            "SHIFT_Y 7 0",
            "ROTATION 8 0",
            "TRANSLATION_X 9 0",
            "TRANSLATION_Y 10 0",
            "BRIGHTNESS 11 0",
            "CONTRAST 12 0",
            "SATURATION 13 0",
            "HUE 14 0",
            "ERASING 15 0",
            "ERASING_AREA 16 0",
            "ERASING_RATIO 17 0",
            "ERASING_LEFT 18 0",
            "ERASING_TOP 19 0",
            "ERASING_NOISE 20 0",
            "MIXING 21 0",
            "MIXUP_OR_CUTMIX 22 0",
            "MIXUP_FIRST 23 0",
            "MIXUP_SECOND 24 0",
            "CUTMIX_FIRST 25 0",
            "CUTMIX_SECOND 26 0",
            "CUTMIX_X 27 0",
            "CUTMIX_Y 28 0",
            "OPERATIONS 29 0",
            "VERTICAL_FLIP 30 0",
            "QUARTER_TURNS 31 0",
            "MASKS 0 5",
            "PATCH_DROPOUT 0 6");
    assertThat(streams(true))
        .containsExactly(
            "GATE_NOISE 0 0",
            "ATTENTION_DROPOUT 0 1",
            "ATTENTION_DROP_PATH 0 2",
            "EXPERTS_DROPOUT 0 3",
            "EXPERTS_DROP_PATH 0 4");
  }

  /** Bits 32 to 36 and 37 to 39 of every key; nothing else is in it but the block, from bit 40. */
  private static List<String> streams(boolean ofBlocks) {
    return Arrays.stream(RandomStream.values())
        .filter(stream -> stream.isOfBlocks() == ofBlocks)
        .map(
            stream -> {
              long key = ofBlocks ? stream.key(8) - (9L << 40) : stream.key();
              assertThat(key).as("%s", stream).isBetween(0L, (1L << 40) - 1);
              assertThat(key % (1L << 32)).as("%s", stream).isZero();
              return stream + " " + (key >> 32) % 32 + " " + (key >> 37);
            })
        .toList();
  }

  @Test
  void noTwoStreamsShareAKey() {
    long[] keys = Arrays.stream(RandomStream.values()).flatMapToLong(this::keys).toArray();

    assertThat(keys).doesNotHaveDuplicates().doesNotContain(0);
  }

  private LongStream keys(RandomStream stream) {
    return stream.isOfBlocks()
        ? IntStream.range(0, BLOCKS).mapToLong(stream::key)
        : LongStream.of(stream.key());
  }

  @Test
  void aStreamOfBlocksIsAskedForABlock() {
    assertThatIllegalStateException()
        .isThrownBy(RandomStream.GATE_NOISE::key)
        .withMessage("GATE_NOISE has a key for every block");
    assertThatIllegalStateException()
        .isThrownBy(() -> RandomStream.MASKS.key(0))
        .withMessage("MASKS has one key for all blocks");
  }
}
