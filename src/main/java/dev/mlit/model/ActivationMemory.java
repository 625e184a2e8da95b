package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import java.util.Collections;
import java.util.List;
import org.apiguardian.api.API;

/**
 * How much memory the tensors of a forward pass take that its backward pass may read or compute
 * again: of every block the outputs of query, key and value, the attention weights, the sum in the
 * middle, and the products of the experts.
 */
@API(status = API.Status.INTERNAL)
public final class ActivationMemory {
  private ActivationMemory() {}

  /**
   * The bytes of all blocks.
   *
   * @param patchDropout the share of an image's patches that is left out
   * @param images that pass through them together
   */
  public static long bytes(ModelSpec spec, double patchDropout, int images) {
    ModelSpec.Decoder decoder = spec.decoder();
    long values =
        values(
            PatchDropout.kept(spec.visiblePatches(), patchDropout) + 1,
            spec.embedding(),
            spec.attention(),
            spec.experts(),
            spec.hiddenWidths());
    if (decoder != null) {
      List<Integer> experts = Collections.nCopies(decoder.layers(), decoder.experts());
      List<Integer> hidden = Collections.nCopies(decoder.layers(), decoder.hidden());
      values += values(spec.tokens(), decoder.embedding(), decoder.attention(), experts, hidden);
    }
    return values * images * Float.BYTES;
  }

  /** The values of one image in all blocks. */
  private static long values(
      int tokens,
      int width,
      ModelSpec.Attention attention,
      List<Integer> experts,
      List<Integer> hidden) {
    long ofToken = 0;
    int groupsWidth = width / attention.heads() * attention.groups();
    for (int block = 0; block < experts.size(); block++) {
      ofToken += 2L * width + 2L * groupsWidth;
      ofToken += (long) attention.heads() * tokens;
      ofToken += (experts.get(block) + 1L) * hidden.get(block);
    }
    return ofToken * tokens;
  }
}
