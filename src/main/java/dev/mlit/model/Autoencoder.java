package dev.mlit.model;

import dev.mlit.cluster.AllReduce;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Layer;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * The masked autoencoder (He et al. 2022) of a {@link ModelSpec} in a TensorFlow graph: the encoder
 * sees a part of the patches of an image, the decoder paints all.
 *
 * <p>Its variables are made once; its methods may then be called in any order, each adding a
 * forward pass over the same variables.
 *
 * @since 0.1.0
 */
public final class Autoencoder {
  /** The weight of the error at visible patches in the loss. */
  private static final double VISIBLE_WEIGHT = 0.1;

  private final ModelSpec spec;
  private final Layer layer;
  private final FloatOps calc;
  private final Encoder encoder;
  private final Decoder decoder;

  /**
   * Makes the model's variables in the graph; {@link CompileOptions#ofMachine()} decide by which
   * operations it is computed.
   *
   * @throws IllegalArgumentException if the spec has no decoder
   */
  public Autoencoder(Graph graph, ModelSpec spec, Variables variables) {
    this(Layer.root(graph, variables, CompileOptions.ofMachine()), spec);
  }

  private Autoencoder(Layer layer, ModelSpec spec) {
    ModelSpec.Decoder decoderSpec = spec.decoder();
    if (decoderSpec == null) {
      throw new IllegalArgumentException(spec.name() + " has no decoder");
    }
    this.spec = spec;
    this.layer = layer;
    this.encoder = new Encoder(layer, spec);
    this.decoder = new Decoder(layer, spec, decoderSpec);
    this.calc = layer.child("reconstruction").calc();
  }

  /** The model's description. */
  public ModelSpec spec() {
    return spec;
  }

  /** The model's variables and those that were added to them. */
  public Variables variables() {
    return layer.variables();
  }

  /** The same model with the same variables, its operations chosen by other options. */
  public Autoencoder with(CompileOptions options) {
    return new Autoencoder(layer.with(options), spec);
  }

  /**
   * The encoder's outputs for images whose patches are all visible.
   *
   * @param features [batch, embedding]
   * @param tokens [batch, tokens, embedding] after the final norm, the class token first
   * @param routing what the encoder's gates did; see {@link RouterLoad#parse}
   */
  public record Features(
      Operand<TFloat32> features, Operand<TFloat32> tokens, Operand<TFloat32> routing) {}

  /**
   * Adds a forward pass of the encoder only, all patches visible, without gate noise.
   *
   * @param images [batch, height, width, channels] in [0, 1]
   */
  public Features features(Operand<TFloat32> images) {
    Encoder.Inferred encoded = encoder.infer(images);
    return new Features(
        encoded.features(), encoded.tokens(), RouterLoad.measure(calc, encoded.gates()));
  }

  /**
   * Images as the model completes them.
   *
   * @param patches [batch, N, values of a patch], the normalised pixels of all patches as painted;
   *     with {@code norm-pixels} every patch by its mean and variance too
   * @param pixels the same as normalised pixels in any case: with {@code norm-pixels}, every patch
   *     gets its mean and variance back, which are known only from the whole image
   * @param mask [batch, N], 1 for hidden patches, 0 for visible ones
   * @param error [batch], the mean squared error of {@code patches} where they are hidden
   * @param visibleError [batch], the same where they are visible
   * @param routing what the encoder's gates did; see {@link RouterLoad#parse}
   */
  public record Reconstruction(
      Operand<TFloat32> patches,
      Operand<TFloat32> pixels,
      Operand<TFloat32> mask,
      Operand<TFloat32> error,
      Operand<TFloat32> visibleError,
      Operand<TFloat32> routing) {}

