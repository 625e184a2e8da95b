/** SavedModels: export, a model card, loading and classifying. */
@org.jspecify.annotations.NullMarked
package dev.mlit.savedmodel;
