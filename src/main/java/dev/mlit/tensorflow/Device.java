package dev.mlit.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TFE_ContextListDevices;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListCount;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListMemoryBytes;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListName;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListType;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.internal.c_api.TFE_Context;
import org.tensorflow.internal.c_api.TFE_ContextOptions;
import org.tensorflow.internal.c_api.TF_DeviceList;
import org.tensorflow.internal.c_api.TF_Status;

/**
 * A device that TensorFlow can compute on.
 *
 * @param name such as {@code /device:CPU:0}
 * @param type CPU or GPU
 * @param memoryBytes that TensorFlow may use; for a CPU a default that means nothing
 * @since 0.1.0
 */
public record Device(String name, String type, long memoryBytes) {

  private static final Logger LOG = LoggerFactory.getLogger(Device.class);

  /**
   * What TensorFlow's library for GPUs cannot open, such as cuDNN; empty if it lacks nothing, or
   * the library of this process is one for CPUs.
   */
  public static Optional<String> missingForGpu() {
    return CudaLibraries.problem();
  }

  /** Whether TensorFlow computes on a GPU. */
  public static boolean hasGpu() {
    return Gpu.PRESENT;
  }

  /** Looked up once: devices neither come nor go while a process runs. */
  private static final class Gpu {
    static final boolean PRESENT = all().stream().anyMatch(device -> device.type.equals("GPU"));

    static {
      if (!PRESENT) {
        missingForGpu().ifPresent(problem -> LOG.warn("no GPU is used: {}", problem));
      }
    }
  }

  /** All devices of this machine. TensorFlow Java has no call for it, so this is the C API's. */
  @SuppressWarnings("try") // The scope is used by being open: it frees the native objects.
  public static List<Device> all() {
    Sessions.load();
    List<Device> devices = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      TF_Status status = TF_Status.newStatus();
      TFE_Context context = TFE_Context.newContext(TFE_ContextOptions.newContextOptions(), status);
      status.throwExceptionIfNotOK();
      TF_DeviceList list = TFE_ContextListDevices(context, status);
      status.throwExceptionIfNotOK();
      for (int i = 0; i < TF_DeviceListCount(list); i++) {
        String name = TF_DeviceListName(list, i, status).getString();
        devices.add(
            new Device(
                name.replaceFirst(".*(?=/device:)", ""),
                TF_DeviceListType(list, i, status).getString(),
                TF_DeviceListMemoryBytes(list, i, status)));
      }
    }
    return devices;
  }
}