  /**
   * Adds a forward pass without gate noise.
   *
   * @param images [batch, height, width, channels] in [0, 1]
   * @param noise [batch, N]; the patches with the smallest stay visible
   */
  public Reconstruction reconstruct(Operand<TFloat32> images, Operand<TFloat32> noise) {
    Operand<TFloat32> patches = encoder.embedding().patches(images);
    PatchTarget target = PatchTarget.of(calc, spec, patches);
    Masking masking = new Masking(calc, spec, noise);
    Blocks.Inferred encoded = encoder.inferVisible(patches, masking);
    Operand<TFloat32> painted = decoder.infer(encoded.value(), masking);
    Operand<TFloat32> mask = masking.hidden();
    Operand<TFloat32> squares = calc.tf().math.square(calc.sub(painted, target.values()));
    Operand<TFloat32> errors = calc.reshape(calc.sum(squares, 1), -1, spec.patches());
    Operand<TFloat32> ofHidden = calc.mul(errors, mask);
    Operand<TFloat32> ofVisible = calc.mul(errors, calc.sub(calc.constant(1), mask));
    return new Reconstruction(
        calc.reshape(painted, -1, spec.patches(), spec.patchValues()),
        calc.reshape(target.pixels(painted), -1, spec.patches(), spec.patchValues()),
        mask,
        calc.mul(calc.sum(ofHidden, 1), 1.0 / hiddenValues()),
        calc.mul(calc.sum(ofVisible, 1), 1.0 / visibleValues()),
        RouterLoad.measure(calc, encoded.gates()));
  }

  /** Hidden values of an image. */
  private double hiddenValues() {
    return (double) (spec.patches() - spec.visiblePatches()) * spec.patchValues();
  }

  private double visibleValues() {
    return (double) spec.visiblePatches() * spec.patchValues();
  }

  /**
   * The loss of a batch, its parts, and its gradients.
   *
   * @param error mean squared error of the hidden patches, a scalar
   * @param taskLoss that, and a tenth of the same of the visible patches, a scalar
   * @param balanceLoss the balance losses of all blocks of encoder and decoder, a scalar
   * @param loss the sum of {@code taskLoss} and {@code balanceLoss}
   * @param routing what the encoder's gates did; see {@link RouterLoad#parse}
   * @param gradients the gradient of the loss at every variable; where several workers share the
   *     batch, what this one's images add to it, while all else is of the whole batch
   */
  public record Training(
      Operand<TFloat32> error,
      Operand<TFloat32> taskLoss,
      Operand<TFloat32> balanceLoss,
      Operand<TFloat32> loss,
      Operand<TFloat32> routing,
      Map<Variable, Operand<TFloat32>> gradients) {}

  /** As below, for a single worker. */
  public Training train(
      Operand<TFloat32> images,
      Operand<TFloat32> noise,
      GateNoise gateNoise,
      Drops drops,
      int count) {
    return train(images, noise, gateNoise, drops, count, AllReduce.ALONE);
  }

