package dev.mlit.savedmodel;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;

/** The {@code saved_model.pb} of a directory. */
final class SavedModelFile {
  static final String NAME = "saved_model.pb";

  private SavedModelFile() {}

  /**
   * Reads the graph with the tag {@code serve}.
   *
   * @throws InvalidInputException if there is none, or the file is damaged
   */
  static MetaGraphDef read(Path directory) {
    Path file = directory.resolve(NAME);
    try (InputStream in = Files.newInputStream(file)) {
      CodedInputStream coded = CodedInputStream.newInstance(in);
      coded.setSizeLimit(Integer.MAX_VALUE);
      SavedModel model = SavedModel.parseFrom(coded);
      List<MetaGraphDef> served =
          model.getMetaGraphsList().stream()
              .filter(graph -> graph.getMetaInfoDef().getTagsList().contains("serve"))
              .toList();
      if (served.isEmpty()) {
        throw new InvalidInputException(
            file
                + ": a damaged SavedModel: it has no graph with the tag serve"
                + (model.getMetaGraphsCount() == 0
                    ? ""
                    : ", but " + model.getMetaGraphs(0).getMetaInfoDef().getTagsList()));
      }
      return served.get(0);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidInputException(
          file + ": a damaged SavedModel, it may be truncated: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
