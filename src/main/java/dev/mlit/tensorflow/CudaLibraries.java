package dev.mlit.tensorflow;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.Loader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CUDA and cuDNN, which TensorFlow's library for GPUs opens when it looks for a GPU. They are the
 * system's, or come from the class path, where {@code org.bytedeco:cuda} has NVIDIA's files: a
 * library that a process has loaded is found by its name when TensorFlow opens it.
 */
final class CudaLibraries {
  private static final Logger LOG = LoggerFactory.getLogger(CudaLibraries.class);

  /** The one with the versions that TensorFlow 2.18 was built for, CUDA 12 and cuDNN 9. */
  static final String ARTIFACT = "org.bytedeco:cuda:12.6-9.5-1.5.11:linux-x86_64-redist";

  private static final String FOLDER = "org/bytedeco/cuda/linux-x86_64/";
  private static final String DRIVER = "libcuda.so.1";
  private static final String DRIVERS = "driver of NVIDIA";

  /** What TensorFlow opens, and whose it is. */
  private static final Map<String, String> OPENED = new LinkedHashMap<>();

  static {
    OPENED.put(DRIVER, DRIVERS);
    OPENED.put("libcudart.so.12", "CUDA 12");
    OPENED.put("libcublas.so.12", "CUDA 12");
    OPENED.put("libcublasLt.so.12", "CUDA 12");
    OPENED.put("libcufft.so.11", "CUDA 12");
    OPENED.put("libcusparse.so.12", "CUDA 12");
    OPENED.put("libcusolver.so.11", "CUDA 12");
    OPENED.put("libcudnn.so.9", "cuDNN 9");
  }

  /** In an order in which each finds those that it needs; cuDNN loads its parts from beside it. */
  private static final List<String> LOADED =
      List.of(
          "libcudart.so.12",
          "libnvJitLink.so.12",
          "libcublasLt.so.12",
          "libcublas.so.12",
          "libcufft.so.11",
          "libcusparse.so.12",
          "libcusolver.so.11",
          "libcupti.so.12",
          "libnccl.so.2",
          "libnvrtc-builtins.so.12.6",
          "libnvrtc.so.12",
          "libcudnn_graph.so.9",
          "libcudnn_ops.so.9",
          "libcudnn_cnn.so.9",
          "libcudnn_adv.so.9",
          "libcudnn_engines_precompiled.so.9",
          "libcudnn_engines_runtime_compiled.so.9",
          "libcudnn_heuristic.so.9",
          "libcudnn.so.9");

  private CudaLibraries() {}

  /**
   * Loads those of the class path, if TensorFlow's library for GPUs is there too and so is a
   * driver: without one, 2.5 GB would be unpacked for nothing. To be called before TensorFlow is
   * loaded.
   */
  static void load() {
    ClassLoader classes = CudaLibraries.class.getClassLoader();
    if (classes.getResource(FOLDER + LOADED.get(0)) == null
        || !NativeLibrary.isForGpus()
        || !opens(DRIVER)) {
      return;
    }
    LOG.info("CUDA and cuDNN come from {}; unpacking them takes a minute, once", ARTIFACT);
    for (String name : LOADED) {
      URL resource = classes.getResource(FOLDER + name);
      if (resource == null) {
        continue; // Of another version: TensorFlow says what it lacks.
      }
      try {
        File file = Loader.cacheResource(resource);
        System.load(file.getAbsolutePath());
      } catch (IOException | UnsatisfiedLinkError e) {
        LOG.warn("{} cannot be loaded: {}", name, e.getMessage());
      }
    }
  }

  /**
   * What TensorFlow's library for GPUs cannot open, and what to install or add; empty if that
   * library is not there, or lacks nothing.
   */
  static Optional<String> problem() {
    if (!NativeLibrary.isForGpus()) {
      return Optional.empty();
    }
    ClassLoader classes = CudaLibraries.class.getClassLoader();
    List<String> missing =
        OPENED.keySet().stream()
            .filter(name -> classes.getResource(FOLDER + name) == null && !opens(name))
            .toList();
    return missing.isEmpty() ? Optional.empty() : Optional.of(problem(missing));
  }

  /** The text, of names in the order of {@link #OPENED}. */
  static String problem(List<String> missing) {
    Map<String, List<String>> byOwner = new LinkedHashMap<>();
    for (String name : missing) {
      byOwner.computeIfAbsent(String.valueOf(OPENED.get(name)), o -> new ArrayList<>()).add(name);
    }
    String names =
        byOwner.entrySet().stream()
            .map(entry -> entry.getKey() + " (" + String.join(", ", entry.getValue()) + ")")
            .collect(joining(", "));
    String text = "TensorFlow's library for GPUs is there, but finds no " + names;
    return byOwner.keySet().equals(Set.of(DRIVERS))
        ? text + "; install it"
        : text + "; install what is missing, or take CUDA and cuDNN from " + ARTIFACT;
  }

  private static boolean opens(String name) {
    try {
      com.sun.jna.NativeLibrary.getInstance(name);
      return true;
    } catch (LinkageError e) {
      return false;
    }
  }
}
