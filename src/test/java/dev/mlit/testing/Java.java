package dev.mlit.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Compiles a program against mlit and runs it in a process of its own. */
public final class Java {
  private Java() {}

  /**
   * Compiles the program, which would run too long.
   *
   * @param directory where it is compiled
   * @param name of its class
   */
  public static void compile(Path directory, String name, String program) throws IOException {
    Path source = Files.writeString(directory.resolve(name + ".java"), program);
    String classPath = System.getProperty("java.class.path");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                messages,
                null,
                null,
                List.of("-cp", classPath, "-d", directory.toString()),
                null,
                compiler
                    .getStandardFileManager(null, null, null)
                    .getJavaFileObjects(source.toFile()))
            .call();
    assertThat(compiled).as(messages.toString()).isTrue();
  }

  /**
   * Runs the program.
   *
   * @param directory where it is compiled and run
   * @param name of its class
   * @return standard output
   */
  public static String run(Path directory, String name, String program)
      throws IOException, InterruptedException {
    compile(directory, name, program);
    String classPath = System.getProperty("java.class.path");
    Path output = directory.resolve(name + ".out");
    Path errors = directory.resolve(name + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                directory + ":" + classPath,
                name)
            .directory(directory.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile());
    // Not what the process of the tests has set for itself.
    builder.environment().remove("TF_CPP_MIN_LOG_LEVEL");
    Process process = builder.start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("ends in time").isTrue();
    assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
    return Files.readString(output);
  }
}
