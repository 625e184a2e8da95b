package dev.mlit.cli;

import dev.mlit.spec.SettingKeys;
import dev.mlit.spec.text.KebabCase;
import dev.mlit.spec.text.Suggestions;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said of an unknown command, option or constant, and which one was meant. */
final class Mistyped {
  private static final String SET = "--set";

  private Mistyped() {}

  /**
   * The message of an exception of picocli's, in mlit's words where a name is unknown.
   *
   * @param arguments of the command line
   */
  static String message(ParameterException e, String... arguments) {
    CommandSpec command = e.getCommandLine().getCommandSpec();
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String word = unmatched.getUnmatched().get(0);
      if (unmatched.isUnknownOption()) {
        return option(command, word, arguments);
      }
      if (!command.subcommands().isEmpty()) {
        return unknown(word, "command", Suggestions.nearest(word, command.subcommands().keySet()));
      }
    }
    ArgSpec argument = e.getArgSpec();
    String value = e.getValue();
    if (argument != null && value != null && argument.type().isEnum()) {
      return constant(argument, value);
    }
    return String.valueOf(e.getMessage());
  }

  private static String unknown(String word, String kind, @Nullable String meant) {
    return word + ": unknown " + kind + didYouMean(meant);
  }

  private static String didYouMean(@Nullable String meant) {
    return meant == null ? "" : "; did you mean " + meant + "?";
  }

  private static String constant(ArgSpec argument, String value) {
    String name =
        argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    Class<?> type = argument.type();
    return name
        + ": "
        + value
        + " must be "
        + names(type)
        + didYouMean(Suggestions.nearest(value, constants(type)));
  }

  /** The constants of an enum as a user writes them. */
  static List<String> constants(Class<?> type) {
    return Arrays.stream(type.getEnumConstants()).map(c -> KebabCase.of((Enum<?>) c)).toList();
  }

  /** The same in a sentence: {@code text, jsonl or csv}. */
  static String names(Class<?> type) {
    List<String> constants = constants(type);
    int last = constants.size() - 1;
    return last == 0
        ? constants.get(0)
        : String.join(", ", constants.subList(0, last)) + " or " + constants.get(last);
  }

  /**
   * A field's name as an option, such as {@code --epochs 3}, is what {@code --set} is for; it goes
   * before an option of a similar name, such as {@code --set} for {@code --seed}.
   */
  private static String option(CommandSpec command, String word, String... arguments) {
    int equals = word.indexOf('=');
    String option = equals < 0 ? word : word.substring(0, equals);
    String name = option.replaceFirst("^-+", "");
    List<String> keys = keys(command);
    String field = SettingKeys.find(keys, name);
    String near = field == null ? Suggestions.nearest(name, longNames(command)) : null;
    if (near != null) {
      return unknown(option, "option", "--" + near);
    }
    if (field == null) {
      String leaf = Suggestions.nearest(name, keys.stream().map(SettingKeys::leaf).toList());
      field = leaf == null ? null : SettingKeys.find(keys, leaf);
    }
    return unknown(
        option,
        "option",
        field == null ? null : SET + " " + CommandText.word(field + "=" + value(word, arguments)));
  }

  /** The options of a command, without the hyphens. */
  private static List<String> longNames(CommandSpec command) {
    return command.optionsMap().keySet().stream()
        .filter(known -> known.startsWith("--"))
        .map(known -> known.substring(2))
        .toList();
  }

  /** The fields that {@code --set} changes; none where there is no such option. */
  private static List<String> keys(CommandSpec command) {
    OptionSpec set = command.findOption(SET);
    return set == null ? List.of() : Candidates.of(set);
  }

  /** The value that was given with an option: after its equals sign, or as the next argument. */
  private static String value(String word, String... arguments) {
    int equals = word.indexOf('=');
    if (equals >= 0) {
      return word.substring(equals + 1);
    }
    List<String> words = List.of(arguments);
    int next = words.indexOf(word) + 1;
    return next > 0 && next < words.size() && !words.get(next).startsWith("-")
        ? words.get(next)
        : "VALUE";
  }
}
