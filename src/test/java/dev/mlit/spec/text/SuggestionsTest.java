package dev.mlit.spec.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** If this fails, a user who mistypes a name is sent to the wrong one, or left alone. */
class SuggestionsTest {
  private static final List<String> KNOWN =
      List.of("height", "width", "channels", "learning-rate", "top");

  @ParameterizedTest
  @CsvSource({
    "heigth, height", // two letters swapped
    "tpo, top", // which is one edit, as three letters may have
    "with, width", // one left out
    "cchannels, channels", // one too many
    "learning_rate, learning-rate", // another letter
    "larningrat, learning-rate", // three edits
    "tap, top", // one edit of three letters
    "height, height"
  })
  void suggestsTheNearest(String typed, String meant) {
    assertThat(Suggestions.nearest(typed, KNOWN)).isEqualTo(meant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "larningat", // four edits
        "tip2", // two edits of four letters
        "tp", // one edit of two letters
        "",
        "x",
        "dropout"
      })
  void suggestsNothingWhenNothingIsNear(String typed) {
    assertThat(Suggestions.nearest(typed, KNOWN)).isNull();
  }

  @Test
  void suggestsTheFirstOfTwoAsNear() {
    assertThat(Suggestions.nearest("beta3", List.of("beta1", "beta2"))).isEqualTo("beta1");
    assertThat(Suggestions.nearest("beta3", List.of("beta2", "beta1"))).isEqualTo("beta2");
  }

  @Test
  void suggestsNothingOutOfNothing() {
    assertThat(Suggestions.nearest("height", List.of())).isNull();
  }
}
