package dev.mlit.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.ndarray.Shape;

/**
 * What {@code freeze} names. If it fails, a linear probe trains its encoder, or a typing error goes
 * unnoticed, and the numbers of a study are not what they say.
 */
class FreezingTest {
  private static final List<String> NAMES =
      List.of(
          "patch_embedding/kernel",
          "class_token",
          "encoder/block_1/moe/gate/kernel",
          "encoder/block_10/moe/gate/kernel",
          "encoder/norm/scale",
          "head/kernel");

  private static Graph graph;
  private static List<Variable> variables;

  @BeforeAll
  static void makeVariables() {
    Sessions.load();
    graph = new Graph();
    Variables made = Variables.restored(graph);
    variables = NAMES.stream().map(name -> made.zeros(name, Shape.of(2))).toList();
  }

  @AfterAll
  static void closeGraph() {
    graph.close();
  }

  @Test
  void noPatternFreezesNothing() {
    assertThat(frozen()).isEmpty();
  }

  @Test
  void nameOfAVariableFreezesItAlone() {
    assertThat(frozen("class_token")).containsExactly("class_token");
  }

  @Test
  void groupFreezesAllOfIt() {
    assertThat(frozen("encoder"))
        .containsExactly(
            "encoder/block_1/moe/gate/kernel",
            "encoder/block_10/moe/gate/kernel",
            "encoder/norm/scale");
  }

  @Test
  void groupEndsWhereItsNameDoes() {
    assertThat(frozen("encoder/block_1")).containsExactly("encoder/block_1/moe/gate/kernel");
  }

  @Test
  void patternsAddUpWhetherOrNotTheyOverlap() {
    assertThat(frozen("encoder/norm", "encoder", "patch_embedding"))
        .containsExactly(
            "encoder/norm/scale",
            "encoder/block_1/moe/gate/kernel",
            "encoder/block_10/moe/gate/kernel",
            "patch_embedding/kernel");
  }

  @Test
  void starEndsAtASlashAndTwoDoNot() {
    assertThat(frozen("*/kernel")).containsExactly("patch_embedding/kernel", "head/kernel");
    assertThat(frozen("**/gate"))
        .containsExactly("encoder/block_1/moe/gate/kernel", "encoder/block_10/moe/gate/kernel");
  }

  @Test
  void patternOfAGroupFreezesAllOfIt() {
    assertThat(frozen("encoder/block_[0-9]")).containsExactly("encoder/block_1/moe/gate/kernel");
    assertThat(frozen("{head,class*}")).containsExactly("class_token", "head/kernel");
  }

  @Test
  void patternThatIsNoneIsRefused() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> frozen("encoder/block_[0-3"))
        .withMessageStartingWith("freeze: \"encoder/block_[0-3\" is no pattern: ");
  }

  @Test
  void patternThatNamesNothingIsRefused() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> frozen("encoder", "encoder/block_2"))
        .withMessage(
            "freeze: \"encoder/block_2\" names no variable; did you mean encoder/block_1?"
                + " groups are [class_token, encoder, head, patch_embedding]");
  }

  @Test
  void beginningOfANameIsNoGroup() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> frozen("enc"))
        .withMessageStartingWith("freeze: \"enc\" names no variable;");
  }

  @Test
  void nothingLeftToTrainIsRefused() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> frozen("patch_embedding", "class_token", "encoder", "head"))
        .withMessage(
            "freeze: [patch_embedding, class_token, encoder, head] leaves nothing to train");
  }

  private static List<String> frozen(String... patterns) {
    return Freezing.frozen(Stream.of(patterns).toList(), variables).stream()
        .map(Variable::name)
        .toList();
  }
}
