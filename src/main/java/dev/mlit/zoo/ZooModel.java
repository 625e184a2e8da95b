package dev.mlit.zoo;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * A trained model that has a name.
 *
 * @param name what it is called wherever a model is asked for
 * @param about what it tells apart, or has learned
 * @param accuracy share of the test images that it has right, in [0, 1]; null for an encoder, which
 *     has no classes
 * @param measured the images that {@code accuracy} is of
 * @param trained what it was trained on, and for how long
 * @param terms the licence or terms of those images
 * @since 0.1.0
 */
@API(status = Status.STABLE)
public record ZooModel(
    @JsonProperty(required = true) String name,
    @JsonProperty(required = true) String about,
    @Nullable Double accuracy,
    @Nullable String measured,
    @JsonProperty(required = true) String trained,
    @JsonProperty(required = true) String terms) {}
