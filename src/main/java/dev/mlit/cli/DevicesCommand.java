package dev.mlit.cli;

import dev.mlit.tensorflow.Device;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./mlit devices}. */
@Command(
    name = "devices",
    description = "Lists the devices that TensorFlow can compute on.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DevicesCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Option(names = "--json", description = "Prints the result as JSON, on the last line.")
  private boolean json;

  /** What {@code --json} prints. */
  record Result(List<Device> devices) {}

  @Override
  public Integer call() {
    Console console = Console.of(command);
    List<Device> devices = Device.all();
    if (json) {
      console.json(new Result(devices));
      return 0;
    }
    for (Device device : devices) {
      console.line("%s  %s", device.name(), device.type().equals("CPU") ? cores() : memory(device));
    }
    if (devices.stream().noneMatch(d -> d.type().equals("GPU"))) {
      console.line(
          "no GPU; %s",
          Device.missingForGpu()
              .orElse("on Linux x86_64 with CUDA 12 and cuDNN 9: MLIT_GPU=1 ./mlit devices"));
    }
    return 0;
  }

  private static String cores() {
    return Runtime.getRuntime().availableProcessors() + " cores";
  }

  private static String memory(Device device) {
    return String.format(Locale.ROOT, "%.1f GiB", device.memoryBytes() / 0x1p30);
  }
}
