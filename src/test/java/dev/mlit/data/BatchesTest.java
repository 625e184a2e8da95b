package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mlit.spec.ImageShape;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * If this fails, training skips or repeats images, or a run that was resumed is not the run that
 * would have been without a break.
 */
class BatchesTest {
  private static final ImageShape SHAPE = new ImageShape(1, 2, 1);

  @Test
  void inOrderKeepsTheOrder() {
    Batches batches = Batches.inOrder(numbered(5), SHAPE, 2);
    assertThat(batches.count()).isEqualTo(3);
    assertThat(batches).extracting(Batch::size).containsExactly(2, 2, 1);
    assertThat(labels(batches)).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void everyImageComesWithItsLabel() {
    for (Batch batch : Batches.shuffled(numbered(100), SHAPE, 7, 1, 1)) {
      for (int i = 0; i < batch.size(); i++) {
        assertThat(batch.pixels()[2 * i]).isEqualTo((byte) batch.labels()[i]);
        assertThat(batch.pixels()[2 * i + 1]).isEqualTo((byte) -batch.labels()[i]);
      }
    }
  }

  @Test
  void aSmallerLastBatchHasSmallerArrays() {
    List<Batch> batches = new ArrayList<>();
    Batches.inOrder(numbered(5), SHAPE, 4).forEach(batches::add);
    assertThat(batches.get(1).pixels()).hasSize(2);
    assertThat(batches.get(1).labels()).hasSize(1);
  }

  @Test
  void aDivisibleNumberOfImagesHasNoSmallerBatch() {
    assertThat(Batches.inOrder(numbered(6), SHAPE, 3))
        .extracting(Batch::size)
        .containsExactly(3, 3);
  }

  @Test
  void aBatchLargerThanTheSplitHoldsAllOfIt() {
    Batches batches = Batches.inOrder(numbered(3), SHAPE, Integer.MAX_VALUE);
    assertThat(batches.count()).isEqualTo(1);
    assertThat(batches).extracting(Batch::size).containsExactly(3);
  }

  @Test
  void anEmptySplitHasNoBatches() {
    assertThat(Batches.shuffled(numbered(0), SHAPE, 2, 1, 0)).isEmpty();
  }

  @Test
  void shuffledHasEveryImageOnce() {
    List<Integer> order = order(1000, 1, 0);
    assertThat(order)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 1000).boxed().toList());
    assertThat(order).isNotEqualTo(order.stream().sorted().toList());
  }

  @Test
  void theOrderDependsOnSeedAndEpochAlone() {
    assertThat(order(1000, 42, 3)).isEqualTo(order(1000, 42, 3));
    Batches twice = Batches.shuffled(numbered(50), SHAPE, 8, 42, 3);
    assertThat(labels(twice)).isEqualTo(labels(twice));
  }

  @Test
  void theOrderIsTheSameOnEveryMachineAndInEveryVersion() {
    assertThat(order(10, 1, 0)).containsExactly(8, 4, 2, 0, 7, 6, 5, 9, 1, 3);
  }

  @Test
  void anotherEpochIsAnotherOrder() {
    assertThat(IntStream.range(0, 100).mapToObj(e -> order(100, 1, e)).distinct()).hasSize(100);
  }

  @Test
  void anotherSeedIsAnotherOrder() {
    assertThat(IntStream.range(-50, 50).mapToObj(s -> order(100, s, 0)).distinct()).hasSize(100);
  }

  @Test
  void theNextSeedIsNotTheNextEpoch() {
    assertThat(order(100, 2, 0)).isNotEqualTo(order(100, 1, 1));
  }

  @Test
  void everyPlaceGetsEveryImageAboutEquallyOften() {
    int[] first = new int[4];
    for (int epoch = 0; epoch < 4000; epoch++) {
      first[order(4, 7, epoch).get(0)]++;
    }
    // Five standard deviations.
    assertThat(IntStream.of(first)).allMatch(count -> Math.abs(count - 1000) < 135);
  }

  @Test
  void batchesDoNotShareTheirArrays() {
    Iterator<Batch> batches = Batches.inOrder(numbered(4), SHAPE, 2).iterator();
    Batch first = batches.next();
    Batch second = batches.next();
    second.pixels()[0] = 99;
    assertThat(first.pixels()).containsExactly(0, 0, 1, -1);
  }

  @Test
  void thereIsNothingAfterTheLastBatch() {
    Iterator<Batch> batches = Batches.inOrder(numbered(1), SHAPE, 1).iterator();
    batches.next();
    assertThat(batches).isExhausted();
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(batches::next);
  }

  @Test
  void refusesABatchSizeBelowOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Batches.inOrder(numbered(3), SHAPE, 0))
        .withMessage("batchSize 0 must be at least 1");
  }

  /** Image i has the pixels i and -i and the label i. */
  private static Split numbered(int size) {
    byte[] pixels = new byte[2 * size];
    for (int i = 0; i < size; i++) {
      pixels[2 * i] = (byte) i;
      pixels[2 * i + 1] = (byte) -i;
    }
    return new MemorySplit(pixels, IntStream.range(0, size).toArray(), 2);
  }

  private static List<Integer> order(int size, long seed, int epoch) {
    return labels(Batches.shuffled(numbered(size), SHAPE, 16, seed, epoch));
  }

  private static List<Integer> labels(Batches batches) {
    List<Integer> labels = new ArrayList<>();
    batches.forEach(batch -> IntStream.of(batch.labels()).forEach(labels::add));
    return labels;
  }
}
