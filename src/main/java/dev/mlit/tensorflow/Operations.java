package dev.mlit.tensorflow;

import org.tensorflow.ConcreteFunction;
import org.tensorflow.DeviceSpec;
import org.tensorflow.ExecutionEnvironment;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.OperationBuilder;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.Scope;

/**
 * Adds operations to graphs, under names that are the same in every locale. TensorFlow Java numbers
 * names in the digits of the locale, such as {@code Const_١} in Arabic, which TensorFlow refuses.
 *
 * @since 0.1.0
 */
public final class Operations {
  private Operations() {}

  /** As {@link Ops#create}, which nothing else calls. */
  public static Ops of(Graph graph) {
    return Ops.create(new Environment(graph));
  }

  /** A graph whose names are in plain digits; asked for nothing else. */
  private record Environment(Graph graph) implements ExecutionEnvironment {
    @Override
    public Scope baseScope() {
      return new PlainDigits(graph.baseScope());
    }

    @Override
    public OperationBuilder opBuilder(String type, String name, Scope scope) {
      return graph.opBuilder(type, name, scope);
    }

    @Override
    public void attachFunction(ConcreteFunction function) {
      graph.attachFunction(function);
    }

    @Override
    public void checkInput(Operation input) {
      graph.checkInput(input);
    }

    @Override
    public Types environmentType() {
      return graph.environmentType();
    }

    @Override
    public boolean isInitializer(Operation operation) {
      return graph.isInitializer(operation);
    }
  }

  /** A scope that writes the numbers of another's names in the digits 0 to 9. */
  private record PlainDigits(Scope scope) implements Scope {
    private static String plain(String name) {
      StringBuilder plain = new StringBuilder(name.length());
      name.codePoints()
          .forEach(
              c -> {
                if (Character.isDigit(c)) {
                  plain.append(Character.digit(c, 10));
                } else {
                  plain.appendCodePoint(c);
                }
              });
      return plain.toString();
    }

    @Override
    public ExecutionEnvironment env() {
      return scope.env();
    }

    @Override
    public Scope withSubScope(String name) {
      return new PlainDigits(scope.withSubScope(name));
    }

    @Override
    public Scope withName(String name) {
      return new PlainDigits(scope.withName(name));
    }

    @Override
    public Scope withNameAsSubScope(String name) {
      return new PlainDigits(scope.withNameAsSubScope(name));
    }

    @Override
    public Scope withDevice(DeviceSpec device) {
      return new PlainDigits(scope.withDevice(device));
    }

    @Override
    public Scope withInitScope() {
      return new PlainDigits(scope.withInitScope());
    }

    @Override
    public String makeOpName(String name) {
      return plain(scope.makeOpName(name));
    }

    @Override
    public String makeUnique(String id) {
      return plain(scope.makeUnique(id));
    }

    @Override
    public void refreshNames() {
      scope.refreshNames();
    }

    @Override
    public Scope withControlDependencies(Iterable<Op> controls) {
      return new PlainDigits(scope.withControlDependencies(controls));
    }

    @Override
    public Scope withControlDependencyOps(Iterable<Operation> controls) {
      return new PlainDigits(scope.withControlDependencyOps(controls));
    }

    @Override
    public OperationBuilder apply(OperationBuilder builder) {
      return scope.apply(builder);
    }

    @Override
    public String getDeviceString() {
      return scope.getDeviceString();
    }

    @Override
    public boolean isInit() {
      return scope.isInit();
    }
  }
}
