/**
 * Writes models as ONNX files, by themselves, without TensorFlow and Python: {@code
 * dev.mlit.Mlit.exportOnnx}.
 *
 * <p>A graph is made from the description of a model and its weights, as the one of TensorFlow in
 * {@code dev.mlit.model} is, which these layers follow class by class; the operators are those of
 * ONNX (https://onnx.ai/onnx/operators), of operator set 17 and IR version 8, which every ONNX
 * Runtime since 1.12 reads. Between layers tokens are a matrix: [batch * tokens, width], one row
 * for every token, the tokens of an image one after the other.
 *
 * <p>What would be computed from weights only, such as the kernel of all experts, is written as
 * operators on the weights: the file has every variable once, by its name, and a runtime folds such
 * constants when it loads the file.
 *
 * <p>The classes of the file format, generated from onnx.proto, are those of Tribuo, an optional
 * dependency: {@code org.tribuo:tribuo-util-onnx:4.3.2} beside mlit. It is 0.4 MB large and needs
 * nothing but the protobuf library that TensorFlow needs too.
 */
@NullMarked
package dev.mlit.onnx;

import org.jspecify.annotations.NullMarked;
