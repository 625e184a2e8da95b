package dev.mlit.weights;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.mlit.files.ModelLayout;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;

/**
 * The {@code saved_model.pb} of a directory, read as data. Its graph is passed over: what a model
 * computes follows from its description, and a stranger's graph may do anything that a program may.
 *
 * @since 0.1.0
 */
public final class SavedModelFile {
  private static final int SCHEMA_VERSION = 1;

  /** What is kept of a file: parsed, it is longer. */
  private static final long MOST_BYTES = Math.min(1 << 27, Runtime.getRuntime().maxMemory() / 32);

  private final Path file;
  private long kept;

  private SavedModelFile(Path file) {
    this.file = file;
  }

  /**
   * Reads what is said of the graph with the tag {@code serve}: its signatures, collections and
   * objects.
   *
   * @return without the graph
   * @throws InvalidInputException if there is none, or the file is damaged
   */
  public static MetaGraphDef read(Path directory) {
    Path file = directory.resolve(ModelLayout.GRAPH);
    try (InputStream in = Files.newInputStream(file)) {
      CodedInputStream coded = CodedInputStream.newInstance(in);
      coded.setSizeLimit(Integer.MAX_VALUE);
      return new SavedModelFile(file).served(coded);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidInputException(
          file + ": a damaged SavedModel, it may be truncated: " + e.getMessage(), e);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
  }

  private MetaGraphDef served(CodedInputStream in) throws IOException {
    MetaGraphDef served = null;
    List<String> others = null;
    long version = SCHEMA_VERSION;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int field = WireFormat.getTagFieldNumber(tag);
      if (field == SavedModel.META_GRAPHS_FIELD_NUMBER && isBytes(tag)) {
        MetaGraphDef graph = graph(in);
        List<String> tags = List.copyOf(graph.getMetaInfoDef().getTagsList());
        if (tags.contains("serve")) {
          served = served == null ? graph : served;
        } else if (others == null) {
          others = tags;
        }
      } else if (field == SavedModel.SAVED_MODEL_SCHEMA_VERSION_FIELD_NUMBER
          && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
        version = in.readInt64();
      } else {
        skip(in, tag);
      }
    }
    if (version != SCHEMA_VERSION) {
      throw damaged("its schema version is " + version + ", must be " + SCHEMA_VERSION);
    }
    if (served == null) {
      throw noneServed(others);
    }
    return served;
  }

  private InvalidInputException noneServed(@Nullable List<String> others) {
    return damaged(
        "it has no graph with the tag serve" + (others == null ? "" : ", but " + others));
  }

  private InvalidInputException damaged(String problem) {
    return new InvalidInputException(file + ": a damaged SavedModel: " + problem);
  }

  private static boolean isBytes(int tag) {
    return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  /** A graph's message without the operations in it. */
  private MetaGraphDef graph(CodedInputStream in) throws IOException {
    int oldLimit = in.pushLimit(in.readRawVarint32());
    ByteString.Output bytes = ByteString.newOutput();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!isBytes(tag) || isLeftOut(WireFormat.getTagFieldNumber(tag))) {
        skip(in, tag);
        continue;
      }
      int length = in.readRawVarint32();
      kept += Math.max(0, length);
      if (kept > MOST_BYTES) {
        throw damaged(
            "it says more than "
                + MOST_BYTES
                + " bytes beside its graph, too much for the memory that Java may take");
      }
      out.writeUInt32NoTag(tag);
      byte[] value = in.readRawBytes(length);
      out.writeUInt32NoTag(length);
      out.writeRawBytes(value);
    }
    in.popLimit(oldLimit);
    out.flush();
    return MetaGraphDef.parseFrom(bytes.toByteString());
  }

  private static boolean isLeftOut(int field) {
    return field == MetaGraphDef.GRAPH_DEF_FIELD_NUMBER
        || field == MetaGraphDef.SAVER_DEF_FIELD_NUMBER
        || field == MetaGraphDef.ASSET_FILE_DEF_FIELD_NUMBER;
  }

  /** Passes over a field; groups, which may hold each other without end, no SavedModel has. */
  private void skip(CodedInputStream in, int tag) throws IOException {
    int type = WireFormat.getTagWireType(tag);
    if (type == WireFormat.WIRETYPE_START_GROUP || !in.skipField(tag)) {
      throw damaged("a field of it is none of a SavedModel");
    }
  }
}
