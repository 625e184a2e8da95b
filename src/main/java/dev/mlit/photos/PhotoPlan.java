package dev.mlit.photos;

import dev.mlit.data.Dataset;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.TrainingListener;

/**
 * A run that is decided.
 *
 * @param run all of it, its length included: trained again, it gives the same model
 * @param data its images, some of which may be decoded
 * @param deadline ends the run where the machine has become so slow that it would last far longer
 *     than planned
 * @since 0.1.0
 */
public record PhotoPlan(RunSpec run, Dataset data, TrainingListener deadline) {}
