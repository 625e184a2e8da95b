package dev.mlit.cli;

import dev.mlit.spec.text.KebabCase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What a shell completes of the command line: two functions that say what may stand where, made
 * from the commands themselves and the same for all shells, and before or after them the shell's
 * own part, which asks them.
 *
 * <p>picocli makes such a script, too, but offers either names or files for an argument, where most
 * of mlit's take both, all files where YAML is needed, and no fields for {@code --set}.
 */
final class CompletionScript {
  /** The label of options whose values are fields, each with a value of its own. */
  static final String SETTING = "KEY=VALUE";

  /** The shells that there is a script for. */
  enum Shell {
    BASH(""),
    ZSH("#compdef mlit\n");

    /** What the first line must be. */
    private final String first;

    Shell(String first) {
      this.first = first;
    }
  }

  private final StringBuilder commands = new StringBuilder();
  private final StringBuilder values = new StringBuilder();

  private CompletionScript() {}

  /** The script for a command line. */
  static String of(CommandLine line, Shell shell) {
    CompletionScript script = new CompletionScript();
    script.add("", line);
    return shell.first
        + "# Completes the commands, options and names of mlit. Written by: ./mlit completion "
        + KebabCase.of(shell)
        + "\n\n"
        + "# What may follow a command: $1.\n"
        + "_mlit_command() {\n"
        + "  subcommands=() valued=() flags=()\n"
        + choice(script.commands)
        + "}\n\n"
        + "# What a value may be: $1 is a command and an option, or the position of an argument.\n"
        + "_mlit_value() {\n"
        + "  names=() files=\n"
        + choice(script.values)
        + "}\n"
        + resource("completion." + KebabCase.of(shell));
  }

  private static String choice(CharSequence cases) {
    return "  case $1 in\n" + cases + "  esac\n";
  }

  private void add(String place, CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    List<String> subcommands = new ArrayList<>();
    line.getSubcommands()
        .forEach((name, command) -> subcommands.add(item(name, command.getCommandSpec())));
    List<String> valued = new ArrayList<>();
    List<String> flags = new ArrayList<>();
    for (OptionSpec option : spec.options()) {
      List<String> names = option.arity().max() > 0 ? valued : flags;
      for (String name : option.names()) {
        names.add(name + ":" + first(option.description()));
        if (option.arity().max() > 0) {
          value(quoted(place + " " + name), option);
        }
      }
    }
    for (PositionalParamSpec argument : spec.positionalParameters()) {
      int first = argument.index().min();
      int last = argument.index().max();
      if (last == Integer.MAX_VALUE) {
        // All further ones: the shell takes the first pattern that fits.
        value(quoted(place + " ") + "[0-9]*", argument);
      } else {
        IntStream.rangeClosed(first, last).forEach(i -> value(quoted(place + " " + i), argument));
      }
    }
    commands.append("    ").append(quoted(place)).append(")\n");
    array(commands, "subcommands", subcommands);
    array(commands, "valued", valued);
    array(commands, "flags", flags);
    commands.append("      ;;\n");
    for (Map.Entry<String, CommandLine> each : line.getSubcommands().entrySet()) {
      add(place.isEmpty() ? each.getKey() : place + " " + each.getKey(), each.getValue());
    }
  }

  private void value(String pattern, ArgSpec argument) {
    List<String> names = names(argument);
    String files = files(argument);
    if (names.isEmpty() && files.isEmpty()) {
      return;
    }
    values.append("    ").append(pattern).append(")");
    if (!names.isEmpty()) {
      values.append(" names=(").append(words(names)).append(")");
    }
    if (!files.isEmpty()) {
      values.append(" files=").append(quoted(files));
    }
    values.append(" ;;\n");
  }

  /** The names that a value may be. */
  private static List<String> names(ArgSpec argument) {
    if (argument.type().isEnum()) {
      return Mistyped.constants(argument.type());
    }
    List<String> names = Candidates.of(argument);
    return argument.paramLabel().equals(SETTING)
        ? names.stream().map(name -> name + "=").toList()
        : names;
  }

  /**
   * The files that a value may be, by what the help calls it: {@code /} for directories, {@code *}
   * for all, the end of their names, or nothing.
   */
  private static String files(ArgSpec argument) {
    String label = argument.paramLabel();
    int dot = label.lastIndexOf('.');
    if (dot > 0) {
      return label.substring(dot + 1);
    }
    if (label.equals("DIR") || label.equals("RUN_DIR")) {
      return "/";
    }
    Class<?> type =
        argument.typeInfo().isMultiValue() ? argument.auxiliaryTypes()[0] : argument.type();
    if (argument.converters().length > 0 && argument.converters()[0] instanceof ModelPlace) {
      return "/";
    }
    return type == Path.class || label.equals(PhotoArguments.LABEL) ? "*" : "";
  }

  private static String item(String name, CommandSpec command) {
    // What comes after a colon is detail.
    return name + ":" + first(command.usageMessage().description()).replaceFirst(": .*", "");
  }

  /** The first sentence, without what picocli would put in place of variables. */
  private static String first(String... description) {
    String text = String.join(" ", description).replace("$$", "$").replace("%%", "%");
    int end = text.indexOf(". ");
    String sentence = end < 0 ? text : text.substring(0, end);
    int list = sentence.indexOf("${");
    String plain = list < 0 ? sentence : sentence.substring(0, list);
    return plain.replaceAll("[;:,. ]+$", "");
  }

  private static void array(StringBuilder to, String name, List<String> items) {
    if (!items.isEmpty()) {
      to.append("      ").append(name).append("=(").append(words(items)).append(")\n");
    }
  }

  private static String words(List<String> items) {
    return String.join(" ", items.stream().map(CompletionScript::quoted).toList());
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private static String resource(String name) {
    try (InputStream in = CompletionScript.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new AssertionError(name + " is missing beside the class");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
