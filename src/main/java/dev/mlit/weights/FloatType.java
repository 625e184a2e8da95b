package dev.mlit.weights;

import java.nio.ByteBuffer;

/**
 * How files store floating-point numbers; all of them become float32.
 *
 * @since 0.1.0
 */
public enum FloatType {
  /** IEEE 754 binary64. */
  F64(8) {
    @Override
    float next(ByteBuffer bytes) {
      return (float) bytes.getDouble();
    }
  },
  /** IEEE 754 binary32. */
  F32(4) {
    @Override
    float next(ByteBuffer bytes) {
      return bytes.getFloat();
    }
  },
  /** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
  F16(2) {
    @Override
    float next(ByteBuffer bytes) {
      return half(bytes.getShort());
    }
  },
  /** The upper half of a binary32. */
  BF16(2) {
    @Override
    float next(ByteBuffer bytes) {
      return Float.intBitsToFloat(bytes.getShort() << 16);
    }
  };

  private final int bytes;

  FloatType(int bytes) {
    this.bytes = bytes;
  }

  /** The bytes of a number. */
  public int bytes() {
    return bytes;
  }

  abstract float next(ByteBuffer bytes);

  /** The numbers in some bytes, which are read to their end in the buffer's order. */
  public float[] floats(ByteBuffer bytes) {
    float[] floats = new float[bytes.remaining() / this.bytes];
    if (this == F32) {
      bytes.asFloatBuffer().get(floats);
      return floats;
    }
    for (int i = 0; i < floats.length; i++) {
      floats[i] = next(bytes);
    }
    return floats;
  }

  private static float half(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    double magnitude =
        switch (exponent) {
          case 0 -> fraction * 0x1p-24;
          case 0x1f -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
          default -> (0x400 + fraction) * Math.pow(2, exponent - 25);
        };
    return (float) (bits < 0 ? -magnitude : magnitude);
  }
}
