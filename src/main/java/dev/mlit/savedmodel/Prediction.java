package dev.mlit.savedmodel;

/**
 * What a classifier says of an image.
 *
 * @param index the class, counted from 0
 * @param label the name of the class
 * @param probability in [0, 1]
 * @since 0.1.0
 */
public record Prediction(int index, String label, double probability) {}
