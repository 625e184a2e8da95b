package dev.mlit.spec.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** If this fails, an option or an argument is refused that is allowed, or the other way round. */
class NumberRuleTest {
  @Test
  void endsAreInOrOut() {
    NumberRule closed = NumberRule.between(1, 3);
    assertThat(closed.allows(1) && closed.allows(3)).isTrue();
    assertThat(closed.allows(0.999) || closed.allows(3.001)).isFalse();
    assertThat(NumberRule.PART.allows(0) || NumberRule.PART.allows(1)).isFalse();
    assertThat(NumberRule.PART.allows(Double.MIN_VALUE)).isTrue();
    assertThat(NumberRule.PART.allows(Double.NaN)).isFalse();
  }

  @Test
  void saysTheValueAndTheRule() {
    assertThat(NumberRule.between(1, 3).broken(0)).isEqualTo("0 must be at least 1 and at most 3");
    assertThat(NumberRule.PART.broken(1.0)).isEqualTo("1 must be above 0 and below 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NumberRule.atLeast(1).require("top", 0))
        .withMessage("top 0 must be at least 1");
    assertThat(NumberRule.atLeast(1).require("top", 1)).isEqualTo(1);
  }
}