  /**
   * Adds a forward pass with gate noise, the loss, and the backward pass.
   *
   * @param images [batch, height, width, channels] in [0, 1]
   * @param noise [batch, N]; the patches with the smallest stay visible
   * @param gateNoise of the gates of encoder and decoder
   * @param drops what is dropped in the encoder's blocks
   * @param count parts of the batch to compute side by side; any number gives the same, but for
   *     rounding
   * @param workers those that share the batch, each with other images of it
   */
  public Training train(
      Operand<TFloat32> images,
      Operand<TFloat32> noise,
      GateNoise gateNoise,
      Drops drops,
      int count,
      AllReduce workers) {
    Lanes lanes = new Lanes(calc, calc.rows(noise), count);
    List<BalanceLosses> ofEncoder = encoder.balances();
    List<BalanceLosses> ofDecoder = decoder.balances();
    List<Operand<TFloat32>> parts = lanes.split(images, 1);
    List<Operand<TFloat32>> masks = lanes.split(noise, 1);
    List<GateNoise> encoderNoise = lanes.split(gateNoise, spec.visiblePatches() + 1);
    List<GateNoise> decoderNoise = lanes.split(gateNoise, spec.tokens());
    List<List<Drops.OfBlock>> dropped = encoder.dropsOfVisible(drops, lanes);
    List<Forward> passes = new ArrayList<>();
    for (int lane = 0; lane < count; lane++) {
      Operand<TFloat32> patches = encoder.embedding().patches(parts.get(lane));
      PatchTarget target = PatchTarget.of(calc, spec, patches);
      Masking masking = new Masking(calc, spec, masks.get(lane));
      Blocks.Trained encoded =
          encoder.trainVisible(
              patches, masking, encoderNoise.get(lane), dropped.get(lane), ofEncoder);
      Activation painted =
          decoder.train(encoded.activation().value(), masking, decoderNoise.get(lane), ofDecoder);
      passes.add(
          new Forward(
              Activation.chain(List.of(encoded.activation(), painted)),
              calc.sub(painted.value(), target.values()),
              calc.reshape(masking.hidden(), -1, 1),
              encoded.gates()));
    }

    List<BalanceLosses> balances = Stream.concat(ofEncoder.stream(), ofDecoder.stream()).toList();
    BatchTotals totals =
        new BatchTotals(
            calc, lanes, workers, balances, passes.stream().map(Forward::gates).toList());
    Supplier<Operand<TFloat32>> ofHidden =
        totals.add(errors(passes, Forward::hidden, hiddenValues()));
    Supplier<Operand<TFloat32>> ofVisible =
        totals.add(errors(passes, this::visible, visibleValues()));
    Supplier<Operand<TFloat32>> routing =
        totals.addRouting(spec.experts(), spec.visiblePatches() + 1);

    Operand<TFloat32> batch = totals.images();
    Operand<TFloat32> hidden = calc.div(ofHidden.get(), batch);
    Operand<TFloat32> visible = calc.div(ofVisible.get(), batch);
    Operand<TFloat32> taskLoss = calc.add(hidden, calc.mul(visible, VISIBLE_WEIGHT));
    Operand<TFloat32> balanceLoss = totals.balanceLoss();
    Map<Variable, Operand<TFloat32>> gradients =
        VariableGradients.sum(
                calc,
                passes.stream().map(Forward::painted).toList(),
                passes.stream().map(pass -> upstream(pass, batch)).toList())
            .all();
    return new Training(
        hidden, taskLoss, balanceLoss, calc.add(taskLoss, balanceLoss), routing.get(), gradients);
  }

  /**
   * What one lane computed.
   *
   * @param painted from images to the pixels of all patches, [batch * N, values]
   * @param difference what is painted less what should be, [batch * N, values]
   * @param hidden 1 for hidden patches, 0 for visible ones, [batch * N, 1]
   * @param gates of the encoder's blocks
   */
  private record Forward(
      Activation painted,
      Operand<TFloat32> difference,
      Operand<TFloat32> hidden,
      List<Operand<TFloat32>> gates) {}

  private Operand<TFloat32> visible(Forward pass) {
    return calc.sub(calc.constant(1), pass.hidden);
  }

  /** The sum over the images of the mean squared error at the patches that are marked. */
  private Operand<TFloat32> errors(
      List<Forward> passes, Function<Forward, Operand<TFloat32>> marks, double valuesOfImage) {
    List<Operand<TFloat32>> sums = new ArrayList<>();
    for (Forward pass : passes) {
      Operand<TFloat32> squares = calc.tf().math.square(pass.difference);
      Operand<TFloat32> ofPatches = calc.mul(calc.sumLast(squares), marks.apply(pass));
      sums.add(calc.tf().sum(ofPatches, calc.tf().constant(new int[] {0, 1})));
    }
    return calc.mul(calc.addAll(sums), 1 / valuesOfImage);
  }

  /** The gradient of the task loss at what is painted. */
  private Operand<TFloat32> upstream(Forward pass, Operand<TFloat32> batch) {
    double atHidden = 2 / hiddenValues();
    double atVisible = 2 * VISIBLE_WEIGHT / visibleValues();
    Operand<TFloat32> weights =
        calc.add(calc.mul(pass.hidden, atHidden - atVisible), calc.constant(atVisible));
    return calc.mul(pass.difference, calc.div(weights, batch));
  }
}
