package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** If this fails, who mistypes a word has to read the help to learn which one was meant. */
class MistypedTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trian              | trian: unknown command; did you mean train? (try: ./mlit --help)",
        "xyz                | xyz: unknown command (try: ./mlit --help)",
        "data fetsh mnist   | fetsh: unknown command; did you mean fetch? (try: ./mlit data --help)",
        "--versoin          | --versoin: unknown option; did you mean --version? (try: ./mlit --help)",
        "serve ./m --prot 1 | --prot: unknown option; did you mean --port? (try: ./mlit serve --help)",
        "serve ./m --prot=1 | --prot: unknown option; did you mean --port? (try: ./mlit serve --help)",
        "serve ./m --nowhere | --nowhere: unknown option (try: ./mlit serve --help)",
        "serve ./m -x | -x: unknown option (try: ./mlit serve --help)",
        "train x y          | Unmatched argument at index 2: 'y' (try: ./mlit train --help)",
        "bench --mode trian | --mode: trian must be train, infer or serve; did you mean train? (try: ./mlit bench --help)",
        "data fetch x --fo /tmp | --fo: unknown option (try: ./mlit data fetch --help)",
        "predict ./m --format cvs | --format: cvs must be text, jsonl or csv; did you mean csv? (try: ./mlit predict --help)",
        "bench --mode x     | --mode: x must be train, infer or serve (try: ./mlit bench --help)",
        "schema runs        | SPEC: runs must be model, run or study; did you mean run? (try: ./mlit schema --help)",
      })
  void saysWhichNameWasMeant(String line, String message) {
    refused(line, message);
  }

  /** As other programs that train have options for. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train --epochs 3            | --epochs  | training.epochs=3",
        "train --epoch 3             | --epoch   | training.epochs=3",
        "train --epochs=3            | --epochs  | training.epochs=3",
        "train --epochs              | --epochs  | training.epochs=VALUE",
        "train --epochs --json       | --epochs  | training.epochs=VALUE",
        "train --training.epochs 3   | --training.epochs | training.epochs=3",
        "train --seed 3              | --seed    | training.seed=3",
        "train --learning-rate 1e-3  | --learning-rate | optimizer.learning-rate=1e-3",
        "train --name mine           | --name    | name=mine",
        "summary m --classes 3       | --classes | classes=3",
        "study s --seeds [1,2]       | --seeds   | '''seeds=[1,2]'''",
      })
  void aFieldIsSetByItsOption(String line, String option, String setting) {
    String command = line.substring(0, line.indexOf(' '));
    refused(
        line,
        option
            + ": unknown option; did you mean --set "
            + setting
            + "? (try: ./mlit "
            + command
            + " --help)");
  }

  private static void refused(String line, String message) {
    assertThat(Outcome.of(line.split(" ", -1)))
        .isEqualTo(new Outcome(2, "", message + System.lineSeparator()));
  }
}
