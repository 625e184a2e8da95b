package dev.mlit.spec;

import static dev.mlit.spec.SpecAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlit.spec.ModelSpec.Attention;
import dev.mlit.spec.ModelSpec.Hidden;
import dev.mlit.spec.ModelSpec.Normalization;
import dev.mlit.spec.ModelSpec.Pooling;
import dev.mlit.spec.ModelSpec.Routing;
import dev.mlit.spec.ModelSpec.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, a user gets a model that cannot be computed, and learns it from TensorFlow in the
 * middle of a run instead of from one line that names the field, the value and the rule; or a model
 * that is fine is refused.
 */
class ModelSpecTest {
  private static final String TOO_MANY = "a tensor must have fewer than 2^31 elements";

  /** A model of 5 tokens, all of it valid but for the stages, of which it has none. */
  private static ModelSpecBuilder noStages() {
    return ModelSpec.builder("tiny")
        .image(4, 4, 1)
        .patch(2)
        .embedding(4)
        .attention(2, 1)
        .hidden(3, 3)
        .classes(2);
  }

  private static ModelSpecBuilder tiny() {
    return noStages().stage(1, 2).build().toBuilder();
  }

  private static ModelSpecBuilder ofOneStage(int layers, int experts) {
    return tiny().stages(List.of(new Stage(layers, experts)));
  }

  private static int within(int value, int lowest, int highest) {
    return Math.max(lowest, Math.min(value, highest));
  }

  // ---- Ranges of single numbers ----

  /** Every number of a model with its range, in models that are valid but for this number. */
  static Stream<NumberRange> ranges() {
    return Stream.of(
        NumberRange.whole("image.height", 1, 4096, n -> tiny().patch(1).image(n, 1, 1)::build),
        NumberRange.whole("image.width", 1, 4096, n -> tiny().patch(1).image(1, n, 1)::build),
        NumberRange.whole("patch", 1, 4096, n -> square(within(n, 1, 4096)).patch(n)::build),
        NumberRange.whole("embedding", 1, 16384, n -> tiny().attention(1, 1).embedding(n)::build),
        NumberRange.whole(
            "attention.heads", 1, 1024, n -> tiny().embedding(1024).attention(n, 1)::build),
        NumberRange.whole(
            "attention.groups", 1, 1024, n -> tiny().embedding(1024).attention(1024, n)::build),
        NumberRange.whole("stages[0].layers", 1, 1000, n -> noStages().stage(n, 2)::build),
        NumberRange.whole(
            "stages[0].experts", 1, 1024, n -> noStages().routing(1).stage(1, n)::build),
        NumberRange.whole("hidden.first", 1, 65536, n -> tiny().hidden(n, 3)::build),
        NumberRange.whole("hidden.last", 1, 65536, n -> tiny().hidden(3, n)::build),
        NumberRange.whole("routing.top", 1, 1024, n -> noStages().stage(1, 1024).routing(n)::build),
        NumberRange.real(
            "routing.importance-weight", 0, 1000, x -> tiny().routing(2, x, 0.01)::build),
        NumberRange.real("routing.load-weight", 0, 1000, x -> tiny().routing(2, 0.01, x)::build),
        NumberRange.real(
            "normalization.mean[0]", -1000, 1000, x -> tiny().normalization(x, 0.5)::build),
        NumberRange.real("normalization.std[0]", 0, 1000, x -> tiny().normalization(0.5, x)::build)
            .withoutLowest(),
        NumberRange.whole("classes", 1, 1_000_000, n -> tiny().classes(n)::build).belowFrom(-1),
        // What of the range can be accepted hangs on the number of patches, here 4.
        new NumberRange(
            "mask",
            0.01,
            0.75,
            0.0,
            1.0,
            "above 0 and below 1",
            x -> autoencoder().mask(x.doubleValue()).build()),
        NumberRange.whole(
            "decoder.layers", 1, 1000, n -> autoencoder().decoder(n, 2, 1, 2, 1, 1)::build),
        NumberRange.whole(
            "decoder.embedding", 1, 16384, n -> autoencoder().decoder(1, n, 1, 2, 1, 1)::build),
        NumberRange.whole(
            "decoder.hidden", 1, 65536, n -> autoencoder().decoder(1, 2, n, 2, 1, 1)::build),
        NumberRange.whole(
            "decoder.experts",
            1,
            1024,
            n ->
                autoencoder().stages(List.of(new Stage(1, 1))).routing(1).decoder(1, 2, 1, n, 1, 1)
                    ::build),
        NumberRange.whole(
            "decoder.heads", 1, 1024, n -> autoencoder().decoder(1, 1024, 1, 2, n, 1)::build),
        NumberRange.whole(
            "decoder.groups", 1, 1024, n -> autoencoder().decoder(1, 1024, 1, 2, 1024, n)::build));
  }

