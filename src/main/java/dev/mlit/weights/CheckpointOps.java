package dev.mlit.weights;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TString;

/** The operations that write and read TensorFlow's checkpoint files. */
final class CheckpointOps {
  private CheckpointOps() {}

  /** Writes tensors under these names to the files of a prefix. */
  static Operation save(
      Ops tf, Output<TString> prefix, List<String> names, List<? extends Output<?>> tensors) {
    return tf.scope()
        .opBuilder("SaveV2", "SaveV2")
        .addInput(prefix)
        .addInput(strings(tf, names.toArray(String[]::new)))
        .addInput(wholeTensors(tf, names.size()))
        .addInputList(tensors.toArray(Output<?>[]::new))
        .build();
  }

  /** Reads the float32 tensors of these names, its outputs, from the files of a prefix. */
  static Operation restore(Ops tf, Output<TString> prefix, List<String> names) {
    return tf.scope()
        .opBuilder("RestoreV2", "RestoreV2")
        .addInput(prefix)
        .addInput(strings(tf, names.toArray(String[]::new)))
        .addInput(wholeTensors(tf, names.size()))
        .setAttr(
            "dtypes", Collections.nCopies(names.size(), DataType.DT_FLOAT).toArray(DataType[]::new))
        .build();
  }

  /** An empty slice specification means the whole tensor. */
  private static Output<TString> wholeTensors(Ops tf, int count) {
    String[] slices = new String[count];
    Arrays.fill(slices, "");
    return strings(tf, slices);
  }

  /** A scalar of any bytes. */
  static Output<TString> bytes(Ops tf, byte[] value) {
    try (TString scalar = TString.tensorOfBytes(NdArrays.scalarOfObject(value))) {
      return tf.constantOf(scalar).asOutput();
    }
  }

  private static Output<TString> strings(Ops tf, String[] values) {
    return tf.constant(StandardCharsets.UTF_8, values).asOutput();
  }
}
