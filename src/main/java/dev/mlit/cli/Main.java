package dev.mlit.cli;

import dev.mlit.data.FetchException;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.Printable;
import dev.mlit.train.DivergedException;
import dev.mlit.train.WorkerLostException;
import dev.mlit.train.WriteFailedException;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code ./mlit}: exit status 0 if done, 2 if the user's input is at fault (its message on standard
 * error, no stack trace), 1 for anything else.
 */
@Command(
    name = "mlit",
    description = "Very small vision transformers: describe, train, export, predict.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TrainCommand.class,
      AugmentCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      ExportCommand.class,
      StudyCommand.class,
      ImportCommand.class,
      SummaryCommand.class,
      BenchCommand.class,
      DataCommand.class,
      DevicesCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec command;

  /** Runs a command and ends the process with its exit status. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs a command. */
  static int run(String... args) {
    return commandLine().execute(args);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        // A file may be called @x.png.
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(Main::wrongArguments)
        .setExecutionExceptionHandler(Main::failed);
  }

  private static int wrongArguments(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    command
        .getErr()
        .println(
            Printable.lines(String.valueOf(e.getMessage()))
                + " (try: ./"
                + command.getCommandSpec().qualifiedName()
                + " --help)");
    return CommandLine.ExitCode.USAGE;
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    PrintWriter err = command.getErr();
    if (e instanceof InvalidInputException) {
      err.println(e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    if (e instanceof DivergedException
        || e instanceof FetchException
        || e instanceof WorkerLostException
        || e instanceof WriteFailedException) {
      err.println(Printable.lines(String.valueOf(e.getMessage())));
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
