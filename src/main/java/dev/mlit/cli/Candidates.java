package dev.mlit.cli;

import dev.mlit.data.Datasets;
import dev.mlit.data.published.Catalogue;
import dev.mlit.data.published.PublishedDataset;
import dev.mlit.onnx.OnnxOutput;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Presets;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.SettingKeys;
import dev.mlit.spec.StudySpec;
import dev.mlit.zoo.Zoo;
import dev.mlit.zoo.ZooModel;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Model.ArgSpec;

/**
 * The names that an option or argument may have as its value: what a shell completes, and what a
 * mistyped option is compared with. They are looked up when they are asked for only, as picocli
 * makes these objects at every start.
 */
abstract class Candidates implements Iterable<String> {
  abstract List<String> names();

  /** Those of an option or argument; none where it was given no such names. */
  static List<String> of(ArgSpec argument) {
    Iterable<String> names = argument.completionCandidates();
    return names == null ? List.of() : StreamSupport.stream(names.spliterator(), false).toList();
  }

  @Override
  public final Iterator<String> iterator() {
    return names().iterator();
  }

  /** Of trained models that come along. */
  static final class Models extends Candidates {
    @Override
    List<String> names() {
      return Zoo.models().stream().map(ZooModel::name).toList();
    }
  }

  /** Of described models. */
  static final class PresetNames extends Candidates {
    @Override
    List<String> names() {
      return Presets.names();
    }
  }

  /** Of datasets that can be opened. */
  static final class DatasetNames extends Candidates {
    @Override
    List<String> names() {
      return Datasets.names();
    }
  }

  /** Of datasets that are published, which can be fetched and checked. */
  static final class PublishedNames extends Candidates {
    @Override
    List<String> names() {
      return Catalogue.all().stream().map(PublishedDataset::name).toList();
    }
  }

  /** Of what an ONNX file computes. */
  static final class Outputs extends Candidates {
    @Override
    List<String> names() {
      return Arrays.stream(OnnxOutput.values()).map(OnnxOutput::text).toList();
    }
  }

  /** Of the fields of a run. */
  static final class RunKeys extends Candidates {
    @Override
    List<String> names() {
      return SettingKeys.of(RunSpec.class);
    }
  }

  /** Of the fields of a model. */
  static final class ModelKeys extends Candidates {
    @Override
    List<String> names() {
      return SettingKeys.of(ModelSpec.class);
    }
  }

  /** Of the fields of a study. */
  static final class StudyKeys extends Candidates {
    @Override
    List<String> names() {
      return SettingKeys.of(StudySpec.class);
    }
  }
}
