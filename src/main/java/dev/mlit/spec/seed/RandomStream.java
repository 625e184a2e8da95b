package dev.mlit.spec.seed;

/**
 * What random numbers in the graph of a run are for. Each stream has numbers that no other has.
 *
 * <p>TensorFlow's stateless generators make numbers of two seeds: here the run's ({@code
 * training.seed}) plus the key of the stream, and the step. Philox turns neighbouring seeds into
 * unrelated numbers. The bits of a key, above the 32 of a usual seed:
 *
 * <table>
 * <caption>Bits of a key</caption>
 * <tr><td>32 to 36</td><td>which draw of the augmentation, from 1; 0 for those of the model</td></tr>
 * <tr><td>37 to 39</td><td>which draw of the model; 0 for gate noise, and for the augmentation</td></tr>
 * <tr><td>40 and above</td><td>the block of the model, from 1; 0 for what is of none</td></tr>
 * </table>
 *
 * <p>Another key is another run, and a run could not go on where it was left: never change one.
 * What Java draws is divided by {@link RunSeed}.
 *
 * @since 0.1.0
 */
public enum RandomStream {
  /** Which images are mirrored, left to right. */
  FLIP(1),
  /** The area of the part that is cut out of an image. */
  CROP_SCALE(2),
  /** The ratio of its sides. */
  CROP_RATIO(3),
  /** Its distance to the left edge. */
  CROP_LEFT(4),
  /** Its distance to the upper edge. */
  CROP_TOP(5),
  /** How far a padded image is moved before it is cut to its size. */
  SHIFT_X(6),
  /** The same up or down. */
  SHIFT_Y(7),
  /** The angle that an image is rotated by. */
  ROTATION(8),
  /** How far an image is moved to the side. */
  TRANSLATION_X(9),
  /** How far an image is moved up or down. */
  TRANSLATION_Y(10),
  /** Colour jitter's brightness. */
  BRIGHTNESS(11),
  /** Colour jitter's contrast. */
  CONTRAST(12),
  /** Colour jitter's saturation. */
  SATURATION(13),
  /** Colour jitter's hue. */
  HUE(14),
  /** Which images a rectangle is erased of. */
  ERASING(15),
  /** The area of the rectangle. */
  ERASING_AREA(16),
  /** The ratio of its sides. */
  ERASING_RATIO(17),
  /** Its distance to the left edge. */
  ERASING_LEFT(18),
  /** Its distance to the upper edge. */
  ERASING_TOP(19),
  /** What it is filled with. */
  ERASING_NOISE(20),
  /** Which images another one is mixed into. */
  MIXING(21),
  /** Whether that is by mixup or by cutmix, where a run has both. */
  MIXUP_OR_CUTMIX(22),
  /** The share of an image in mixup is made of two numbers: the first. */
  MIXUP_FIRST(23),
  /** The second. */
  MIXUP_SECOND(24),
  /** The share of an image in cutmix is made of two numbers: the first. */
  CUTMIX_FIRST(25),
  /** The second. */
  CUTMIX_SECOND(26),
  /** The middle of the rectangle of cutmix, from left to right. */
  CUTMIX_X(27),
  /** The same from top to bottom. */
  CUTMIX_Y(28),
  /** Which operations of RandAugment or TrivialAugment change an image, and how. */
  OPERATIONS(29),
  /** Which images are mirrored, top to bottom. */
  VERTICAL_FLIP(30),
  /** By how many right angles an image is turned. */
  QUARTER_TURNS(31),
  /** The noise of a block's gates. */
  GATE_NOISE(0, true),
  /** Dropout: which values are dropped of what a block's attention adds. */
  ATTENTION_DROPOUT(1, true),
  /** Drop path: of which images all is dropped that a block's attention adds. */
  ATTENTION_DROP_PATH(2, true),
  /** Dropout: which values are dropped of what a block's experts add. */
  EXPERTS_DROPOUT(3, true),
  /** Drop path: of which images all is dropped that a block's experts add. */
  EXPERTS_DROP_PATH(4, true),
  /** Which patches are hidden from an autoencoder. */
  MASKS(5, false),
  /** Patch dropout: which patches are left out. */
  PATCH_DROPOUT(6, false);

  /** Where the number of an augmentation is in a key. */
  private static final int AUGMENTATION = 32;

  /** Where the number of what the model draws is. */
  private static final int MODEL = 37;

  /** Where the number of a block is. */
  private static final int BLOCK = 40;

  private final long key;
  private final boolean ofBlocks;

  RandomStream(int augmentation) {
    this.key = (long) augmentation << AUGMENTATION;
    this.ofBlocks = false;
  }

  RandomStream(int ofModel, boolean ofBlocks) {
    this.key = (long) ofModel << MODEL;
    this.ofBlocks = ofBlocks;
  }

  /** Whether every block of a model has numbers of its own. */
  public boolean isOfBlocks() {
    return ofBlocks;
  }

  /**
   * What the seed of the run is moved by.
   *
   * @throws IllegalStateException if every block has another key
   */
  public long key() {
    if (ofBlocks) {
      throw new IllegalStateException(this + " has a key for every block");
    }
    return key;
  }

  /**
   * What the seed of the run is moved by for a block, counted from 0.
   *
   * @throws IllegalStateException if blocks have no keys of their own
   */
  public long key(int block) {
    if (!ofBlocks) {
      throw new IllegalStateException(this + " has one key for all blocks");
    }
    return ((block + 1L) << BLOCK) + key;
  }
}
