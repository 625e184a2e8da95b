package dev.mlit.weights;

import dev.mlit.weights.Weights.Array;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/** A safetensors file of a test, whatever is in it. */
public final class TensorFile {
  private final Map<String, Array> tensors;

  private TensorFile(Map<String, Array> tensors) {
    this.tensors = tensors;
  }

  /** All tensors as float32, by their names in the file. */
  public static TensorFile read(Path file) {
    return new TensorFile(Safetensors.read(file));
  }

  /** Writes tensors by their names. */
  public static void write(Path file, Map<String, Array> tensors) throws IOException {
    Safetensors.write(file, Weights.of(tensors));
  }

  /** The names of the tensors, in the order of their bytes. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /** A tensor; fails if there is none of this name. */
  public Array tensor(String name) {
    Array tensor = tensors.get(name);
    if (tensor == null) {
      throw new NoSuchElementException(name + " is not among " + tensors.keySet());
    }
    return tensor;
  }

  /** The values of a tensor. */
  public float[] values(String name) {
    return tensor(name).values();
  }
}
