package dev.mlit.train.step;

import dev.mlit.weights.Variable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Learning rates that fall from layer to layer, from the head down to the embeddings, for
 * fine-tuning: what is near the images is good already (Clark et al. 2020; Bao et al. 2022, whose
 * count this is).
 */
final class LayerDecay {
  private static final Pattern BLOCK = Pattern.compile("encoder/block_(\\d+)/.*");
  private static final Pattern TOP = Pattern.compile("(encoder/norm|head)/.*");

  private LayerDecay() {}

  /**
   * What the learning rate of a variable is multiplied with: 1 for the head and the final norm,
   * decay for the last of L blocks, decay^L for the first one, decay^(L+1) for patch and position
   * embeddings and the class token.
   *
   * @param blocks L
   */
  static double factor(Variable variable, int blocks, double decay) {
    return factor(variable.name(), blocks, decay);
  }

  static double factor(String variable, int blocks, double decay) {
    if (TOP.matcher(variable).matches()) {
      return 1;
    }
    Matcher block = BLOCK.matcher(variable);
    int below = block.matches() ? blocks - Integer.parseInt(block.group(1)) : blocks + 1;
    return Math.pow(decay, below);
  }
}