  /** An autoencoder of 4 patches, of which 2 are hidden. */
  private static ModelSpecBuilder autoencoder() {
    return tiny().classes(0).mask(0.5).decoder(1, 4, 3, 2, 2, 1).build().toBuilder();
  }

  private static ModelSpecBuilder square(int side) {
    return tiny().image(side, side, 1);
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void acceptsTheLowestNumberOfARange(NumberRange range) {
    assertThatCode(range::lowest).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void acceptsTheHighestNumberOfARange(NumberRange range) {
    assertThatCode(range::highest).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void refusesTheNumberBelowARange(NumberRange range) {
    assertRefused(range::below, range.messageBelow());
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void refusesTheNumberAboveARange(NumberRange range) {
    assertRefused(range::above, range.messageAbove());
  }

  @Test
  void everyNumberHasItsRangeInThisTest() {
    assertThat(ranges().map(NumberRange::field))
        .containsExactlyInAnyOrderElementsOf(NumberRange.fieldsWithRange(ModelSpec.class));
  }

  @Test
  void refusesWhatIsNoNumber() {
    assertRefused(
        tiny().routing(2, Double.NaN, Double.POSITIVE_INFINITY)::build,
        "routing.importance-weight: NaN must be at least 0 and at most 1000",
        "routing.load-weight: Infinity must be at least 0 and at most 1000");
  }

  @Test
  void checksEveryNumberOfAList() {
    assertRefused(
        tiny().image(4, 4, 3).normalization(List.of(0.5, 0.5, 1001.0), List.of(0.5, 0.0, 1.0))
            ::build,
        "normalization.mean[2]: 1001 must be at least -1000 and at most 1000",
        "normalization.std[1]: 0 must be above 0 and at most 1000");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void acceptsGrayAndRgb(int channels) {
    assertThat(tiny().image(4, 4, channels).build().image().channels()).isEqualTo(channels);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4})
  void refusesOtherNumbersOfChannels(int channels) {
    assertRefused(
        tiny().image(4, 4, channels)::build, "image.channels: " + channels + " must be 1 or 3");
  }

  // ---- Names ----

  @ParameterizedTest
  @ValueSource(strings = {"a", "7", "mlit-xxs", "A.b_c-9", "a..b", "a-"})
  void acceptsANameThatIsAFileNameEverywhere(String name) {
    assertThat(tiny().name(name).build().name()).isEqualTo(name);
  }

  @Test
  void acceptsANameOf100Characters() {
    assertThat(tiny().name("n".repeat(100)).build().name()).hasSize(100);
  }

  @Test
  void refusesANameOf101Characters() {
    refusedName("n".repeat(101));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "a b", "a/b", "a\\b", "a\n", "..", ".hidden", "-a", "_a", "\u00e9", "a:b"
      })
  void refusesANameThatIsNoFileName(String name) {
    refusedName(name);
  }

  private static void refusedName(String name) {
    assertRefused(
        tiny().name(name)::build,
        "name: \""
            + name.replace('\n', '?')
            + "\" must be 1 to 100 letters, digits, '.', '_' or '-', the first a letter or a"
            + " digit");
  }

  // ---- Rules between fields ----

  @Test
  void refusesAHeightThatPatchDoesNotDivide() {
    assertRefused(tiny().image(5, 4, 1)::build, "image.height: 5 must be divisible by patch 2");
  }

  @Test
  void refusesAWidthThatPatchDoesNotDivide() {
    assertRefused(tiny().image(4, 7, 1)::build, "image.width: 7 must be divisible by patch 2");
  }

  @Test
  void refusesAPatchLargerThanTheImage() {
    assertRefused(
        tiny().patch(8)::build,
        "image.height: 4 must be divisible by patch 8",
        "image.width: 4 must be divisible by patch 8");
  }

  @Test
  void acceptsAPatchAsLargeAsTheImage() {
    assertThat(tiny().patch(4).build().tokens()).isEqualTo(2);
  }

  @Test
  void refusesAnEmbeddingThatHeadsDoNotDivide() {
    assertRefused(
        tiny().embedding(5)::build, "embedding: 5 must be divisible by attention.heads 2");
  }

  @Test
  void refusesHeadsThatGroupsDoNotDivide() {
    assertRefused(
        tiny().embedding(8).attention(8, 3)::build,
        "attention.heads: 8 must be divisible by attention.groups 3");
  }

  @Test
  void refusesMoreGroupsThanHeads() {
    assertRefused(
        tiny().attention(2, 4)::build,
        "attention.heads: 2 must be divisible by attention.groups 4");
  }

  @Test
  void refusesFewerExpertsThanATokenUses() {
    assertRefused(
        noStages().stage(1, 3).stage(1, 2).stage(1, 1).routing(3)::build,
        "stages[1].experts: 2 must be at least routing.top 3",
        "stages[2].experts: 1 must be at least routing.top 3");
  }

  @Test
  void acceptsAsManyExpertsAsATokenUses() {
    assertThat(noStages().stage(1, 3).routing(3).build().routing().top()).isEqualTo(3);
  }

  @Test
  void refusesABuilderWithoutStages() {
    assertRefused(
        noStages()::build, "stages: is required (the blocks, in stages that grow in experts)");
  }

  @Test
  void refusesAnEmptyListOfStages() {
    assertRefused(() -> withStages(List.of()), "stages: at least one stage is required");
  }

  @Test
  void accepts1000LayersInAll() {
    assertThat(noStages().stage(999, 2).stage(1, 2).build().layers()).isEqualTo(1000);
  }

  @Test
  void refuses1001LayersInAll() {
    assertRefused(
        noStages().stage(1000, 2).stage(1, 2)::build,
        "stages: 1001 layers in all, must be at most 1000");
  }

  @Test
  void refusesTwoMeansForOneChannel() {
    assertRefused(
        tiny().normalization(List.of(0.1, 0.2), List.of(0.5))::build,
        "normalization.mean: [0.1, 0.2] must have one value, or one per channel"
            + " (image.channels 1)");
  }

  @Test
  void refusesTwoDeviationsForThreeChannels() {
    assertRefused(
        tiny().image(4, 4, 3).normalization(List.of(0.5), List.of(0.1, 0.2))::build,
        "normalization.std: [0.1, 0.2] must have one value, or one per channel"
            + " (image.channels 3)");
  }

  @Test
  void refusesEmptyNormalization() {
    assertRefused(
        tiny().normalization(List.of(), List.of())::build,
        "normalization.mean: [] must have one value, or one per channel (image.channels 1)",
        "normalization.std: [] must have one value, or one per channel (image.channels 1)");
  }

  @Test
  void acceptsOneValueForThreeChannels() {
    ModelSpec model = tiny().image(4, 4, 3).normalization(0.4, 0.3).build();
    assertThat(model.normalization()).isEqualTo(new Normalization(List.of(0.4), List.of(0.3)));
  }

  @Test
  void acceptsOneValuePerChannel() {
    List<Double> mean = List.of(0.485, 0.456, 0.406);
    List<Double> std = List.of(0.229, 0.224, 0.225);
    ModelSpec model = tiny().image(4, 4, 3).normalization(mean, std).build();
    assertThat(model.normalization()).isEqualTo(new Normalization(mean, std));
  }

  // ---- Sizes: the largest that fits in 2^31 - 1 elements, and the next one ----

  @Test
  void acceptsTheMostPatchesThatAttentionHolds() {
    // 2 heads * 32767^2 tokens = 2^31 - 131070.
    assertThat(tiny().patch(1).image(86, 381, 1).build().tokens()).isEqualTo(32767);
  }

  @Test
  void refusesMorePatchesThanAttentionHolds() {
    // 2 heads * 32768^2 tokens = 2^31.
    assertRefused(
        tiny().patch(1).image(217, 151, 1)::build,
        "patch: 1 gives too many patches for attention: " + TOO_MANY);
  }

  @Test
  void refusesMoreTokensThanAnEmbeddingHolds() {
    // 131073 tokens * 16384: too many for attention as well.
    assertRefused(
        tiny().patch(1).image(512, 256, 1).embedding(16384)::build,
        "embedding: 16384 is too large for the number of patches: " + TOO_MANY,
        "patch: 1 gives too many patches for attention: " + TOO_MANY);
  }

  @Test
  void doesNotBlameTheEmbeddingForTheMostTokensThatItHolds() {
    // 131071 tokens * 16384 = 2^31 - 16384.
    assertRefused(
        tiny().patch(1).image(510, 257, 1).embedding(16384)::build,
        "patch: 1 gives too many patches for attention: " + TOO_MANY);
  }

  @Test
  void acceptsTheLargestKernelOfThePatches() {
    // 512 * 512 values * 8191.
    ModelSpec model = tiny().patch(512).image(512, 512, 1).embedding(8191).attention(1, 1).build();
    assertThat((long) model.patchValues() * model.embedding()).isEqualTo((1L << 31) - (1 << 18));
  }

  @Test
  void refusesAPatchWhoseKernelIsTooLarge() {
    // 512 * 512 values * 8192 = 2^31.
    assertRefused(
        tiny().patch(512).image(512, 512, 1).embedding(8192)::build,
        "patch: 512 is too large for the embedding: " + TOO_MANY);
  }

  @Test
  void acceptsTheLargestExperts() {
    // (1023 + 1) * 65535 * 32 = 2^31 - 32768.
    assertThat(ofOneStage(1, 1023).embedding(32).hidden(65535, 1).build().hidden().first())
        .isEqualTo(65535);
  }

  @Test
  void refusesExpertsTooLargeForTheEmbedding() {
    // (1023 + 1) * 65536 * 32 = 2^31.
    assertRefused(
        ofOneStage(1, 1023).embedding(32).hidden(1, 65536)::build,
        "hidden: the experts are too wide or too many: " + TOO_MANY);
  }

  @Test
  void refusesExpertsTooLargeForTheTokens() {
    // (1023 + 1) * 65536 * 32 tokens = 2^31.
    assertRefused(
        ofOneStage(1, 1023).patch(1).image(31, 1, 1).hidden(65536, 1)::build,
        "hidden: the experts are too wide or too many: " + TOO_MANY);
  }

  @Test
  void acceptsTheMostClassesThatAnEmbeddingHolds() {
    assertThat(tiny().embedding(16384).classes(131071).build().classes()).isEqualTo(131071);
  }

  @Test
  void refusesMoreClassesThanAnEmbeddingHolds() {
    assertRefused(
        tiny().embedding(16384).classes(131072)::build,
        "classes: 131072 is too large for the embedding: " + TOO_MANY);
  }

  @Test
  void refusesTheLargestOfEverythingWithoutOverflow() {
    assertRefused(
        ofOneStage(1000, 1024)
                .image(4096, 4096, 3)
                .patch(1)
                .embedding(16384)
                .attention(1024, 1024)
                .hidden(65536, 65536)
                .classes(1_000_000)
            ::build,
        "embedding: 16384 is too large for the number of patches: " + TOO_MANY,
        "patch: 1 gives too many patches for attention: " + TOO_MANY,
        "hidden: the experts are too wide or too many: " + TOO_MANY,
        "classes: 1000000 is too large for the embedding: " + TOO_MANY);
  }

  // ---- All at once ----

  @Test
  void namesEveryMissingFieldAtOnce() {
    assertRefused(
        ModelSpec.builder("empty")::build,
        "image: is required (the size of the images)",
        "patch: is required (side of a square patch in pixels; divides height and width)",
        "embedding: is required (width of a token; a multiple of attention.heads)",
        "attention: is required (grouped query attention)",
        "stages: is required (the blocks, in stages that grow in experts)",
        "hidden: is required (widths of the SwiGLU experts, linear from the first block to the"
            + " last)",
        "classes: is required (number of classes)");
  }

  @Test
  void checksTheRestWhenAFieldIsMissing() {
    assertRefused(
        ModelSpec.builder("no patch")
                .image(4, 4, 2)
                .embedding(9)
                .attention(2, 1)
                .stage(1, 1)
                .hidden(3, 3)
                .classes(0)
            ::build,
        "patch: is required (side of a square patch in pixels; divides height and width)",
        "name: \"no patch\" must be 1 to 100 letters, digits, '.', '_' or '-', the first a letter"
            + " or a digit",
        "image.channels: 2 must be 1 or 3",
        "classes: is required (number of classes)",
        "embedding: 9 must be divisible by attention.heads 2",
        "stages[0].experts: 1 must be at least routing.top 2");
  }

  @Test
  void passesOverRulesThatCannotBeComputed() {
    assertRefused(
        tiny().patch(0).attention(0, 0)::build,
        "patch: 0 must be at least 1 and at most 4096",
        "attention.heads: 0 must be at least 1 and at most 1024",
        "attention.groups: 0 must be at least 1 and at most 1024");
  }

  @Test
  void tellsAProgramWhatIsWrong() {
    InvalidSpecException refusal =
        catchThrowableOfType(
            InvalidSpecException.class, tiny().embedding(8).attention(8, 3)::build);
    assertThat(refusal.problems())
        .containsExactly(
            new Problem(
                Problem.Place.NONE,
                "attention.heads",
                "8 must be divisible by attention.groups 3",
                List.of("attention.heads", "attention.groups")));
  }

  @Test
  void refusalIsAnIllegalArgumentAndTheUsersFault() {
    assertThat(InvalidInputException.class).isAssignableFrom(InvalidSpecException.class);
    assertThat(IllegalArgumentException.class).isAssignableFrom(InvalidInputException.class);
  }

  // ---- The builder ----

  @Test
  void builderReadsAsInTheDesign() {
    ModelSpec xxs =
        ModelSpec.builder("mlit-xxs")
            .image(36, 36, 3)
            .patch(3)
            .embedding(108)
            .attention(6, 3)
            .stage(3, 3)
            .stage(3, 4)
            .stage(3, 5)
            .hidden(81, 27)
            .classes(100)
            .build();
    assertThat(xxs)
        .isEqualTo(
            new ModelSpec(
                "mlit-xxs",
                new ImageShape(36, 36, 3),
                3,
                108,
                new Attention(6, 3),
                List.of(new Stage(3, 3), new Stage(3, 4), new Stage(3, 5)),
                new Hidden(81, 27),
                new Routing(2, 0.01, 0.01),
                new Normalization(List.of(0.5), List.of(0.5)),
                Pooling.CLASS_TOKEN,
                100,
                null,
                null,
                false));
  }

  @Test
  void settingTheTopKeepsTheWeightsOfTheLosses() {
    ModelSpec model = tiny().routing(2, 0.3, 0.4).build();
    assertThat(model.toBuilder().routing(1).build().routing()).isEqualTo(new Routing(1, 0.3, 0.4));
  }

  @Test
  void toBuilderKeepsEveryField() {
    ModelSpec model =
        ModelSpec.builder("other")
            .image(8, 12, 3)
            .patch(4)
            .embedding(12)
            .attention(6, 2)
            .stage(1, 3)
            .stage(2, 5)
            .hidden(7, 2)
            .routing(3, 0.1, 0.2)
            .normalization(List.of(0.1, 0.2, 0.3), List.of(1.0))
            .pooling(Pooling.MEAN)
            .classes(7)
            .build();
    assertThat(model.toBuilder().build()).isEqualTo(model);
  }

  @Test
  void toBuilderAdaptsAPresetToOtherImages() {
    ModelSpec gray = Presets.mlitXxs().toBuilder().image(28, 28, 1).patch(4).classes(10).build();
    assertThat(gray)
        .isEqualTo(
            ModelSpec.builder("mlit-xxs")
                .image(28, 28, 1)
                .patch(4)
                .embedding(108)
                .attention(6, 3)
                .stage(3, 3)
                .stage(3, 4)
                .stage(3, 5)
                .hidden(81, 27)
                .classes(10)
                .build());
  }

  @Test
  void aSpecStaysAsItIsWhenItsBuilderGoesOn() {
    ModelSpecBuilder builder = tiny();
    ModelSpec first = builder.build();
    ModelSpec second = builder.stage(1, 4).classes(3).build();
    assertThat(first).isEqualTo(tiny().build());
    assertThat(second.stages()).containsExactly(new Stage(1, 2), new Stage(1, 4));
    assertThat(second.classes()).isEqualTo(3);
    assertThat(second.toBuilder().stages(first.stages()).classes(2).build()).isEqualTo(first);
  }

  @Test
  void aSpecStaysAsItIsWhenTheListsItWasMadeOfChange() {
    List<Stage> stages = new ArrayList<>(List.of(new Stage(1, 2)));
    List<Double> mean = new ArrayList<>(List.of(0.5));
    List<Double> std = new ArrayList<>(List.of(0.5));
    ModelSpec model = withStages(stages);
    Normalization normalization = new Normalization(mean, std);
    stages.add(new Stage(1, 4));
    mean.add(0.1);
    std.add(0.1);
    assertThat(model.stages()).containsExactly(new Stage(1, 2));
    assertThat(normalization.mean()).containsExactly(0.5);
    assertThat(normalization.std()).containsExactly(0.5);
  }

  @Test
  void listsOfASpecCannotBeChanged() {
    ModelSpec model = tiny().build();
    assertUnmodifiable(model.stages(), new Stage(1, 2));
    assertUnmodifiable(model.experts(), 1);
    assertUnmodifiable(model.hiddenWidths(), 1);
    assertUnmodifiable(model.normalization().mean(), 0.5);
    assertUnmodifiable(model.normalization().std(), 0.5);
  }

  private static <T> void assertUnmodifiable(List<T> list, T item) {
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> list.add(item));
  }

  private static ModelSpec withStages(List<Stage> stages) {
    ModelSpec model = tiny().build();
    return new ModelSpec(
        model.name(),
        model.image(),
        model.patch(),
        model.embedding(),
        model.attention(),
        stages,
        model.hidden(),
        model.routing(),
        model.normalization(),
        model.pooling(),
        model.classes(),
        null,
        null,
        false);
  }

  // ---- Autoencoders ----

  private static final String MASK_MISSING =
      "mask: is required (masked autoencoder: share of the patches that are hidden from the"
          + " encoder) where there is a decoder";

  private static final String DECODER_MISSING =
      "decoder: is required (masked autoencoder: what paints the hidden patches, in place of a"
          + " head) where there is a mask";

  @Test
  void anAutoencoderHasNoClasses() {
    assertThat(autoencoder().build().isAutoencoder()).isTrue();
    assertThat(tiny().build().isAutoencoder()).isFalse();
    assertRefused(
        autoencoder().classes(2)::build, "classes: 2 must be left out where there is a decoder");
  }

  @Test
  void maskAndDecoderComeTogether() {
    assertRefused(tiny().mask(0.5)::build, DECODER_MISSING);
    assertRefused(tiny().classes(0).decoder(1, 4, 3, 2, 2, 1)::build, MASK_MISSING);
  }

  @Test
  void theHeadsOfADecoderShareItsEmbeddingAndItsGroups() {
    assertRefused(
        autoencoder().decoder(1, 5, 3, 2, 2, 1)::build,
        "decoder.embedding: 5 must be divisible by decoder.heads 2");
    assertRefused(
        autoencoder().decoder(1, 6, 3, 2, 3, 2)::build,
        "decoder.heads: 3 must be divisible by decoder.groups 2");
  }

  @Test
  void everyTokenOfADecoderFindsItsExperts() {
    assertRefused(
        autoencoder().decoder(1, 4, 3, 1, 2, 1)::build,
        "decoder.experts: 1 must be at least routing.top 2");
  }

  /** Of 4 patches, a mask of 0.75 leaves one; of 0.751 none. */
  @Test
  void leavesAtLeastOnePatchVisible() {
    assertThat(autoencoder().mask(0.75).build().visiblePatches()).isEqualTo(1);
    assertRefused(
        autoencoder().mask(0.751)::build, "mask: 0.751 leaves none of the patches visible");
  }

  /** 1 - 1e-17 is 1. */
  @Test
  void hidesAtLeastOnePatch() {
    assertThat(autoencoder().mask(1e-15).build().visiblePatches()).isEqualTo(3);
    assertRefused(autoencoder().mask(1e-17)::build, "mask: 1.0E-17 hides none of the patches");
  }

  @Test
  void everyPatchOfAClassifierIsVisible() {
    assertThat(tiny().build().visiblePatches()).isEqualTo(4);
  }

  @Test
  void theClassifierOfAnAutoencoderHasItsEncoder() {
    assertThat(autoencoder().build().classifier(2)).isEqualTo(tiny().build());
    assertThat(autoencoder().normPixels(true).build().classifier(2)).isEqualTo(tiny().build());
  }

  @Test
  void patchesAreNormalisedEachByItselfWhereTheyArePainted() {
    ModelSpec model = autoencoder().normPixels(true).build();
    assertThat(model.normPixels()).isTrue();
    assertThat(model.toBuilder().build()).isEqualTo(model);
    assertThat(Specs.modelOf(Specs.yaml(model), "model")).isEqualTo(model);
    assertThat(Specs.yaml(model)).endsWith("norm-pixels: true\n");
    assertThat(autoencoder().build().normPixels()).isFalse();
    assertRefused(
        tiny().normPixels(true)::build,
        "norm-pixels: true must be left out where there is no decoder, which paints patches");
  }

  /** The unbiased variance of a single value is none. */
  @Test
  void aPatchOfOneValueHasNoVariance() {
    assertThat(autoencoder().patch(1).image(2, 2, 3).normPixels(true).build().patchValues())
        .isEqualTo(3);
    assertRefused(
        autoencoder().patch(1).normPixels(true)::build,
        "norm-pixels: true must be left out where a patch is one value (patch 1, image.channels 1),"
            + " which has no variance");
  }

  @Test
  void refusesADecoderThatNoMachineCouldHold() {
    assertRefused(
        autoencoder()
                .image(2048, 2048, 1)
                .patch(1)
                .embedding(2)
                .attention(1, 1)
                .decoder(1, 512, 1, 2, 1, 1)
            ::build,
        "decoder.embedding: 512 is too large for the number of patches: " + TOO_MANY,
        "decoder.heads: 1 is too large for the number of patches: " + TOO_MANY,
        "patch: 1 gives too many patches for attention: " + TOO_MANY);
    assertRefused(
        autoencoder().decoder(1, 16384, 65536, 2, 1, 1)::build,
        "decoder.hidden: the experts are too wide or too many: " + TOO_MANY);
  }

  // ---- What follows from the fields ----

  @Test
  void countsPatchesAndTokens() {
    ModelSpec model = tiny().image(8, 12, 3).patch(4).build();
    assertThat(model.patches()).isEqualTo(6);
    assertThat(model.tokens()).isEqualTo(7);
    assertThat(model.patchValues()).isEqualTo(48);
    assertThat(model.image().values()).isEqualTo(288);
    assertThat(model.image()).hasToString("8x12x3");
  }

  @Test
  void countsLayersAndTheirExperts() {
    ModelSpec model = noStages().stage(2, 3).stage(1, 5).build();
    assertThat(model.layers()).isEqualTo(3);
    assertThat(model.experts()).containsExactly(3, 3, 5);
  }

  @Test
  void aHeadHasItsPartOfTheEmbedding() {
    assertThat(tiny().embedding(12).attention(3, 1).build().headWidth()).isEqualTo(4);
  }
}
