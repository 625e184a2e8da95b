package dev.mlit.cli;

import dev.mlit.Mlit;
import dev.mlit.cluster.WorkerLostException;
import dev.mlit.data.published.FetchException;
import dev.mlit.files.DaemonThreads;
import dev.mlit.files.NotWrittenException;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.HomePath;
import dev.mlit.spec.text.Printable;
import dev.mlit.tensorflow.NativeRuntime;
import dev.mlit.train.step.DivergedException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code ./mlit}: exit status 0 if done, 2 if the user's input is at fault (its message on standard
 * error, no stack trace), 1 for anything else.
 */
@Command(
    name = "mlit",
    description = "Very small vision transformers: describe, train, export, predict.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
  private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("train", TrainCommand.class);
    COMMANDS.put("augment", AugmentCommand.class);
    COMMANDS.put("evaluate", EvaluateCommand.class);
    COMMANDS.put("predict", PredictCommand.class);
    COMMANDS.put("serve", ServeCommand.class);
    COMMANDS.put("export", ExportCommand.class);
    COMMANDS.put("study", StudyCommand.class);
    COMMANDS.put("import", ImportCommand.class);
    COMMANDS.put("summary", SummaryCommand.class);
    COMMANDS.put("bench", BenchCommand.class);
    COMMANDS.put("metrics", MetricsCommand.class);
    COMMANDS.put("models", ModelsCommand.class);
    COMMANDS.put("data", DataCommand.class);
    COMMANDS.put("devices", DevicesCommand.class);
    COMMANDS.put("schema", SchemaCommand.class);
    COMMANDS.put("completion", CompletionCommand.class);
  }

  @Spec private CommandSpec command;

  /** Runs a command and ends the process with its exit status. */
  public static void main(String[] args) {
    // The process is mlit's: whatever the environment, what it writes is UTF-8, with digits that
    // other programs read.
    Locale.setDefault(Locale.ROOT);
    Mlit.tuneProcess();
    preload(args);
    System.setErr(
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
    System.exit(run(args));
  }

  /**
   * Loads TensorFlow while another thread reads arguments, descriptions and pictures, which takes
   * as long. What goes wrong is said where TensorFlow is used.
   */
  private static void preload(String... args) {
    if (args.length > 0 && args[0].equals("predict")) {
      DaemonThreads.named("mlit-preload").newThread(NativeRuntime::preload).start();
    }
  }

  /** Runs a command. */
  static int run(String... args) {
    CommandLine command = commandLine(args);
    int status;
    try {
      status = command.execute(args);
    } catch (LinkageError e) {
      status = noLibrary(e, command.getErr());
    }
    command.getOut().flush();
    // A full disk behind it, or a program that has ended: nothing else says so.
    boolean lost = command.getOut().checkError() || System.out.checkError();
    if (lost && status == CommandLine.ExitCode.OK) {
      command.getErr().println("standard output: cannot be written, what was printed is not whole");
      return CommandLine.ExitCode.SOFTWARE;
    }
    return status;
  }

  /**
   * The command line for some arguments: with the command that they begin with, or else with all.
   * To look at the options of all takes longer than many a command.
   */
  static CommandLine commandLine(String... args) {
    CommandLine line = new CommandLine(new Main());
    Class<?> only = args.length == 0 ? null : COMMANDS.get(args[0]);
    if (only == null) {
      COMMANDS.forEach(line::addSubcommand);
    } else {
      line.addSubcommand(args[0], only);
    }
    return line.setOut(utf8(System.out))
        .setErr(utf8(System.err))
        .registerConverter(Path.class, Main::path)
        .setCaseInsensitiveEnumValuesAllowed(true)
        // A file may be called @x.png.
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(Main::wrongArguments)
        .setExecutionExceptionHandler(Main::failed);
  }

  /** Such as where the home directory may not hold what is executed. */
  private static int noLibrary(LinkageError e, PrintWriter err) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    err.println(
        "a library cannot be loaded: "
            + cause
            + "; if it lies where nothing may be executed, name another directory to unpack it to"
            + " with MLIT_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=DIR");
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static PrintWriter utf8(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }

  /** A shell makes the home directory of ~, but not in {@code --to=~/models}. */
  static Path path(String text) {
    HomePath.problem(text)
        .ifPresent(
            problem -> {
              throw new TypeConversionException(problem);
            });
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          text + ": cannot be a path: " + e.getReason() + "; set LC_ALL=C.UTF-8 if it is one");
    }
  }

  private static int wrongArguments(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    command
        .getErr()
        .println(
            Printable.lines(Mistyped.message(e, args))
                + " (try: ./"
                + command.getCommandSpec().qualifiedName()
                + " --help)");
    return CommandLine.ExitCode.USAGE;
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    PrintWriter err = command.getErr();
    if (e instanceof InvalidInputException) {
      err.println(CommandAdvice.message(e));
      return CommandLine.ExitCode.USAGE;
    }
    if (e instanceof DivergedException
        || e instanceof FetchException
        || e instanceof WorkerLostException
        || e instanceof NotWrittenException) {
      err.println(CommandAdvice.message(e));
    } else {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace, true));
      err.print(Printable.trace(trace.toString()));
      err.flush();
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  @Override
  public void run() {
    command.commandLine().usage(command.commandLine().getOut());
  }
}
