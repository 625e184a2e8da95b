package dev.mlit.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.savedmodel.ModelImport;
import dev.mlit.savedmodel.RandomModel;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.Specs;
import dev.mlit.testing.Python;
import dev.mlit.weights.Weights.Array;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, Python colleagues cannot read the weights that mlit writes, or mlit reads other
 * numbers than they wrote.
 */
@Tag("slow")
class SafetensorsPythonTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Test
  void pythonReadsWhatMlitWrites(@TempDir Path directory) throws IOException {
    Python python = Python.with("safetensors.numpy");
    Map<String, Array> weights = new LinkedHashMap<>();
    weights.put(
        "head/kernel",
        new Array(List.of(2L, 3L), new float[] {1, -2.5f, 3e38f, 0x1p-149f, -0f, 0.1f}));
    weights.put("head/bias", new Array(List.of(1L), new float[] {7}));
    weights.put("scalar", new Array(List.of(), new float[] {8}));
    Path file = directory.resolve("w.safetensors");
    Safetensors.write(file, Weights.of(weights));
    python.run(
        LIMIT,
        Map.of(),
        "-c",
        """
        import sys
        import numpy as np
        from safetensors.numpy import load_file

        tensors = load_file(sys.argv[1])
        assert sorted(tensors) == ["head.bias", "head.kernel", "scalar"], sorted(tensors)
        assert all(t.dtype == np.float32 for t in tensors.values())
        kernel = np.array([[1, -2.5, 3e38], [2**-149, -0.0, 0.1]], np.float32)
        assert tensors["head.kernel"].shape == (2, 3)
        assert tensors["head.kernel"].tobytes() == kernel.tobytes(), tensors["head.kernel"]
        assert tensors["head.bias"].tolist() == [7] and tensors["scalar"] == 8
        """,
        file.toString());
  }

  /** The model of examples/python/pytorch.py, behind what PyTorch itself puts in front of names. */
  @Test
  void modelsThatPyTorchHasWrappedAreRead(@TempDir Path directory) throws IOException {
    Python python = Python.with("torch", "safetensors.torch", "yaml", "PIL");
    Files.writeString(directory.resolve("spec.yaml"), Specs.yaml(RandomModel.SPEC));
    python.run(
        LIMIT,
        Map.of(),
        "-B",
        "-c",
        """
        import sys
        sys.path.insert(0, "examples/python")
        import pictures
        import pytorch
        import torch
        from safetensors.torch import save_file

        model = pytorch.Mlit(pictures.spec(sys.argv[1]))
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter)
        models = {
            "plain": model,
            "parallel": torch.nn.DataParallel(model),
            "compiled": torch.compile(model),
            "both": torch.nn.DataParallel(torch.compile(model)),
            "average": torch.optim.swa_utils.AveragedModel(model),
        }
        for name, each in models.items():
            save_file(each.state_dict(), f"{sys.argv[1]}/{name}.safetensors")
        torch.save(model.state_dict(), f"{sys.argv[1]}/saved.pt")
        torch.save(model.state_dict(), f"{sys.argv[1]}/older.pt", _use_new_zipfile_serialization=False)
        """,
        directory.toString());
    Path plain = directory.resolve("plain.safetensors");
    Map<String, Array> expected = WeightFiles.read(RandomModel.SPEC, plain).arrays();
    Map<String, String> prefixes =
        Map.of("parallel", "module.", "compiled", "_orig_mod.", "both", "module._orig_mod.");
    for (Map.Entry<String, String> each : prefixes.entrySet()) {
      Path file = directory.resolve(each.getKey() + ".safetensors");
      Path model = directory.resolve(each.getKey());
      assertThat(ModelImport.of(file).to(model).prefix()).isEqualTo(each.getValue());
      assertSame(WeightFiles.read(model).arrays(), expected);
      assertSame(WeightFiles.read(file).arrays(), expected);
    }
    Path average = directory.resolve("average.safetensors");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ModelImport.of(average).to(directory.resolve("average")))
        .withMessage(
            average
                + ": holds all variables of the model behind module., beside others:"
                + " ModelImport.rename(\"module.\", \"\") takes those and leaves out all else");
    ModelImport.Result result =
        ModelImport.of(average).rename("module.", "").to(directory.resolve("average"));
    assertThat(result.others()).containsExactly("n_averaged []");
    assertSame(WeightFiles.read(directory.resolve("average")).arrays(), expected);
    for (String saved : List.of("saved.pt", "older.pt")) {
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> ModelImport.of(directory.resolve(saved)).to(directory.resolve("x")))
          .withMessage(
              "%s: not a safetensors file but %s, as torch.save writes it; write the state_dict"
                  + " with safetensors.torch.save_file instead",
              directory.resolve(saved), saved.equals("saved.pt") ? "a zip" : "a pickle");
    }
  }

  private static void assertSame(Map<String, Array> actual, Map<String, Array> expected) {
    assertThat(actual).containsOnlyKeys(expected.keySet());
    expected.forEach(
        (name, array) ->
            assertThat(Objects.requireNonNull(actual.get(name)).values())
                .as(name)
                .isEqualTo(array.values()));
  }

  @Test
  void mlitReadsEveryTypeThatPythonWrites(@TempDir Path directory) {
    Python python = Python.with("torch", "safetensors.torch");
    Path file = directory.resolve("w.safetensors");
    python.run(
        LIMIT,
        Map.of(),
        "-c",
        """
        import sys
        import torch
        from safetensors.torch import save_file

        values = torch.tensor([[1, -2.5, 65504], [6e-8, -0.0, 0.1]], dtype=torch.float64)
        types = {"f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32, "f64": torch.float64}
        written = {name: values.to(kind) for name, kind in types.items()}
        save_file(written | {f"{n}.read": t.float().clone() for n, t in written.items()}, sys.argv[1])
        """,
        file.toString());
    TensorFile read = TensorFile.read(file);
    for (String type : List.of("f16", "bf16", "f32", "f64")) {
      assertThat(read.tensor(type).shape()).containsExactly(2L, 3L);
      assertThat(read.values(type)).as(type).isEqualTo(read.values(type + ".read"));
    }
    assertThat(read.values("f64")).containsExactly(1, -2.5f, 65504, 6e-8f, -0f, 0.1f);
  }
}
